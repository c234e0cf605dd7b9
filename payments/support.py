"""What support needs to know of keys that do not work; nothing of it is a secret."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from connector import gateway
from connector.connection import Connection

TIME_FORMAT = "%Y-%m-%d %H:%M:%S %Z"


def facts(stored: Connection, now: datetime) -> list[tuple[str, str]]:
    """Return name and value of each fact, in reading order. Times are UTC, to be compared with other logs."""
    slot, known = stored.active, stored.active.verification
    not_recorded = _("not recorded")
    found_at = known.settled_at if known and known.settled_at else now
    rows = [
        (_("Cause"), str(slot.cause or "")),
        (_("Environment"), str(slot.environment)),
        (_("Gateway"), known.host if known else gateway.host_of(settings.GATEWAY_URLS[slot.environment])),
        (_("Found"), found_at.strftime(TIME_FORMAT)),
    ]
    if known and known.checked_at and slot.doubt:
        rows.append((_("Last check"), f"{known.checked_at.strftime(TIME_FORMAT)}, {slot.doubt}"))
    return [
        *rows,
        (_("HTTP status"), str(known.http_status) if known and known.http_status else not_recorded),
        (_("Request id"), known.request_id if known and known.request_id else not_recorded),
        (_("Instance id"), str(stored.instance.instance_id)),
        (_("Version"), f"Commerce Admin {settings.VERSION}"),
    ]
