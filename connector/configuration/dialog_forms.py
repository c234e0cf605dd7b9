"""The forms of the dialogs: what they ask for, a confirmation or a name."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.frame.fields import NameField
from connector.configuration import protection
from connector.configuration.fields import ID


class DialogForm(forms.Form):
    """What a dialog asks for; `seen_revision` is the revision that it was rendered from."""

    seen_revision = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)


class ConfirmForm(DialogForm):
    """Confirms that something is removed, erased or replaced.

    `insist` restores a pair that is not verified in place of one that is. `erase` removes a pair for good.
    """

    confirmation = forms.CharField(required=False, max_length=255)
    insist = forms.BooleanField(label=gettext_lazy("Restore the former pair all the same."), required=False)
    erase = forms.BooleanField(required=False)

    def __init__(self, data: Any, *names: str) -> None:
        """Ask for one of `names` to be typed; without names, nothing has to be typed."""
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
        self.fields[name] = NameField(gettext_lazy("Name"))


class CloudIdForm(forms.Form):
    """Asks for the id of a cloud project."""

    cloud_id = forms.RegexField(
        rf"\A{ID.pattern}\Z",
        strip=True,
        error_messages={
            "invalid": gettext_lazy("A cloud id is up to 64 letters, digits, hyphens and underscores. Nothing was set.")
        },
    )
