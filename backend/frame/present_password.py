"""*Your Password*: a form that asks for the password of the person who fills it in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal.httpkit import authenticated_user
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backend.frame import session
from backend.frame.reauthentication import confirm

FIELD = "present_password"
# The answer is kept with the request: each wrong password counts once.
_KNOWN = "_has_present_password"


def is_right(request: HttpRequest) -> bool:
    """Return whether the person who is signed in sent their own password with this form.

    Wrong ones count as at the sign-in. The right one gives the session a new key. Call it before a transaction begins:
    hashing takes time on purpose, and the key must not go back to the former one with the rest.
    """
    known = vars(request)
    if _KNOWN not in known:
        known[_KNOWN] = _is_right(request)
    return bool(known[_KNOWN])


def _is_right(request: HttpRequest) -> bool:
    typed = request.POST.get(FIELD, "")
    try:
        found: bool = bool(typed) and get_adapter().reauthenticate(authenticated_user(request), typed)
    except ValidationError:
        # There were too many tries.
        return False
    if found:
        # As on the page that asks again: who has stolen the key may not do what the person may do now.
        session.of(request).renew_key()
        confirm(request)
    return found


class PresentPasswordForm(forms.Form):
    """Asks for the password of the person who sends it in `request`, None where nothing was sent."""

    present_password = forms.CharField(
        label=_("Your Password"),
        strip=False,
        help_text=_("Needed for every change, so that nobody else makes one at your desk."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_present_password(self) -> str:
        """Return the password. Raises ValidationError where it is wrong, or there were too many tries."""
        typed: str = self.cleaned_data[FIELD]
        if self.request is None or not is_right(self.request):
            raise ValidationError(
                _(
                    "The password is not right, or there were too many tries. Nothing was changed. After several tries "
                    "wait a few minutes."
                )
            )
        return typed
