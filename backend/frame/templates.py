"""What every template may call, and how templates are compiled."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import date as day_of_calendar
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template import engines
from django.template.backends.utils import csrf_input
from django.template.loader import render_to_string
from django.templatetags import static as static_files
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils import timezone, translation
from django.utils.formats import date_format, get_format, localize
from django.utils.functional import SimpleLazyObject
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from jinja2 import Environment, StrictUndefined, Template
from jinja2.runtime import Context
from markupsafe import Markup, escape

from backend.frame.request_facts import request_id


class JoinedTemplate(Template):
    """A template whose blocks come as one piece each.

    A list has thousands of pieces: one after the other, each would pass through every template that its page extends.
    """

    @classmethod
    def from_code(cls, *args: Any, **kwargs: Any) -> Template:
        """Return the template that was compiled."""
        template = super().from_code(*args, **kwargs)
        template.root_render_func = _joined(template.root_render_func)
        template.blocks = {name: _joined(block) for name, block in template.blocks.items()}
        return template


def _joined(draw: Callable[[Context], Iterable[str]]) -> Callable[[Context], Iterator[str]]:
    def in_one_piece(context: Context) -> Iterator[str]:
        yield "".join(draw(context))

    return in_one_piece


class Templates(Environment):
    """All templates."""

    template_class = JoinedTemplate

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals as one mapping: the engine's chain of two costs a twelfth of the configuration page."""
        return {**self.globals, **(d or {})}


def environment(**options: Any) -> Templates:
    """Return the environment of all templates: a name that a page does not have is an error, and never a gap."""
    env = Templates(
        **options | {"undefined": StrictUndefined},
        extensions=["jinja2.ext.i18n"],
        lstrip_blocks=True,
    )
    # The texts of a block are lines of a paragraph, wherever they are broken.
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]  # an extension's
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals |= {"_": text, "gettext": text}
    env.filters |= {
        "ago": ago,
        "breakable": breakable,
        "date": date,
        "lines": lines,
        "localize": localize,
    }
    env.globals |= {
        "cells": cells,
        "fixed": fixed,
        "has_url": has_url,
        "is_right_to_left": translation.get_language_bidi,
        "language": translation.get_language,
        "languages": settings.LANGUAGES,
        "request_id": request_id,
        "static": static,
        "url": url,
    }
    env.globals |= ABSENT
    return env


# What the frame shows of a person and their session. The page of a failure is made without any of it.
ABSENT = {
    "bell": None,
    "menu": (),
    "messages": (),
    "session_end": None,
    "sidebar": None,
    "user": None,
    "version": settings.VERSION,
}


def macros(template: str) -> Mapping[str, Any]:
    """Return the macros of a template by their names."""
    engine: Any = engines["jinja2"]
    drawn: Mapping[str, Any] = vars(engine.env.get_template(template).module)
    return drawn


def part(template: str, **values: Any) -> Markup:
    """Render a part of a page, which is escaped already."""
    return Markup(render_to_string(template, values))  # noqa: S704


# A cached part holds this in place of the field with the CSRF token, which differs from page to page.
TOKEN = Markup("<!-- token -->")


def fixed(template: str, csrf_input: Any = "", **values: Any) -> Markup:
    """Return a part of a page that depends on the language and on `values` alone. It is rendered once.

    `values` have to be hashable. The `csrf_input` of the page is put in its place each time.
    """
    kept = _fixed(template, translation.get_language(), get_script_prefix(), tuple(values.items()))
    return kept.replace(TOKEN, csrf_input) if csrf_input else kept


@lru_cache(maxsize=256)
def _fixed(template: str, _language: str | None, _prefix: str, values: tuple[tuple[str, Any], ...]) -> Markup:
    return part(template, **dict(values), csrf_input=TOKEN)


def token(request: HttpRequest) -> dict[str, Any]:
    """Make the field with the CSRF token once for all forms of a page: the backend's would be another in each."""
    return {"csrf_input": SimpleLazyObject(partial(csrf_input, request))}


@cache
def static(path: str) -> str:
    """Return the address of a static file; its hash stays the same while the process runs."""
    return static_files.static(path)


def text(message: str, **values: Any) -> Markup:
    """Return `message` in the reader's language, with `values` in their places, escaped."""
    translated = _translated(translation.get_language(), message)
    return translated % values if values or "%" in translated else translated


@lru_cache(maxsize=4096)
def _translated(_language: str | None, message: str) -> Markup:
    return Markup(translation.gettext(message))  # noqa: S704  (the text of a template)


def url(name: str, *args: Any) -> str:
    """Return the address of the page `name`."""
    return _address(get_script_prefix(), name, args)


@lru_cache(maxsize=1024)
def _address(_prefix: str, name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, args=args)


@cache
def has_url(name: str) -> bool:
    """Return whether this installation has the page `name`."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def date(moment: datetime | None, layout: str = "DATETIME_FORMAT") -> str:
    """Return `moment` as people write it, in their language and the time zone of the settings; empty without one."""
    if not moment:
        return ""
    local = moment.astimezone(timezone.get_default_timezone())
    return _day(local.date(), layout, translation.get_language()).format(local)


# Letters of a layout, and what writes them: https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
_CLOCK = {"H": "{0.hour:02}", "i": "{0.minute:02}", "s": "{0.second:02}"}


@lru_cache(maxsize=2048)
def _day(day: day_of_calendar, layout: str, _language: str | None) -> str:
    """Return `layout` written for `day`, with places for the clock: the rows of a list share their days."""
    return date_format(day, re.sub(r"(?<!\\)[His]", lambda letter: _escaped(_CLOCK[letter[0]]), get_format(layout)))


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" for letter in text)


def cells(heads: Mapping[str, Any]) -> SimpleNamespace:
    """Return the attributes of the cells below each of `heads`: their role, and their label where rows are cards.

    Browsers drop the role of a cell that is not drawn as part of a table.
    """
    attributes = Markup('role="cell" data-label="{}"')
    return SimpleNamespace(**{name: attributes.format(head) for name, head in heads.items()})


def ago(moment: datetime) -> str:
    """Return how long ago `moment` was: *just now* within a minute, else for instance *4 minutes ago*."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago") % {"age": timesince(moment)}


def lines(text: str) -> Markup:
    """Return `text`, escaped, with its lines as lines."""
    escaped = escape(text)
    return escaped.replace("\n", Markup("<br>")) if "\n" in escaped else escaped


def breakable(text: Any) -> Markup:
    """Return `text`, escaped, where a line may end after each underscore."""
    return escape(text).replace("_", Markup("_<wbr>"))
