"""Withholds possible parts of a private key from everything that handles a request.

A key belongs only into a key field. Pasted anywhere else, it is replaced by a text that no form field accepts, before
forms, sessions, messages, the action log, addresses or error reports see it.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from django import forms
from django.forms.renderers import Jinja2
from django.forms.utils import ErrorList
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from backend.frame.leaks import holds_key
from backend.frame.templates import macros

# Every form field rejects the NUL in it, whether it reads text, a number, a date or a choice.
WITHHELD = "\0withheld"
REFUSED = _(
    "This looks like part of a private key, so it was not used. Paste a private key only into the private key field. "
    "If others saw this one, generate a new key pair. If it is something else, put spaces into it or make it shorter."
)
# Fields whose forms look for keys themselves; passwords and passkeys, which are never sent back; the framework's token.
_FOR_SECRETS = re.compile(
    r"(?:^|_)(?:api_key|private_key|password|password_again)$|^(?:csrfmiddlewaretoken|credential)$"
)
# The address that a form leads to. It is dropped instead: no form shows this field, so none could mark it.
_ADDRESS = "next"


class Middleware:
    """Withholds keys from the address and the form of a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Withhold keys from the address of `request`, and answer it."""
        if holds_key(request.path):
            request.path = request.path_info = request.META["PATH_INFO"] = "/…"
        referer = request.headers.get("Referer", "")
        if holds_key(unquote(referer)):
            request.META["HTTP_REFERER"] = _origin(referer)
        asked = _withheld(request.GET)
        if asked != request.GET:
            request.GET = asked  # type: ignore[assignment]  # the stubs want an immutable one
            request.META["QUERY_STRING"] = without_withheld(request.GET).urlencode()
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any) -> None:
        """Withhold keys from the form of `request`. Views for programs read the body itself, not a form."""
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            request.POST = _withheld(request.POST, _FOR_SECRETS)  # type: ignore[assignment]


def _origin(referer: str) -> str:
    """Return `referer` without its path, or nothing if it is not an address."""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))


def _withheld(sent: QueryDict, for_secrets: re.Pattern[str] | None = None) -> QueryDict:
    checked = QueryDict(mutable=True, encoding=sent.encoding)
    for name, values in sent.lists():
        if for_secrets and for_secrets.search(name):
            checked.setlist(name, values)
        elif not holds_key(name) and not (name == _ADDRESS and any(map(holds_key, values))):
            checked.setlist(name, [WITHHELD if holds_key(str(value)) else value for value in values])
    checked._mutable = False  # noqa: SLF001  (as the framework's own requests have it)
    return checked


def without_withheld(query: QueryDict) -> QueryDict:
    """Return `query` for the links of a page, without values that were withheld."""
    rest = query.copy()
    for name, values in query.lists():
        if WITHHELD in values:
            del rest[name]
    return rest


class BoundField(forms.BoundField):
    """A field that says why it is empty where a key was withheld."""

    @property
    def is_withheld(self) -> bool:
        """Whether the value that was sent was withheld."""
        data = self.data if self.form.is_bound and not self.field.disabled else None
        return WITHHELD in (data if isinstance(data, list) else [data])

    @property
    def errors(self) -> ErrorList:
        if self.is_withheld:
            return self.form.error_class([str(REFUSED)], renderer=self.form.renderer)
        return super().errors

    def value(self) -> Any:
        """Return what to show: nothing in a field that people type into, the stored value in others."""
        if not self.is_withheld:
            return super().value()
        is_typed = isinstance(self.field.widget, forms.widgets.Input | forms.Textarea) and not self.is_hidden
        return "" if is_typed else self.field.prepare_value(self.initial)


# The macro of templates/_widgets.html that draws a widget which is no input.
_MACROS = {forms.Textarea.template_name: "textarea", forms.Select.template_name: "select"}


class Renderer(Jinja2):
    """The framework's renderer with our bound field."""

    bound_field_class = BoundField

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Draw a widget, the common ones in half the time of the framework's templates."""
        widget = context.get("widget", {})
        macro = "input" if "type" in widget else _MACROS.get(template_name)
        if macro is None:
            return super().render(template_name, context, request)
        return str(macros("_widgets.html")[macro](widget))
