"""The action log: who did what, when, from where, with which result, and the state before and after.

Rows are added by `record` and `record_refusal` alone. They hold fingerprints, ids and names, never a key or a password.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from backend.audit import actor, chain
from backend.audit.actions import Result, facts, is_event
from backend.audit.actor import Actor
from backend.audit.models import LoggedAction
from backend.frame.leaks import without_keys

__all__ = ["facts", "record", "record_refusal"]

MAX_TEXT = 1000
# Otherwise somebody who tries again and again would fill the log. The log of the server has every request.
REPEATS_ONCE_IN = timedelta(minutes=1)
# Any number will do, as long as nothing else takes this lock.
LOCK = 4_201_701_218


def record(
    action: str,
    subject: str = "",
    *,
    before: str = "",
    after: str = "",
    refusal: str = "",
    who: Actor | None = None,
) -> None:
    """Add one row, of the person whose request is being answered unless `who` is given.

    Call it inside the transaction of the change, so that neither exists without the other. `before` and `after` are a
    code or the text of `facts`. Pages and the export show both, so they must hold no secret; what looks like part of a
    private key is removed. `refusal` is a `Cause` or a `Refusal`; without it the action was done.
    """
    who = who or actor.current()
    row = LoggedAction(
        user_id=who.user_id,
        user_name=who.name[:150],
        address=who.address,
        action=action,
        subject=_stored_subject(subject),
        result=Result.REFUSED if refusal else Result.DONE,
        cause=refusal,
        before=without_keys(before)[:MAX_TEXT],
        after=without_keys(after)[:MAX_TEXT],
        is_event=is_event(action, is_refused=bool(refusal)),
    )
    chain.add(row)


def record_refusal(
    action: str, subject: str = "", *, refusal: str, before: str = "", after: str = "", who: Actor | None = None
) -> None:
    """Add a row for a refused attempt, at most one a minute where a person or an address repeats it.

    A repeat has the same action, subject and refusal. The log itself says what was there before, so that all processes
    know. Call it outside the transaction that the refusal rolls back.
    """
    who = who or actor.current()
    same: dict[str, Any] = {"user_id": who.user_id, "address": who.address, "cause": refusal}
    newer = LoggedAction.objects.filter(action=action, at__gt=timezone.now() - REPEATS_ONCE_IN)
    repeated = newer.filter(subject=_stored_subject(subject), **same)
    if repeated.exists():
        return
    with transaction.atomic():
        _wait_for_other_refusals()
        if not repeated.all().exists():
            record(action, subject, refusal=refusal, before=before, after=after, who=who)


def _wait_for_other_refusals() -> None:
    """Let one transaction at a time look for repeats. SQLite does that by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _stored_subject(subject: str) -> str:
    return without_keys(subject)[:255]
