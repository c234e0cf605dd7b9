"""What support needs to know about keys that do not work. None of it is secret."""

from django.conf import settings
from django.utils.translation import gettext as _

from connector.connection import Connection

TIME_FORMAT = "%Y-%m-%d %H:%M:%S %Z"


def facts(stored: Connection) -> list[tuple[str, str]]:
    """Return name and value of each fact, in reading order. Times are UTC, as in other logs.

    A later check without a result has its own HTTP status and request id.
    """
    slot, known = stored.active, stored.active.verification
    found_at = known.answered_at or stored.now
    rows = [
        (_("Cause"), str(slot.cause or "")),
        (_("Environment"), str(slot.environment)),
        (_("Gateway"), known.host or slot.host),
        (_("Found"), found_at.strftime(TIME_FORMAT)),
        (_("HTTP status"), _recorded(known.answered_http_status)),
        (_("Request id"), _recorded(known.answered_request_id)),
    ]
    if known.checked_at and slot.failed_check:
        rows += [
            (_("Last check, without a result"), f"{known.checked_at.strftime(TIME_FORMAT)}, {slot.failed_check.cause}"),
            (_("HTTP status of the last check"), _recorded(known.http_status)),
            (_("Request id of the last check"), _recorded(known.request_id)),
        ]
    return [
        *rows,
        (_("Instance id"), str(stored.instance.instance_id)),
        (_("Version"), f"Commerce Admin {settings.VERSION}"),
    ]


def _recorded(value: int | str | None) -> str:
    return str(value or _("not recorded"))
