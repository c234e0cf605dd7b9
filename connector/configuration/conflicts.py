"""Where the form that a person sent differs from what somebody else saved meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from connector.configuration.fields import may_be_secret


@dataclass(frozen=True)
class Conflict:
    """A field whose stored value and typed value differ."""

    label: str
    stored: str
    typed: str


def conflicts(form: forms.Form, names: Iterable[str]) -> list[Conflict]:
    """Return the fields among `names` whose sent value is not the stored one. Secrets are shown as *changed*."""
    return [conflict for name in names if (conflict := _conflict(form, name))]


def _conflict(form: forms.Form, name: str) -> Conflict | None:
    field, sent = form.fields[name], form.data.get(name, "").strip()
    label = str(field.label or name)
    if name.endswith("_private_key"):
        return Conflict(label, _("as stored"), _("changed")) if sent else None
    stored = str(form.initial.get(name) or "")
    if name not in form.data or sent == stored:
        return None
    return Conflict(label, _shown(field, stored), _shown(field, sent))


def _shown(field: forms.Field, value: str) -> str:
    """Return what a person knows `value` by. Of a choice that is not on offer, say only that it is another one."""
    choices: Any = getattr(field.widget, "choices", ())
    for key, title in choices:
        nested = title if isinstance(title, list) else [(key, title)]
        for inner, text in nested:
            if inner == value and value:
                return str(text)
    if not value:
        return _("empty")
    return _("changed") if choices or may_be_secret(value) else value
