"""What the Admin needs and cannot use right now: how it is known from an error, and the page that explains it."""

from dataclasses import dataclass

from django.db import InterfaceError, InternalError, OperationalError


class SharedCacheError(Exception):
    """The shared cache is down, too slow, or holds something else. What it would have counted must be refused."""


@dataclass(frozen=True)
class Outage:
    """The status and the template of the page that explains it."""

    status: int
    template: str


SHARED_CACHE = Outage(503, "503_sign_in.html")
DATABASE = Outage(503, "503.html")


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what is behind `error`, None if it is a fault of ours."""
    if isinstance(error, SharedCacheError):
        return SHARED_CACHE
    return DATABASE if isinstance(error, OperationalError | InterfaceError | InternalError) else None
