"""The forms of second factors: allauth's, with our limits, our log, and codes that the database knows as used."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.utils import decrypt, encrypt
from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from backend.audit import actor
from backend.audit.action_log import facts, record
from backend.people import sign_in_log
from backend.people.actions import Action, Refusal
from backend.people.second_factor import codes


class CodeField(forms.CharField):
    """A code that somebody types."""

    def __init__(self) -> None:
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        super().__init__(label=_("Code"), max_length=40, widget=forms.TextInput(attributes))


def begin_try(person_name: str) -> Callable[[], None]:
    """Count a try as one with a password is counted; return what takes it back. Raises ValidationError after too many.

    A wrong code and a wrong password share their limits: somebody who has one of them cannot guess at the other
    without a limit.
    """
    adapter = get_account_adapter(context.request)
    adapter.pre_authenticate(context.request, username=person_name)
    take_back: Callable[[], None] = adapter._rollback_login_failed_rl_usage  # noqa: SLF001  (allauth calls it after a right password)
    return take_back


def note_refusal(person: User | None) -> None:
    """Log that a code or a passkey was wrong, at the sign-in or where somebody was asked again who they are."""
    if context.request.user.is_authenticated:
        sign_in_log.note_refusal(context.request, Refusal.SECOND_FACTOR)
        return
    who = actor.of(context.request, person)
    record(Action.SIGN_IN_FAILED, refusal=Refusal.SECOND_FACTOR.value, who=who)


def refused() -> forms.ValidationError:
    """Return the error of a wrong code or passkey: the same for every reason."""
    reason = "incorrect_code"
    error: forms.ValidationError = get_adapter().validation_error(reason)
    return error


class _UsedUp:
    """Checks the code of a form, and uses it up."""

    user: User
    cleaned_data: dict[str, Any]
    authenticator: Authenticator
    _emit_authentication_failed: Callable[[Authenticator], None]

    def clean_code(self) -> str:
        """Return the code. Raises ValidationError where it is wrong, was used before, or after too many tries."""
        take_back = begin_try(self.user.get_username())
        code: str = self.cleaned_data["code"]
        # Somebody may have made them inactive since they typed their password.
        factor = codes.use(self.user, code) if self.user.is_active else None
        if factor is None:
            note_refusal(self.user)
            raise refused()
        take_back()
        if factor.type == Authenticator.Type.RECOVERY_CODES:
            who, left = actor.of(context.request, self.user), codes.left(factor)
            record(Action.RECOVERY_CODE_USED, self.user.get_username(), after=facts(codes_left=left), who=who)
        factor.user = self.user
        self.authenticator = factor
        return code


class CodeForm(_UsedUp, AuthenticateForm):
    """Asks for a code after the password."""

    code = CodeField()


class CodeAgainForm(_UsedUp, ReauthenticateForm):
    """Asks for a code of somebody who is signed in."""

    code = CodeField()


class ActivateForm(ActivateTOTPForm):
    """Asks for the first code of an authenticator app."""

    code = CodeField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        # allauth would keep the secret in the session as it is, and make another one each time the page opens.
        forms.Form.__init__(self, *args, **kwargs)
        self.user = user
        session = context.request.session
        if SECRET_SESSION_KEY not in session:
            session[SECRET_SESSION_KEY] = encrypt(generate_totp_secret())
        self.secret = decrypt(session[SECRET_SESSION_KEY])

    def clean_code(self) -> str:
        """Return the code. Raises ValidationError where the app shows another one now."""
        code: str = self.cleaned_data["code"]
        self.step = codes.step_of(self.secret, code)
        if not self.step:
            text = _(
                "This is not the code that the app shows now. Check the clock of your device, then type the next one."
            )
            raise forms.ValidationError(text)
        return code
