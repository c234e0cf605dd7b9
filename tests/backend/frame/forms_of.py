"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

# Nobody types into a button.
_LEFT_OUT = frozenset({"submit", "button"})
_TYPED = frozenset({"text", "search", "email", "number", "date"})


@dataclass
class Form:
    """A form: its address, the values that it sends untouched, and the names of the fields that people type into.

    Nothing keeps a password, so the names of such fields are apart.
    """

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    passwords: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.current: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(urljoin(self.address, values.get("action", ""))).path
            self.current = Form(values.get("method", "get").lower(), action)
            self.forms.append(self.current)
            self.named[values.get("id", "")] = self.current
        elif tag in {"input", "textarea", "select"}:
            self._add(tag, values)
        elif tag == "option" and self.select and "selected" in values and self.current:
            self.current.fields[self.select] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        elif tag == "select":
            self.select = ""

    def _add(self, tag: str, values: dict[str, str]) -> None:
        form = self.named.get(values["form"]) if "form" in values else self.current
        name, kind = values.get("name", ""), values.get("type", "text")
        is_flag = kind == "checkbox" and "value" not in values
        if form is None or not name or kind in _LEFT_OUT or is_flag or name == "csrfmiddlewaretoken":
            return
        if kind == "password":
            form.passwords.add(name)
            return
        self.select = name if tag == "select" else ""
        is_chosen = kind not in {"checkbox", "radio"} or "checked" in values
        form.fields.setdefault(name, "")
        if tag == "textarea" or (tag == "input" and kind in _TYPED):
            form.typed.add(name)
        if is_chosen:
            form.fields[name] = values.get("value", "")


def forms_of(answer: Any) -> list[Form]:
    """Return every form of the page `answer` that has a field."""
    reader = _Reader(answer.wsgi_request.path)
    reader.feed(answer.content.decode())
    return [form for form in reader.forms if (form.fields or form.passwords) and form.method != "dialog"]
