"""Account Setting: what people change of themselves, each time with their present password."""

from collections.abc import Callable
from typing import Any

from allauth.decorators import rate_limit
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.audit.action_log import facts, record
from backend.people.actions import Action
from backend.people.forms import PASSWORD_RULES, require_visible


class Request(HttpRequest):
    """A request behind the sign-in."""

    user: User
    restore: Callable[[forms.BaseForm], None]


class AccountSettingForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no type argument at run time
    """Changes the names, the address and the password of the person who fills it in."""

    # What was typed before somebody else signed in is not put into their form.
    whose = forms.CharField(required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("New password, again"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    present_password = forms.CharField(
        label=_("Your present password"),
        strip=False,
        help_text=_("Needed for every change, so that nobody else makes one at your desk."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        labels = {"first_name": _("First name"), "last_name": _("Last name"), "email": _("Email")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["whose"] = self.instance.pk
        # Put together here, where the language of who asks is known.
        rules = _("%(rules)s Leave both fields empty to keep the present one.") % {"rules": PASSWORD_RULES}
        self.fields["password"].help_text = rules
        require_visible(self)

    def clean_present_password(self) -> str:
        """Return it if it is the right one."""
        typed: str = self.cleaned_data["present_password"]
        if not self.instance.check_password(typed):
            raise ValidationError(_("This is not your present password. Nothing was changed."))
        return typed

    def clean(self) -> dict[str, Any]:
        """Check the new password as it was typed twice."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = cleaned.get("password", "")
        if typed != cleaned.get("password_again", ""):
            self.add_error("password_again", _("The two passwords differ. Type the same one in both fields."))
        elif typed:
            try:
                validate_password(typed, User(username=self.instance.username, **self._names()))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def _names(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in self.Meta.fields}

    @transaction.atomic
    def save(self, commit: bool = True) -> User:  # noqa: ARG002, FBT001, FBT002  (the framework's signature)
        """Save and log it; of a password only that it is new."""
        stored = User.objects.get(pk=self.instance.pk)
        columns, new = [*self.Meta.fields], ""
        if self.cleaned_data["password"]:
            self.instance.set_password(self.cleaned_data["password"])
            columns, new = [*columns, "password"], "changed"
        # Whoever manages this person may be changing the rest of the row at the same time.
        self.instance.save(update_fields=columns)
        before, after = _facts(stored), _facts(self.instance, password=new)
        if before != after:
            record(Action.USER_CHANGED, stored.username, before=before, after=after)
        person: User = self.instance
        return person


def _facts(person: User, password: str = "") -> str:
    return facts(user_name=person.username, name=person.get_full_name(), email=person.email, password=password)


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="change_password")  # type: ignore[no-untyped-call, untyped-decorator]  # allauth has no types
@sensitive_post_parameters("password", "password_again", "present_password")
def account_setting(request: Request) -> HttpResponse:
    """Show what people may change of themselves, or change it."""
    # The form works on a copy: the frame goes on showing the person as stored.
    form = AccountSettingForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    request.restore(form)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/account_setting.html", {"form": form})
    update_session_auth_hash(request, form.save())
    messages.success(request, _("Your account was saved."))
    return redirect("account_setting")
