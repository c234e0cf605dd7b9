"""The search of the header: pages, configuration fields and key pairs."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
from connector import connection
from connector.configuration.forms import ConfigurationForm
from connector.environment import Environment
from connector.permissions import CONFIGURE
from dashboard import guide
from payments.permissions import USE_PAYMENTS

# The public key is hexadecimal; under four digits nearly every key would be found.
_PART_OF_KEY = re.compile(r"[0-9a-f]{4,32}", re.ASCII)


@dataclass(frozen=True)
class Page:
    """A page that no entry of the menu leads to: where it stands, and who may see it where not everybody may."""

    title: Promise
    place: tuple[Promise, ...]
    url_name: str
    may_see: Callable[[HttpRequest], bool] = lambda _request: True


def _needs(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


_ALL_USERS = (gettext_lazy("System"), gettext_lazy("Permissions"), gettext_lazy("All Users"))
_USER_ROLES = (gettext_lazy("System"), gettext_lazy("Permissions"), gettext_lazy("User Roles"))
_PAYMENTS = (gettext_lazy("Sales"), gettext_lazy("Operations"), gettext_lazy("Payment Services"))
_ACCOUNT = (gettext_lazy("My Account"),)
FURTHER_PAGES = (
    Page(gettext_lazy("Settings"), _PAYMENTS, "payments:settings", _needs(USE_PAYMENTS)),
    Page(gettext_lazy("New User"), _ALL_USERS, "admin:auth_user_add", _needs("auth.add_user")),
    Page(gettext_lazy("New Role"), _USER_ROLES, "admin:auth_group_add", _needs("auth.add_group")),
    Page(gettext_lazy("Notifications"), (), "notifications", bell.may_know),
    Page(gettext_lazy("Account Setting"), (), "account_setting"),
    Page(gettext_lazy("User guide"), (), "guide"),
)
ACCOUNT_PAGES = (
    Page(gettext_lazy("API Portal"), _ACCOUNT, "saas:api_portal"),
    Page(gettext_lazy("Switch Accounts"), _ACCOUNT, "saas:home"),
    Page(gettext_lazy("Create an account"), _ACCOUNT, "saas:create_account"),
    Page(gettext_lazy("Fault switch"), _ACCOUNT, "saas:faults", _needs("saas.change_fault")),
)


class SearchForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(
        label=gettext_lazy("Search for"),
        required=False,
        max_length=100,
        error_messages={"max_length": gettext_lazy("Nothing was looked for: that is more than 100 characters.")},
        help_text=gettext_lazy("A page, a configuration field, or four or more characters of a public API key."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "data-search": "", **NO_KEY}),
    )


@dataclass(frozen=True)
class Hit:
    """One thing that was found: what it is called, where it stands, its address, and the text it is found by."""

    title: str
    place: str
    url: str
    text: str


def find(query: str, request: HttpRequest) -> list[tuple[str, list[Hit]]]:
    """Return what this person may see and `query` finds, in titled groups; groups without a hit are left out."""
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
    """Every page that the person may see."""
    yield from _pages_of_menu(request)
    for page in (*FURTHER_PAGES, *(ACCOUNT_PAGES if settings.STAND_IN else ())):
        if page.may_see(request):
            yield _page(page.title, _path(*page.place), reverse(page.url_name))
    for title, tasks in guide.GROUPS:
        for task in tasks:
            yield _page(task.title, _path(_("User guide"), title), reverse("guide_page", args=[task.slug]))


def _pages_of_menu(request: HttpRequest) -> Iterator[Hit]:
    granted = menu.granted(request)
    tiles: list[dict[str, Any]] = [tile for item in menu.items() if (tile := menu.visible(item, granted))]
    for tile in tiles:
        if "groups" not in tile:
            yield _page(tile["title"], "", tile["url"])
        for group in tile.get("groups", ()):
            for link in group["links"]:
                yield _page(link["title"], _path(tile["title"], group["title"]), link["url"])


def _page(title: str | Promise, place: str, url: str) -> Hit:
    return Hit(str(title), place, url, f"{place} {title}")


def _fields() -> Iterator[Hit]:
    """Every field of the configuration and every section; the address leads to it on its page."""
    page, place = reverse("connector:configuration"), _path(_("Configuration"), _("Commerce Services Connector"))
    for anchor, title, names in _sections():
        if anchor:
            yield Hit(title, place, f"{page}#{anchor}", title)
        for name in names:
            label = str(ConfigurationForm.base_fields[name].label)
            yield Hit(label, _path(place, title) if title else place, f"{page}#{name}", f"{title} {label} {name}")


def _sections() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return id, title and fields of each section of the configuration page; the first field stands before them."""
    keys = [(f"{one}-keys", _keys(one), (f"{one}_api_key", f"{one}_private_key")) for one in Environment]
    return [
        ("", "", ("active_environment",)),
        *keys,
        ("saas-identifier", _("SaaS Identifier"), ("project_id", "data_space_id")),
        ("services", _("Available Services"), ()),
    ]


def _keys(environment: Environment) -> str:
    return _("%(environment)s Keys") % {"environment": environment.label}


def _key_pairs(part: str) -> Iterator[Hit]:
    """The pairs whose public key holds `part`. They are compared in the open: the database knows ciphertext only."""
    if not _PART_OF_KEY.fullmatch(part):
        return
    for environment, slot in connection.load().slots.items():
        if part in slot.api_key.lower():
            url = reverse("connector:configuration") + f"#{environment}_api_key"
            yield Hit(slot.api_key, _path(_("Commerce Services Connector"), _keys(environment)), url, slot.api_key)
