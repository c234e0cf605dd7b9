"""The forms of the dialogs, and of the check of a pasted key."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.frame.fields import NameField
from connector.configuration import protection
from connector.configuration.fields import ApiKeyField, PrivateKeyField, put_together
from connector.connection import Connection
from connector.environment import Environment
from connector.keys.paste import Pasted
from connector.keys.pem import PrivateKey
from connector.slot import Slot


class EnvironmentForm(forms.Form):
    """Names one environment."""

    environment = forms.ChoiceField(choices=Environment.choices)

    def environment_value(self) -> Environment:
        """Return the environment that was named."""
        return Environment(self.cleaned_data["environment"])


class MoveForm(EnvironmentForm):
    """Names the environment whose pair is moved, and confirms that this switches the active environment."""

    switches = forms.BooleanField(required=False)


class ConfirmForm(forms.Form):
    """Confirms what takes something away. `seen_revision` is the one that the dialog was rendered from."""

    seen_revision = forms.CharField(required=False, max_length=20)
    confirmation = forms.CharField(required=False, max_length=255)

    def __init__(self, data: Any, names: Collection[str]) -> None:
        """Ask for one of `names` to be typed; without names nothing has to be."""
        self.names = names
        super().__init__(data)

    def clean_confirmation(self) -> str:
        """Compare what was typed with the names, whatever its case."""
        typed: str = self.cleaned_data["confirmation"]
        if self.names and not any(protection.is_typed(typed, name) for name in self.names):
            raise forms.ValidationError(_("This is not the name that was asked for. Nothing was changed."))
        return typed


class RestoreForm(ConfirmForm):
    """Confirms a restoration; `insist` accepts a pair that is not verified in place of one that is."""

    insist = forms.BooleanField(label=_("Restore the former pair all the same."), required=False)


class RemoveKeysForm(ConfirmForm):
    """Confirms the removal of a pair. `erase` means that it cannot be restored."""

    erase = forms.BooleanField(required=False)


class ProjectNameForm(forms.Form):
    """Names a project, new or renamed. `seen_revision` is the one that the form was rendered from."""

    project_name = NameField(_("Project name"))
    seen_revision = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)


class DataSpaceNameForm(forms.Form):
    """Renames a data space."""

    data_space_name = NameField(_("Data space name"))


class InstanceNameForm(forms.Form):
    """Names this instance."""

    instance_name = NameField(_("Instance name"))


class CheckKeyForm(EnvironmentForm):
    """Says what the two key fields of one environment hold, before anything is saved. It keeps nothing."""

    api_key = ApiKeyField(_("API key"))
    private_key = PrivateKeyField(_("Private key"))

    def __init__(self, connection: Connection, data: Any) -> None:
        super().__init__(data)
        self.connection = connection

    def clean(self) -> dict[str, Any]:
        """Put the halves together as a save would; an API key that is not finished yet takes nothing from the rest."""
        cleaned = super().clean() or self.cleaned_data
        if "environment" not in cleaned:
            return cleaned
        if cleaned.get("private_key", Pasted()).private_key:
            self.errors.pop("api_key", None)
        cleaned["pasted"] = put_together(self, "api_key", "private_key", self._slot.api_key)
        return cleaned

    @property
    def _slot(self) -> Slot:
        return self.connection.slots[self.environment_value()]

    @property
    def mistake(self) -> str:
        """Why a save would refuse what was pasted; empty where it would not."""
        errors = (error for name in ("private_key", "api_key") for error in self.errors.get(name, []))
        return str(next(errors, ""))

    @property
    def checked(self) -> PrivateKey | None:
        """The private key that was pasted into either field."""
        pasted = self.cleaned_data.get("pasted")
        return pasted.private_key if pasted else None

    @property
    def api_key_beside(self) -> str:
        """The API key that was in one text with the private key."""
        fields = (self.cleaned_data.get(name, Pasted()) for name in ("private_key", "api_key"))
        return next((pasted.api_key for pasted in fields if pasted.private_key and pasted.api_key), "")

    @property
    def is_stored(self) -> bool:
        """Whether this is the private key that is stored for the environment already."""
        return bool(self.checked and self.checked.fingerprint == self._slot.fingerprint)

    @property
    def other_environment(self) -> str:
        """The name of the other environment, where that has the same private key."""
        other = self.connection.slots[self.environment_value().other]
        is_there = self.checked and self.checked.fingerprint == other.fingerprint
        return str(other.environment.label) if is_there else ""
