"""The form field of a name, for people and programs alike."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from saas.choices import NAME_LENGTH


def validate_printable(text: str) -> None:
    """Raise ValidationError where `text` has control characters or half a surrogate pair."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValidationError(_("Line breaks and other control characters cannot be part of a name. Remove them."))


class NameField(forms.CharField):
    """A name: 1 to 255 printable characters after trimming."""

    default_validators = [validate_printable]

    def __init__(self, label: Any = None, help_text: Any = "") -> None:
        widget = forms.TextInput({"autocomplete": "off"})
        super().__init__(label=label, help_text=help_text, max_length=NAME_LENGTH, widget=widget)
