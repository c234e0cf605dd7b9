"""Our macros draw the widgets of forms as the framework does."""

import re

import pytest
from django import forms
from django.forms.renderers import Jinja2

from backend.frame.fields import FixedSelect
from backend.frame.withheld import Renderer

SPACES = [("", "Choose"), ("<p>", [("1", 'Live "1"'), (2, "Staging")]), ("3", "Other")]
WIDGETS = [
    (forms.TextInput({"class": "mono", "disabled": True, "hidden": False, "title": "<&>"}), 'a "value"'),
    (forms.TextInput(), None),
    (forms.SearchInput({"placeholder": "…"}), ""),
    (forms.EmailInput(), "a@b.test"),
    (forms.PasswordInput(), "never shown"),
    (forms.HiddenInput(), 0),
    (forms.DateInput({"type": "date"}), "2026-11-22"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.Textarea({"rows": 4}), "one\n<two>"),
    (forms.Textarea(), None),
    (forms.Select(choices=SPACES), "1"),
    (forms.Select({"data-of": "x"}, SPACES), 2),
    (forms.Select(choices=()), None),
    (forms.RadioSelect(choices=SPACES), "3"),
    (forms.CheckboxSelectMultiple(choices=SPACES), ["1", "3"]),
]


def drawn(widget: forms.Widget, value: object, renderer: Jinja2) -> str:
    html = widget.render("name", value, {"id": "id"}, renderer)
    return re.sub(r"\s*\n\s*(?=<)", "", html) if isinstance(widget, forms.Select) else html


@pytest.mark.parametrize(("widget", "value"), WIDGETS)
def test_a_widget_is_drawn_as_the_framework_draws_it(widget: forms.Widget, value: object) -> None:
    assert drawn(widget, value, Renderer()) == drawn(widget, value, Jinja2())


@pytest.mark.parametrize("value", ["", "b", "<none of them>", None])
@pytest.mark.parametrize("attrs", [{"id": "x"}, {"id": "x", "aria-invalid": "true"}, None])
@pytest.mark.parametrize("choices", [[("", "All"), ("b", "B & C")], [("", "Tout"), ("b", "B & C")]])
def test_a_fixed_select_is_drawn_as_any_other(
    value: str | None, attrs: dict[str, str] | None, choices: list[tuple[str, str]]
) -> None:
    assert FixedSelect(choices=choices).render("name", value, attrs) == forms.Select(choices=choices).render(
        "name", value, attrs
    )
