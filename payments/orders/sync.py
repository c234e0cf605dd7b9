"""Brings the copy of the orders of one environment up to date, page by page.

A page is stored together with the place where the next one begins. So a read that breaks off, for whatever reason, goes
on there the next time. Of two reads at once, the slower one drops its page and leaves the rest to the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.utils import timezone

from backend.frame import events
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import GatewayError, PairMissingError, Reason
from connector.gateway import reports
from connector.gateway.client import Deadline, connect
from connector.gateway.reports import Page
from connector.models import FRESH, Turn
from connector.models.verifications import RETRY
from connector.verification import examine
from connector.verification.causes import Cause
from payments.models import OrderSource
from payments.orders import obstacles, sources, storing
from payments.orders.obstacles import Obstacle

# Orders that came in at the same time as the newest one may not have been visible yet.
OVERLAP = timedelta(minutes=1)
# A page of orders with very many items can be too large for an answer. Fewer of them fit.
FEW_RESULTS = 20
# With less time left, no further page is asked for.
MIN_SECONDS = 1.0
# One request at a time reads for pages, whatever the environment.
TURN = "orders"


@dataclass(frozen=True)
class Outcome:
    """What a read did: how many orders changed, and why it failed.

    An incomplete read without a cause ran out of time, and the next one goes on there, or it met another read. If the
    gateway has asked for a pause until `retry_at`, it was not asked.
    """

    changed: int = 0
    is_complete: bool = False
    cause: Cause | None = None
    retry_at: datetime | None = None


def is_due(source: OrderSource, now: datetime) -> bool:
    """Whether an open page reads again by itself.

    The copy is old or unfinished, its days are those of another time zone, or the clock was set back.
    """
    if source.checked_at is None or source.checked_at > now:
        return True
    if source.is_paused(now):
        return False
    if source.failed_code:
        return now >= source.checked_at + RETRY
    is_of_other_zone = bool(source.days) and source.zone != settings.TIME_ZONE
    return bool(source.cursor) or is_of_other_zone or now >= source.checked_at + FRESH


def refresh(stored: Connection, environment: Environment, deadline: Deadline) -> bool:
    """Read for an open page if it is due. Return whether the gateway was asked."""
    return is_due(sources.find(stored, environment), stored.now) and read(stored, environment, deadline) is not None


def read(stored: Connection, environment: Environment, deadline: Deadline) -> Outcome | None:
    """Read for a page, until `deadline`, also during a pause. Return None if the gateway was not asked.

    It is not asked if orders cannot be read at all, or if another request is reading orders. A request that waits for a
    gateway holds a thread of the server, so these take turns. A person who verifies keys need not wait for them.
    """
    if obstacles.find(stored, environment) or not (until := Turn.objects.begin(TURN, stored.now)):
        return None
    try:
        return _read(stored, environment, deadline)
    finally:
        Turn.objects.end(TURN, until)


def read_all(stored: Connection, environment: Environment) -> Outcome | Obstacle:
    """Read for a command, as long as it takes. Return what is missing if orders cannot be read."""
    if obstacle := obstacles.find(stored, environment):
        return obstacle
    source = sources.find(stored, environment)
    if source.is_paused(stored.now):
        return Outcome(cause=Cause(source.failed_code), retry_at=source.retry_at)
    return _read(stored, environment, None)


def _read(stored: Connection, environment: Environment, deadline: Deadline | None) -> Outcome:
    """Read as `_read_pages` does, and count it."""
    done = _read_pages(stored, environment, deadline)
    outcome = done.cause or ("complete" if done.is_complete else "incomplete")
    events.note("order_read", done.changed, environment=environment, outcome=outcome)
    return done


def _read_pages(stored: Connection, environment: Environment, deadline: Deadline | None) -> Outcome:
    """Read and store page after page. Without a deadline, each page has the time of one call."""
    source, _is_new = OrderSource.objects.get_or_create(data_space_id=stored.data_space_id, environment=environment)
    changed, pages, may_start_over = 0, 0, True
    places: set[str] = set()
    # Orders may have come in where the last read broke off. The read after this one asks for them again.
    broke_off_at = source.since if source.cursor else None
    while deadline is None or deadline.remaining_s() > MIN_SECONDS:
        places.add(source.cursor)
        try:
            page = _ask(stored, source, deadline or Deadline(), places)
        except GatewayError as error:
            if source.cursor and error.status == HTTPStatus.BAD_REQUEST and may_start_over:
                may_start_over, places = False, set()
                _start_over(source)
                continue
            if pages and deadline and error.reason == Reason.TIMEOUT:
                break
            return Outcome(changed, cause=_note_failure(source, error))
        stored_rows = storing.store(source, page, timezone.now(), broke_off_at)
        source.refresh_from_db()
        if stored_rows is None:
            break
        changed, pages = changed + stored_rows, pages + 1
        if not page.next:
            return Outcome(changed, is_complete=True)
    return Outcome(changed)


def _ask(stored: Connection, source: OrderSource, deadline: Deadline, places: set[str]) -> Page:
    """Return the next page. Raises GatewayError, also where it leads back to one of the `places` of this read."""
    slot = stored.slots[Environment(source.environment)]
    if slot.credentials is None:
        raise PairMissingError
    client = connect(slot.environment, slot.credentials, deadline, stored.identity)
    since = source.since - OVERLAP if source.since else None
    try:
        page = reports.read(client, source.data_space_id, since=since, cursor=source.cursor)
    except GatewayError as error:
        # An answer that is too large has a status; one of another shape has none.
        if error.reason != Reason.MALFORMED or error.status != HTTPStatus.OK:
            raise
        page = reports.read(client, source.data_space_id, since=since, cursor=source.cursor, limit=FEW_RESULTS)
    if page.next and page.next in places:
        raise GatewayError(Reason.MALFORMED)
    return page


def _start_over(source: OrderSource) -> None:
    """Forget the place that the gateway no longer knows, unless another read has moved on from it."""
    OrderSource.objects.filter(pk=source.pk, cursor=source.cursor, since=source.since).update(cursor="")
    source.refresh_from_db()


def _note_failure(source: OrderSource, error: GatewayError) -> Cause:
    now = timezone.now()
    cause = examine.cause_of(error, now)
    pause_s = examine.pause_s_of(error, cause)
    retry_at = None if pause_s is None else now + timedelta(seconds=pause_s)
    OrderSource.objects.filter(pk=source.pk).update(checked_at=now, failed_code=cause, retry_at=retry_at)
    return cause
