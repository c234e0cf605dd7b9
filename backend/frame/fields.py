"""Form fields and checks for every app."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 255
# For search fields: a browser does not send a value that does not match, so no address holds a key.
NO_KEY: Mapping[str, Any] = {
    "pattern": r"(?!.*(?<!SHA256:)(?<![A-Za-z0-9+\/=])[A-Za-z0-9+\/=]{40}).*",
    "title": _("No part of a key: what you search for becomes part of the address, which browsers and servers record."),
}
# Control, format (they hide or turn text around), half a surrogate pair, private use, unassigned, line ends.
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def validate_visible(text: str) -> None:
    """Raise ValidationError where `text` has line breaks, or characters that hide or turn those beside them."""
    if any(unicodedata.category(character) in UNPRINTABLE for character in text):
        raise forms.ValidationError(
            _("A name is one line of visible characters. Remove line breaks and invisible ones.")
        )


class NameField(forms.CharField):
    """A label: one line of up to 255 visible characters."""

    default_validators = [validate_visible]

    def __init__(self, label: Any) -> None:
        super().__init__(label=label, max_length=NAME_LENGTH, widget=forms.TextInput({"autocomplete": "off"}))
