"""The search of the header: pages, configuration fields and key pairs."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.audit import bell
from backend.frame import menu
from backend.frame.fields import NO_KEY
from backend.people.rules import ADD_ROLE, ADD_USER
from connector import connection
from connector.configuration.forms import ConfigurationForm
from connector.environment import Environment
from connector.permissions import CONFIGURE
from dashboard import guide
from payments.permissions import USE_PAYMENTS

# The public key is hexadecimal. Fewer than four digits would find nearly every key.
_PART_OF_KEY = re.compile(r"[0-9a-f]{4,32}", re.ASCII)

# Pages below one of the menu: title, page above, address, permission.
PAGES_BELOW = (
    (gettext_lazy("Settings"), "payments:home", "payments:settings", USE_PAYMENTS),
    (gettext_lazy("New User"), "users", "user_add", ADD_USER),
    (gettext_lazy("New Role"), "roles", "role_add", ADD_ROLE),
)
# Title, address, and the permission; without one, for everybody.
ACCOUNT_PAGES = (
    (gettext_lazy("API Portal"), "saas:api_portal", ""),
    (gettext_lazy("Switch Accounts"), "saas:home", ""),
    (gettext_lazy("Create an account"), "saas:create_account", ""),
    (gettext_lazy("Fault switch"), "saas:faults", "saas.change_fault"),
)


class SearchForm(forms.Form):
    """Searches the Admin."""

    q = forms.CharField(
        label=gettext_lazy("Search for"),
        required=False,
        max_length=100,
        error_messages={"max_length": gettext_lazy("Search for 100 characters at most.")},
        help_text=gettext_lazy("A page, a configuration field, or four or more characters of a public API key."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "data-search": "", **NO_KEY}),
    )


@dataclass(frozen=True)
class Hit:
    """A result; `text` is what the search compares."""

    title: str
    place: str
    url: str
    text: str


def find(query: str, request: HttpRequest) -> list[tuple[str, list[Hit]]]:
    """Return the results that this person may see, in titled groups without empty ones."""
    words = _plain(query).split()
    groups = [(_("Pages"), [hit for hit in _pages(request) if _has(hit, words)])]
    if request.user.has_perm(CONFIGURE):
        groups.append((_("Configuration fields"), [hit for hit in _fields() if _has(hit, words)]))
        groups.append((_("Key pairs"), list(_key_pairs(query.strip().lower()))))
    return [(title, hits) for title, hits in groups if hits]


def _plain(text: str) -> str:
    """Return `text` without case and accents, as people type it."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _has(hit: Hit, words: list[str]) -> bool:
    text = _plain(hit.text)
    return bool(words) and all(word in text for word in words)


def _path(*parts: str | Promise) -> str:
    return " › ".join(str(part) for part in parts)


def _pages(request: HttpRequest) -> Iterator[Hit]:
    """Yield every page that the person may see."""
    pages: list[tuple[str | Promise, str, str, str]] = [(_("Dashboard"), "", "dashboard", "")]
    pages += [(entry.title, _path(*path[:-1]), entry.url_name, entry.permission) for path, entry in menu.entries()]
    pages += [(title, guide.trail(above), url_name, permission) for title, above, url_name, permission in PAGES_BELOW]
    if bell.may_know(request):
        pages.append((_("Notifications"), "", "notifications", ""))
    pages += [(_("Account Setting"), "", "account_setting", ""), (_("User guide"), "", "guide", "")]
    if settings.STAND_IN:
        pages += [(title, _("My Account"), url_name, permission) for title, url_name, permission in ACCOUNT_PAGES]
    for title, place, url_name, permission in pages:
        if not permission or request.user.has_perm(permission):
            yield Hit(str(title), place, reverse(url_name), f"{place} {title}")
    for group, tasks in guide.GROUPS:
        for task in tasks:
            place = _path(_("User guide"), group)
            yield Hit(str(task.title), place, reverse("guide_page", args=[task.slug]), f"{place} {task.title}")


def _fields() -> Iterator[Hit]:
    """Yield the sections and fields of the configuration, each with its place on the page."""
    sections = [
        # The active environment comes before the first section.
        ("", "", ("active_environment",)),
        *((f"{side}-keys", _keys(side), (f"{side}_api_key", f"{side}_private_key")) for side in Environment),
        ("saas-identifier", _("SaaS Identifier"), ("project_id", "data_space_id")),
        ("services", _("Available Services"), ()),
    ]
    page = reverse("connector:configuration")
    place = _path(_("Configuration"), _("Commerce Services Connector"))
    for anchor, title, names in sections:
        if anchor:
            yield Hit(title, place, f"{page}#{anchor}", title)
        for name in names:
            label = str(ConfigurationForm.base_fields[name].label)
            yield Hit(label, _path(place, title) if title else place, f"{page}#{name}", f"{title} {label} {name}")


def _keys(environment: Environment) -> str:
    return _("%(environment)s Keys") % {"environment": environment.label}


def _key_pairs(part: str) -> Iterator[Hit]:
    """Yield the pairs whose public key holds `part`. The database stores ciphertext, so it cannot compare them."""
    if not _PART_OF_KEY.fullmatch(part):
        return
    for environment, slot in connection.load().slots.items():
        if part in slot.api_key.lower():
            url = reverse("connector:configuration") + f"#{environment}_api_key"
            yield Hit(slot.api_key, _path(_("Commerce Services Connector"), _keys(environment)), url, slot.api_key)
