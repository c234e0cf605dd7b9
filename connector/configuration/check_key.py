"""The form that says what was pasted into the key fields of one environment."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from connector.configuration import fields
from connector.configuration.forms import EnvironmentForm
from connector.connection import Connection
from connector.keys.paste import Pasted
from connector.keys.pem import PrivateKey


class CheckKeyForm(EnvironmentForm):
    """Says what the two key fields of one environment hold, before anything is saved. It keeps nothing.

    `checked` is the private key that was pasted into either field, and `api_key_beside` the API key in one text with
    it. `slot` is the stored pair of the environment, `other` that of the other one.
    """

    api_key = fields.ApiKeyField(_("API key"))
    private_key = fields.PrivateKeyField(_("Private key"))
    checked: PrivateKey | None = None
    api_key_beside = ""

    def __init__(self, connection: Connection, data: Any) -> None:
        super().__init__(data)
        self.connection = connection

    def clean(self) -> dict[str, Any]:
        """Put the halves together as a save would. A private key is checked even while its API key is incomplete."""
        cleaned = super().clean() or self.cleaned_data
        if "environment" not in cleaned:
            return cleaned
        halves = [cleaned.get(name, Pasted()) for name in ("private_key", "api_key")]
        if halves[0].private_key:
            self.errors.pop("api_key", None)
        self.slot = self.connection.slots[cleaned["environment"]]
        self.other = self.connection.slots[cleaned["environment"].other]
        pasted = fields.put_together(self, "api_key", "private_key", self.slot.api_key)
        if pasted and pasted.private_key:
            self.checked = pasted.private_key
            self.api_key_beside = next((half.api_key for half in halves if half.private_key and half.api_key), "")
        return cleaned

    @property
    def mistake(self) -> str:
        """Why a save would refuse what was pasted; empty where it would not."""
        errors = (error for name in ("private_key", "api_key") for error in self.errors.get(name, []))
        return str(next(errors, ""))
