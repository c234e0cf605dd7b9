"""The forms of the dialogs, and of the check of a pasted key."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.frame.fields import NameField
from connector.configuration import protection
from connector.configuration.fields import ApiKeyField, PrivateKeyField, put_together
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import StaleRevisionError
from connector.keys.paste import Pasted
from connector.keys.pem import PrivateKey


class EnvironmentForm(forms.Form):
    """Names one environment."""

    environment = forms.TypedChoiceField(choices=Environment.choices, coerce=Environment)


class MoveForm(EnvironmentForm):
    """Names the environment whose pair is moved, and confirms that this switches the active environment."""

    switches = forms.BooleanField(required=False)


class DialogForm(forms.Form):
    """What a dialog asks for; `seen_revision` is the one that it was rendered from."""

    seen_revision = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def require_current(self, stored: Connection) -> None:
        """Raise StaleRevisionError if the stored state has changed since the dialog was rendered."""
        if self.cleaned_data["seen_revision"] not in {"", str(stored.instance.revision)}:
            raise StaleRevisionError


class ConfirmForm(DialogForm):
    """Confirms what takes something away.

    `insist` restores a pair that is not verified in place of one that is. `erase` removes a pair for good.
    """

    confirmation = forms.CharField(required=False, max_length=255)
    insist = forms.BooleanField(label=_("Restore the former pair all the same."), required=False)
    erase = forms.BooleanField(required=False)

    def __init__(self, data: Any, *names: str) -> None:
        """Ask for one of `names` to be typed; without names nothing has to be."""
        self.names = names
        super().__init__(data)

    def clean_confirmation(self) -> str:
        """Compare what was typed with the names, whatever its case."""
        typed: str = self.cleaned_data["confirmation"]
        if self.names and not any(protection.is_typed(typed, name) for name in self.names):
            raise forms.ValidationError(_("This is not the name that was asked for. Nothing was changed."))
        return typed


class NameForm(DialogForm):
    """Asks for a name, in the field `name`."""

    def __init__(self, data: Any, name: str) -> None:
        super().__init__(data)
        self.fields[name] = NameField(_("Name"))


class CheckKeyForm(EnvironmentForm):
    """Says what the two key fields of one environment hold, before anything is saved. It keeps nothing.

    `checked` is the private key that was pasted into either field, and `api_key_beside` the API key in one text with
    it. `is_stored` means that it is the stored one already; `other_environment` names the other one if that has it.
    """

    api_key = ApiKeyField(_("API key"))
    private_key = PrivateKeyField(_("Private key"))
    checked: PrivateKey | None = None
    api_key_beside = ""
    is_stored = False
    other_environment = ""

    def __init__(self, connection: Connection, data: Any) -> None:
        super().__init__(data)
        self.connection = connection

    def clean(self) -> dict[str, Any]:
        """Put the halves together as a save would; an API key that is not finished yet takes nothing from the rest."""
        cleaned = super().clean() or self.cleaned_data
        if "environment" not in cleaned:
            return cleaned
        fields = [cleaned.get(name, Pasted()) for name in ("private_key", "api_key")]
        if fields[0].private_key:
            self.errors.pop("api_key", None)
        slot = self.connection.slots[cleaned["environment"]]
        other = self.connection.slots[cleaned["environment"].other]
        pasted = put_together(self, "api_key", "private_key", slot.api_key)
        if pasted and pasted.private_key:
            self.checked, fingerprint = pasted.private_key, pasted.private_key.fingerprint
            self.api_key_beside = next((field.api_key for field in fields if field.private_key and field.api_key), "")
            self.is_stored = fingerprint == slot.fingerprint
            self.other_environment = str(other.environment.label) if fingerprint == other.fingerprint else ""
        return cleaned

    @property
    def mistake(self) -> str:
        """Why a save would refuse what was pasted; empty where it would not."""
        errors = (error for name in ("private_key", "api_key") for error in self.errors.get(name, []))
        return str(next(errors, ""))
