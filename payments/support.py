"""What support needs to know of keys that do not work; nothing of it is a secret."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from connector import gateway
from connector.connection import Connection

TIME_FORMAT = "%Y-%m-%d %H:%M:%S %Z"


def facts(stored: Connection, now: datetime) -> list[tuple[str, str]]:
    """Return name and value of each fact, in reading order. Times are UTC, to be compared with other logs.

    HTTP status and request id are kept of the last attempt alone: where that one told nothing, they are named as its.
    """
    slot, known = stored.active, stored.active.verification
    not_recorded = _("not recorded")
    status, request = _("HTTP status"), _("Request id")
    found_at = known.settled_at if known and known.settled_at else now
    rows = [
        (_("Cause"), str(slot.cause or "")),
        (_("Environment"), str(slot.environment)),
        (_("Gateway"), known.host if known else gateway.host_of(settings.GATEWAY_URLS[slot.environment])),
        (_("Found"), found_at.strftime(TIME_FORMAT)),
    ]
    if known and known.checked_at and slot.doubt:
        rows.append((_("Last check, without a result"), f"{known.checked_at.strftime(TIME_FORMAT)}, {slot.doubt}"))
        status, request = _("HTTP status of the last check"), _("Request id of the last check")
    return [
        *rows,
        (status, str(known.http_status) if known and known.http_status else not_recorded),
        (request, known.request_id if known and known.request_id else not_recorded),
        (_("Instance id"), str(stored.instance.instance_id)),
        (_("Version"), f"Commerce Admin {settings.VERSION}"),
    ]
