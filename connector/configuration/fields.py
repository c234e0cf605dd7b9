"""The connector's form fields: what each takes, and what it never sends back."""

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.choices import flatten_choices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.frame.leaks import holds_key
from connector.keys import paste, repairs
from connector.keys.mistakes import MistakeError
from connector.keys.paste import Pasted

# An API key has 32 characters, a line of a private key has 64, and only the latter has the signs of base64.
HARMLESS = re.compile(r"[A-Za-z0-9 _-]{0,40}", re.ASCII)
ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_OTHER_HALF = {"api_key": "private_key", "private_key": "api_key"}
# Password managers and browsers must not be able to fill a key in.
NO_AUTOFILL = {
    "autocomplete": "off",
    "autocapitalize": "off",
    "autocorrect": "off",
    "spellcheck": "false",
    "data-1p-ignore": "",
    "data-bwignore": "",
    "data-form-type": "other",
    "data-lpignore": "true",
}


def may_be_secret(text: str) -> bool:
    """Return whether `text`, given as an API key, may be a private key or a part of one."""
    return HARMLESS.fullmatch(text.strip()) is None or holds_key(text)


def validate_id(text: str) -> None:
    """Raise ValidationError where `text` is no id of a project or data space. A key is none: refused ids are logged."""
    if not ID.fullmatch(text) or holds_key(text):
        raise forms.ValidationError(_("This is not the id of a project or data space. Choose one from the list."))


class ApiKeyField(forms.CharField):
    """The public half of a pair: 32 hexadecimal digits. A paste of both halves is taken apart."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            help_text=_("The public key of the pair, 32 characters, in full to compare with the API Portal."),
            widget=ApiKeyInput(attrs={**NO_AUTOFILL, "class": "mono"}),
        )

    def clean(self, value: Any) -> Pasted:
        """Return the key in lower case, and a private key that was pasted with it."""
        return _taken_apart(super().clean(value), paste.take_apart_api_key)


class ApiKeyInput(forms.TextInput):
    """A text field that does not send back what may be a private key."""

    def format_value(self, value: Any) -> str:
        return "" if may_be_secret(value or "") else super().format_value(value) or ""


class PrivateKeyField(forms.CharField):
    """The private half of a pair. What was typed is never sent back."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            strip=False,
            help_text=_("Paste the whole private key with its BEGIN and END lines."),
            widget=SecretTextarea(attrs={**NO_AUTOFILL, "class": "mono field-key", "rows": 4}),
        )

    def clean(self, value: Any) -> Pasted:
        """Return the key that was pasted, and an API key beside it."""
        text = super().clean(value)
        if not repairs.is_too_long(text):
            # A browser sends every line of a text area with CRLF, whatever was pasted.
            text = text.replace("\r\n", "\n")
        return _taken_apart(text, paste.take_apart)


def _taken_apart(text: str, take_apart: Callable[[str], Pasted]) -> Pasted:
    try:
        return take_apart(text) if text.strip() else Pasted()
    except MistakeError as error:
        raise forms.ValidationError(str(error.text), code=error.code) from None


class SecretTextarea(forms.Textarea):
    """A text area that is always rendered empty."""

    def format_value(self, value: Any) -> str:  # noqa: ARG002  (whatever it is, it stays here)
        """Return nothing to show."""
        return ""


class DataSpaceSelect(forms.Select):
    """Data spaces grouped by project; each option names its project, so that a page can show one project's only."""

    projects: Mapping[str, str]

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if option["value"]:
            option["attrs"]["data-value"] = self.projects.get(option["value"], "")
        return option


ANOTHER_API_KEY = _(
    "This text holds another API key than the API key field, so it is unclear which one you mean. "
    "Empty the API key field or leave the other one out of the text, then paste the private key again."
)
ANOTHER_PRIVATE_KEY = _(
    "This text holds another private key than the private key field, so it is unclear which one you mean. "
    "Enter the API key alone here, and paste the private key that belongs to it into its field."
)


def put_together(form: forms.Form, api_name: str, private_name: str, stored_api_key: str) -> Pasted | None:
    """Return what both key fields of `form` hold together; None if there is an error, or one is added here.

    Either field may hold both halves. A stored API key that is still in its field was not typed: an API key beside the
    private key replaces it.
    """
    if form.errors.keys() & {api_name, private_name}:
        return None
    upper, lower = (form.cleaned_data.get(name) or Pasted() for name in (api_name, private_name))
    if lower.api_key and upper.api_key not in {"", stored_api_key, lower.api_key}:
        form.add_error(private_name, forms.ValidationError(ANOTHER_API_KEY, code="another_api_key"))
    elif upper.private_key and lower.private_key not in {None, upper.private_key}:
        form.add_error(api_name, forms.ValidationError(ANOTHER_PRIVATE_KEY, code="another_private_key"))
    else:
        return Pasted(lower.api_key or upper.api_key, upper.private_key or lower.private_key)
    return None


def lock(form: forms.Form, variables: Container[str]) -> None:
    """Lock the fields of `form` that `variables` set, and the half of a pair beside a half that they set."""
    for name, field in form.fields.items():
        environment, _separator, half = name.partition("_")
        beside = f"{environment}_{_OTHER_HALF[half]}" if half in _OTHER_HALF else name
        variable = name if name in variables else beside
        if variable not in variables:
            continue
        text = gettext("Set by the environment variable %(variable)s. Change it there and restart the server.")
        if variable != name:
            text = gettext(
                "Locked because the environment variable %(variable)s sets the other half of the pair. Set this half "
                "with %(own)s too, and restart the server."
            )
        names = {"variable": f"CONNECTOR_{variable.upper()}", "own": f"CONNECTOR_{name.upper()}"}
        field.disabled = True
        field.locked_reason = text % names  # type: ignore[attr-defined]  # a template's
        if half == "private_key":
            field.help_text = ""  # Nothing can be pasted here.


@dataclass(frozen=True)
class Conflict:
    """A field whose stored value and typed value differ."""

    label: str
    stored: str
    typed: str


def conflict(form: forms.Form, name: str) -> Conflict | None:
    """Return how the value that was sent for the field `name` differs from the stored one.

    A secret is shown as *changed*.
    """
    field, sent = form.fields[name], form.data.get(name, "").strip()
    label, stored = str(field.label or name), str(form.initial.get(name) or "")
    if name.endswith("_private_key"):
        return Conflict(label, gettext("as stored"), gettext("changed")) if sent else None
    if name not in form.data or sent == stored:
        return None
    return Conflict(label, _shown(field, stored), _shown(field, sent))


def _shown(field: forms.Field, value: str) -> str:
    """Return what a person knows `value` by. Of a choice that is not on offer, say only that it is another one."""
    choices: Any = getattr(field.widget, "choices", ())
    titles: dict[Any, Any] = dict(flatten_choices(choices))
    if not value:
        return gettext("empty")
    if value in titles:
        return str(titles[value])
    return gettext("changed") if choices or may_be_secret(value) else value
