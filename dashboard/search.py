"""The search of the header: pages, tasks of the guide, orders, configuration fields and key pairs."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

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
from backend.frame.normal_form import normal_form
from backend.people.rules import ADD_ROLE, ADD_USER
from connector import connection
from connector.configuration.forms import ConfigurationForm
from connector.connection import Connection
from connector.environment import Environment
from connector.permissions import CONFIGURE
from dashboard import guide
from payments.permissions import USE_PAYMENTS
from payments.report import lookup

# The public key is hexadecimal. Fewer than four digits would find nearly every key.
_PART_OF_KEY = re.compile(r"[0-9a-f]{4,32}", re.ASCII)

# Letters that Unicode does not take apart, but people do.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "’": "'"})
PORTAL_KEYS_SHOWN = 20

REPORT = gettext_lazy("Order payment status")
# Pages below one of the menu: title, page above, address, permission.
PAGES_BELOW = (
    (REPORT, "payments:home", "payments:orders", USE_PAYMENTS),
    (gettext_lazy("Settings"), "payments:home", "payments:settings", USE_PAYMENTS),
    (gettext_lazy("New User"), "users", "user_add", ADD_USER),
    (gettext_lazy("New Role"), "roles", "role_add", ADD_ROLE),
)
# Title, address, and the permission; without one, for everybody.
ACCOUNT_PAGES = (
    (gettext_lazy("API Portal"), "saas:api_portal", ""),
    (gettext_lazy("Switch Accounts"), "saas:home", ""),
    (gettext_lazy("Create an account"), "saas:create_account", ""),
    (gettext_lazy("Shared access"), "saas:shared_access", ""),
    (gettext_lazy("Fault switch"), "saas:faults", "saas.change_fault"),
)
# What people call a page besides its title, by its address.
OTHER_WORDS = {
    "payments:orders": gettext_lazy(
        "orders, report, CSV export, chart, payments, authorizations, captures, refunds, disputes"
    ),
}


class SearchForm(forms.Form):
    """Searches the Admin."""

    q = forms.CharField(
        label=gettext_lazy("Search for"),
        required=False,
        max_length=100,
        error_messages={"max_length": gettext_lazy("Search for 100 characters at most.")},
        help_text=gettext_lazy(
            "A page, a task, an order number, a configuration field, the name of a key, or four or more characters of "
            "a public API key."
        ),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "data-search": "", **NO_KEY}),
    )


@dataclass(frozen=True)
class Hit:
    """A result; `text` is what the search compares besides the title."""

    title: str
    place: str
    url: str
    text: str = ""

    def rank(self, words: list[str]) -> int | None:
        """Return 0 if each word begins one of the title, 1 if the title holds them all, 2 if the whole hit does."""
        title, text = _plain(self.title), _plain(f"{self.place} {self.title} {self.text}")
        if not words or not all(word in text for word in words):
            return None
        if all(re.search(rf"\b{re.escape(word)}", title) for word in words):
            return 0
        return 1 if all(word in title for word in words) else 2


def find(query: str, request: HttpRequest) -> list[tuple[str, list[Hit]]]:
    """Return the results that this person may see, best first, in titled groups without empty ones."""
    words = _plain(query).split()
    load = cache(connection.load)
    groups = [(_("Pages"), _best(_pages(request), words)), (_("User guide"), _best(_tasks(), words))]
    if request.user.has_perm(USE_PAYMENTS):
        groups.append((_("Orders"), list(_orders(query, load))))
    if request.user.has_perm(CONFIGURE):
        groups.append((_("Configuration fields"), _best(_fields(), words)))
        groups.append((_("Key pairs"), list(_key_pairs(words, load))))
    if settings.STAND_IN:
        groups.append((_("Keys in the API Portal"), list(islice(_portal_keys(request, words), PORTAL_KEYS_SHOWN))))
    return [(title, hits) for title, hits in groups if hits]


def _plain(text: str) -> str:
    """Return `text` without case and accents, as people type it."""
    parts = normal_form("NFKD", text.casefold().translate(_LETTERS))
    return "".join(part for part in parts if not unicodedata.combining(part))


def _best(hits: Iterable[Hit], words: list[str]) -> list[Hit]:
    ranked = [(rank, hit) for hit in hits if (rank := hit.rank(words)) is not None]
    return [hit for _rank, hit in sorted(ranked, key=itemgetter(0))]


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
    below = ((_("Sessions"), "sessions"), (_("Two-Factor Authentication"), "mfa_index"))
    pages += [(title, _("Account Setting"), url_name, "") for title, url_name in below]
    if settings.STAND_IN:
        pages += [(title, _("My Account"), url_name, permission) for title, url_name, permission in ACCOUNT_PAGES]
    for title, place, url_name, permission in pages:
        if not permission or request.user.has_perm(permission):
            yield Hit(str(title), place, reverse(url_name), str(OTHER_WORDS.get(url_name, "")))


def _tasks() -> Iterator[Hit]:
    for group, tasks in guide.GROUPS:
        for task in tasks:
            place, url = _path(_("User guide"), group), reverse("guide_page", args=[task.slug])
            yield Hit(str(task.title), place, url, str(task.summary))


def _orders(query: str, load: Callable[[], Connection]) -> Iterator[Hit]:
    """Yield the orders of the chosen data space that have this number or id."""
    number = lookup.number_in(query)
    data_space_id = load().data_space_id if number else ""
    for order in lookup.find(data_space_id, number) if data_space_id else ():
        place = _path(guide.trail("payments:home"), REPORT, Environment(order.source.environment).badge)
        yield Hit(str(order), place, reverse("payments:order", args=[order.pk]))


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
            yield Hit(title, place, f"{page}#{anchor}")
        for name in names:
            label = str(ConfigurationForm.base_fields[name].label)
            yield Hit(label, _path(place, title) if title else place, f"{page}#{name}", name)


def _keys(environment: Environment) -> str:
    return _("%(environment)s Keys") % {"environment": environment.label}


def _key_pairs(words: list[str], load: Callable[[], Connection]) -> Iterator[Hit]:
    """Yield the pairs that `words` name. The database stores ciphertext, so it cannot compare them."""
    if not any(map(_PART_OF_KEY.fullmatch, words)):
        return
    for environment, slot in load().slots.items():
        if slot.api_key and _is_key(words, slot.api_key, _keys(environment)):
            url = reverse("connector:configuration") + f"#{environment}_api_key"
            yield Hit(slot.api_key, _path(_("Commerce Services Connector"), _keys(environment)), url)


def _portal_keys(request: Any, words: list[str]) -> Iterator[Hit]:
    """Yield the keys of the account that the person works in, by name and public key."""
    from saas.models import ApiKey  # noqa: PLC0415  (only where the stand-in is installed)
    from saas.portal.accounts import current_account  # noqa: PLC0415

    account = current_account(request) if words else None
    keys = ApiKey.objects.filter(account=account, deleted_at__isnull=True) if account else ApiKey.objects.none()
    for name, api_key, environment in keys.order_by("name").values_list("name", "api_key", "environment"):
        label = Environment(environment).label
        if _is_key(words, api_key, f"{name} {label}"):
            place = _path(_("My Account"), _("API Portal"), label, f"…{api_key[-4:]}")
            yield Hit(name, place, f"{reverse('saas:api_portal')}?{urlencode({'q': api_key})}")


def _is_key(words: list[str], api_key: str, name: str) -> bool:
    """Return whether each word is part of `name`, or a part of the key that is long enough."""
    name, key = _plain(name), api_key.lower()
    return all(word in name or (_PART_OF_KEY.fullmatch(word) and word in key) for word in words)
