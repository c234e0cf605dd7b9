"""The sidebar, as data. The app on top registers its tiles."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


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
    """A tile of the sidebar: a link of its own, or a flyout of titled groups of entries."""

    title: Promise
    icon: str
    url_name: str = ""
    groups: tuple[tuple[Promise, tuple[Entry, ...]], ...] = ()


_items: list[Item] = []


def register(items: Iterable[Item]) -> None:
    """Make `items` the tiles of the sidebar, in this order. Call it from `AppConfig.ready`."""
    _items[:] = items


def items() -> tuple[Item, ...]:
    return tuple(_items)


def visible(item: Item, request: HttpRequest) -> dict[str, Any] | None:
    """Return what this person sees of `item`, None where they see nothing."""
    if item.url_name:
        url = reverse(item.url_name)
        return {"title": item.title, "icon": item.icon, "url": url, "current": request.path == url}
    groups: list[dict[str, Any]] = []
    for title, entries in item.groups:
        links = []
        for entry in entries:
            if request.user.has_perm(entry.permission):
                url = reverse(entry.url_name)
                links.append({"title": entry.title, "url": url, "current": request.path.startswith(url)})
        if links:
            groups.append({"title": title, "links": links})
    if not groups:
        return None
    current = any(link["current"] for group in groups for link in group["links"])
    return {"title": item.title, "icon": item.icon, "groups": groups, "current": current}


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the version, and the sidebar of the person who is signed in."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"version": settings.VERSION}
    shown = [tile for item in items() if (tile := visible(item, request))]
    # Of two tiles that lead to the page, only the first is lit.
    current = next((tile for tile in shown if tile["current"]), None)
    for tile in shown:
        tile["current"] = tile is current
    return {"menu": shown, "version": settings.VERSION}
