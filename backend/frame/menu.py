"""The sidebar, as data. The app on top registers its tiles."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import translation
from django.utils.functional import Promise
from markupsafe import Markup

from backend.frame.templates import part, url


@dataclass(frozen=True)
class Entry:
    """A link of a flyout, for people with `permission`.

    As a resource of a role it also gives the `further` permissions, and has the title `resource` below its own if set.
    """

    title: Promise
    url_name: str
    permission: str
    further: tuple[str, ...] = ()
    resource: Promise | None = None


@dataclass(frozen=True)
class Item:
    """A tile of the sidebar: a flyout of titled groups of entries."""

    title: Promise
    icon: str
    groups: tuple[tuple[Promise, tuple[Entry, ...]], ...]


_items: list[Item] = []


def register(items: Iterable[Item]) -> None:
    """Make `items` the tiles of the sidebar below the Dashboard, in this order. Call it from `AppConfig.ready`."""
    _items[:] = items
    _drawn.cache_clear()


def entries() -> Iterator[tuple[tuple[Promise, Promise, Promise], Entry]]:
    """Yield each entry with its path: the titles of its tile, of its group and of itself."""
    for item in _items:
        for group, links in item.groups:
            for entry in links:
                yield (item.title, group, entry.title), entry


def _visible(item: Item, granted: Container[str], here: Container[str]) -> dict[str, Any] | None:
    """Return what a page that is `here` shows of `item` to people with these permissions; None where it is nothing."""
    groups: list[dict[str, Any]] = []
    for title, entries in item.groups:
        links = []
        for entry in entries:
            if entry.permission in granted:
                address = url(entry.url_name)
                links.append({"title": entry.title, "url": address, "current": address in here})
        if links:
            groups.append({"title": title, "links": links})
    if not groups:
        return None
    current = any(link["current"] for group in groups for link in group["links"])
    return {"title": item.title, "icon": item.icon, "groups": groups, "current": current}


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the sidebar of the person who is signed in."""
    user = getattr(request, "user", None)
    return {"sidebar": partial(_sidebar, request)} if user and user.is_authenticated else {}


def _sidebar(request: HttpRequest) -> Markup:
    granted = frozenset(entry.permission for _path, entry in entries() if request.user.has_perm(entry.permission))
    # What a person asked for is not kept, only which of our addresses it is or lies below.
    addresses = {url(entry.url_name) for _path, entry in entries()}
    here = frozenset(address for address in addresses if request.path.startswith(address))
    if request.path == url("dashboard"):
        here |= {request.path}
    return _drawn(granted, here, translation.get_language(), get_script_prefix())


@lru_cache(maxsize=256)
def _drawn(permissions: frozenset[str], here: frozenset[str], _language: str | None, _prefix: str) -> Markup:
    """Draw the sidebar: it looks the same to everybody with the same permissions."""
    shown = [tile for item in _items if (tile := _visible(item, permissions, here))]
    # Of two tiles that lead to the page, only the first is lit.
    current = next((tile for tile in shown if tile["current"]), None)
    for tile in shown:
        tile["current"] = tile is current
    return part("_sidebar.html", menu=shown, is_dashboard=url("dashboard") in here)
