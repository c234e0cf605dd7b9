"""The fields that environment variables lock: they keep their value, and say which variable sets it."""

from collections.abc import Container

from django import forms
from django.utils.translation import gettext as _

from connector.environment import Environment

_OTHER_HALF = {"api_key": "private_key", "private_key": "api_key"}


def lock(form: forms.Form, variables: Container[str]) -> None:
    """Lock the fields of `form` that `variables` set, and the half of a pair beside a half that they set."""
    for name, field in form.fields.items():
        variable = _locked_by(name, variables)
        if not variable:
            continue
        text = _("Set by the environment variable %(variable)s. Change it there and restart the server.")
        if variable != name:
            text = _(
                "Locked because the environment variable %(variable)s sets the other half of the pair. Set this half "
                "with %(own)s too, and restart the server."
            )
        names = {"variable": f"CONNECTOR_{variable.upper()}", "own": f"CONNECTOR_{name.upper()}"}
        field.disabled = True
        field.locked_reason = text % names  # type: ignore[attr-defined]  # a template's
        if name.endswith("_private_key"):
            field.help_text = ""  # It is of no use to say how to paste.


def _locked_by(name: str, variables: Container[str]) -> str:
    """Return which of `variables` locks the field `name`: its own, or that of the pair's other half; empty if none."""
    if name in variables:
        return name
    environment, _separator, half = name.partition("_")
    beside = f"{environment}_{_OTHER_HALF.get(half, '')}"
    return beside if environment in Environment and beside in variables else ""
