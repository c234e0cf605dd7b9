"""Form fields and checks for every app."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.renderers import BaseRenderer
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from backend.frame.normal_form import normal_form

NAME_LENGTH = 255
# So many characters of what is not a date are repeated.
MOST_OF_A_DATE = 20
# For search fields: a browser does not send a value that does not match, so no address holds a key.
NO_KEY: Mapping[str, Any] = {
    "pattern": r"(?!.*(?<!SHA256:)(?<![A-Za-z0-9+\/=])[A-Za-z0-9+\/=]{40}).*",
    "title": _("No part of a key: what you search for becomes part of the address, which browsers and servers record."),
}
SEARCH_ERRORS: Mapping[str, Any] = {
    "null_characters_not_allowed": _("There is an invisible character in this. Remove it, or type the text again."),
}
# Control, format (they hide or turn text around), half a surrogate pair, private use, unassigned, line ends.
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def validate_visible(text: str) -> None:
    """Raise ValidationError where `text` has line breaks, or characters that hide or turn those beside them."""
    if any(unicodedata.category(character) in UNPRINTABLE for character in text):
        raise forms.ValidationError(
            _("A name is one line of visible characters. Remove line breaks and invisible ones.")
        )


def visible(text: str) -> str:
    """Return `text` as people see it: usual letters, single spaces, and no characters without a shape.

    Source: Unicode Standard Annex 15 (NFKC), and its general category Cf for characters without a shape.
    """
    if text.isascii():
        return " ".join(text.split())
    usual = normal_form("NFKC", text)
    # Looking at each of the different characters once takes little time and memory for a text of any length.
    shapeless = [character for character in set(usual) if unicodedata.category(character) == "Cf"]
    shown = usual.translate(dict.fromkeys(map(ord, shapeless))) if shapeless else usual
    return " ".join(shown.split())


class NameField(forms.CharField):
    """A label: one line of up to 255 visible characters."""

    default_validators = [validate_visible]

    def __init__(self, label: Any = None, help_text: Any = "") -> None:
        widget = forms.TextInput({"autocomplete": "off"})
        super().__init__(label=label, help_text=help_text, max_length=NAME_LENGTH, widget=widget)


class DayField(forms.DateField):
    """A day in the browser's own control.

    The control reads and sends ISO 8601 and looks empty with anything else, so nothing else is a date.
    """

    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    input_formats = ["%Y-%m-%d"]
    default_error_messages = {
        "invalid": _("“%(value)s” is not a date. Choose one in the field, or empty it."),
        "min_value": _("This is too early. Choose a day from the year 2000 on, or empty the field."),
        "max_value": _("This is too late. Choose a day before the year 2200, or empty the field."),
    }
    default_validators = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]

    def to_python(self, value: Any) -> date | None:
        """Return the day, None where the field is empty. The message repeats what is not one: the control cannot."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            sent = {"value": Truncator(value).chars(MOST_OF_A_DATE)}
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params=sent) from None

    def bound_data(self, data: Any, _initial: Any) -> Any:
        """Return what the control shows. It reads 2026-01-02, and 2026-1-2 would look empty."""
        try:
            return self.to_python(data)
        except forms.ValidationError:
            return data


class FixedSelect(forms.Select):
    """A select with the same few choices on every page. It is rendered once for each chosen value."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the control. Only a value that is one of the choices is cached."""
        choices = tuple((key, str(label)) for key, label in self.choices)
        value = "" if value is None else value
        if value not in dict(choices):
            return super().render(name, value, attrs, renderer)
        return _drawn(name, value, tuple(self.build_attrs(self.attrs, attrs).items()), choices)


@lru_cache(maxsize=64)
def _drawn(
    name: str, value: str, attrs: tuple[tuple[str, Any], ...], choices: tuple[tuple[str, str], ...]
) -> SafeString:
    return forms.Select(choices=choices).render(name, value, dict(attrs))
