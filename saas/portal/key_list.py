"""The list of an account's keys in the API Portal: search, order, pages and what each row shows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.frame.grid import Column, Grid
from backend.frame.templates import date
from backend.frame.withheld import without_withheld
from saas.caller import Caller
from saas.models import Account, ApiKey
from saas.portal.forms import KeyFilterForm

COLUMNS = (
    Column("name", _("Name"), order=("name",)),
    Column("environment", _("Environment"), order=("environment",)),
    Column("public_key", _("Public key")),
    Column("created", _("Created"), order=("created_at",)),
    Column("last_used", _("Last used")),
    Column("state", _("State")),
    Column("action", _("Action")),
)


def key_list(request: HttpRequest, account: Account, now: datetime) -> dict[str, Any]:
    """Return what the template of the list shows. Deleted keys are counted, and listed once somebody asks for them."""
    filters = KeyFilterForm(request.GET)
    keys = filters.found(ApiKey.objects.filter(account=account))
    shows_deleted = bool(filters.cleaned_data.get("deleted"))
    listed = keys.listed(now) if shows_deleted else keys.listed(now).working(now)
    grid = Grid(listed, COLUMNS, request.GET, "-created", first=("is_deleted",), address=reverse("saas:api_portal"))
    deleted = {} if shows_deleted else keys.deleted(now)
    return {
        "filters": filters,
        "grid": grid,
        "rows": _rows(grid.rows, now),
        "now": now,
        "deleted": deleted,
        "has_keys": bool(grid.count or filters.is_active or deleted.get("count")),
        "query": list_query(request),
    }


def _rows(keys: Iterable[Any], now: datetime) -> list[tuple[Any, ...]]:
    """Return what the list shows of each key: itself, its name, id, creation, maker, last use, user and state."""
    # Translated once, not once a row.
    by, never = gettext("by %(person)s"), gettext("Never")
    rows = []
    for key in keys:
        maker = by % {"person": key.maker} if key.maker else ""
        user = by % {"person": Caller(key.last_used_instance, key.last_used_name)} if key.last_used_instance else ""
        last_used = date(key.last_used_at) or never
        rows.append(
            (key, key.name, str(key.pk), date(key.created_at, "DATE_FORMAT"), maker, last_used, user, key.state(now))
        )
    return rows


def list_query(request: HttpRequest) -> str:
    """Return search and page of the list as they go into an address: empty, or with the question mark."""
    query = without_withheld(request.GET).urlencode()
    return f"?{query}" if query else ""
