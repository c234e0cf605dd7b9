"""The forms of passkeys: allauth's, with our limits and our log, and a refusal for anything that is no passkey."""

import json
import struct
from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, EditWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backend.frame.fields import validate_visible
from backend.people.second_factor.forms import begin_try, note_refusal, refused

# What a browser sends has about 1 kB, with the certificates of a security key about 4 kB.
LONGEST = 20_000
MOST = 10
# The longest is -65535, an algorithm, with its sign.
LONGEST_NUMBER = 6
# What reading a malformed credential raises: fido2 documents none of it.
MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def _small(digits: str) -> int:
    """Return a number. Raises ValueError where it is larger than any that a browser sends."""
    if len(digits) > LONGEST_NUMBER:
        message = "No number of a passkey is that large."
        raise ValueError(message)
    return int(digits)


class _Decoder(json.JSONDecoder):
    """Reads small numbers only: fido2 turns a number where it expects text into that many bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, parse_int=_small)


class CredentialField(forms.JSONField):
    """A passkey as the browser sends it, in JSON."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, decoder=_Decoder)

    def to_python(self, value: Any) -> Any:
        """Return it as a dictionary. Raises ValidationError."""
        try:
            read = super().to_python(value) if len(str(value or "")) <= LONGEST else None
        except (RecursionError, ValueError):
            # Endless brackets, or a number of more digits than Python reads.
            read = None
        if not isinstance(read, dict):
            raise refused()
        return read

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002  (the framework's signature)
        """Return nothing to send back: the page needs a new one anyway."""
        return None


class PasskeyNameField(forms.CharField):
    """What a person calls a passkey."""

    default_validators = [validate_visible]

    def __init__(self, *, required: bool = True) -> None:
        help_text = _("How you recognise it later, such as the device that has it.")
        super().__init__(label=_("Name"), max_length=60, required=required, help_text=help_text)


class AddPasskeyForm(AddWebAuthnForm):
    """Adds a passkey under a name of its own."""

    name = PasskeyNameField(required=False)
    credential = CredentialField()

    def clean(self) -> dict[str, Any]:
        """Check the passkey. Raises ValidationError where it is none for this site, or where there are too many."""
        if Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN).count() >= MOST:
            text = _("You have %(count)s passkeys, which is the most. Remove one first.")
            raise ValidationError(text, "too_many", {"count": MOST})
        try:
            cleaned: dict[str, Any] = super().clean()
        except MALFORMED:
            raise refused() from None
        if credential := cleaned.get("credential"):
            cleaned["credential"] = _needed(credential)
        return cleaned


def _needed(credential: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a new passkey that are stored. A program could send more."""
    response = {name: credential["response"][name] for name in ("clientDataJSON", "attestationObject")}
    return {name: credential[name] for name in ("id", "rawId", "type")} | {"response": response}


class RenamePasskeyForm(EditWebAuthnForm):
    """Gives a passkey another name."""

    name = PasskeyNameField()


class PasskeyForm(AuthenticateWebAuthnForm):
    """Asks for a passkey after the password."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Return the passkey. Raises ValidationError where it is wrong, or after too many tries."""
        sent = self.cleaned_data["credential"]
        person: User | None = self.user or _owner(sent)
        take_back = begin_try(person.get_username() if person else "")
        try:
            auth.parse_authentication_response(sent)
            passkey: Authenticator | None = auth.complete_authentication(person, sent) if person else None
        except (ValidationError, *MALFORMED):
            passkey = None
        if passkey is None or person is None or not person.is_active:
            note_refusal(person)
            raise refused()
        take_back()
        passkey.user = person
        return passkey


class PasskeyAgainForm(PasskeyForm):
    """Asks for a passkey of somebody who is signed in."""

    reauthenticated = True


class PasskeyAloneForm(PasskeyForm):
    """Asks for a passkey in place of the password: the device has checked a fingerprint, a face or a PIN."""

    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=None, **kwargs)


def _owner(sent: dict[str, Any]) -> User | None:
    """Return the person whom a passkey names, None where that is nobody."""
    try:
        return cast("User", auth.extract_user_from_response(sent))
    except (ValidationError, *MALFORMED):
        return None
