"""Deletes old rows of the action log, and leaves a checkpoint from which the rest can be proved."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from backend.audit import action_log, chain, proof
from backend.audit.actions import Action
from backend.audit.actor import Actor
from backend.audit.models import Checkpoint
from backend.audit.proof import Head, Proof

ROWS_AT_ONCE = 1000

# Rows are linked in the order in which they were committed, so the first link of a row that stays is the limit.
_LAST = """
    SELECT COALESCE(
        (SELECT MIN(c.number) - 1 FROM audit_loggedaction l JOIN audit_chainlink c ON c.row_id = l.id WHERE l.at >= %s),
        (SELECT MAX(number) FROM audit_chainlink),
        0
    )
"""
_ROWS = "DELETE FROM audit_loggedaction WHERE id IN (SELECT row_id FROM audit_chainlink WHERE number <= %s)"


class ChangedError(Exception):
    """Somebody changed the rows that should be deleted: they are evidence, so they stay."""


def shorten(now: datetime) -> int:
    """Delete the rows that are older than the setting allows, and return how many. Raises ChangedError."""
    chain.extend_with_all()
    if settings.ACTION_LOG_DAYS:
        _leave_checkpoint(now, now - timedelta(days=settings.ACTION_LOG_DAYS))
    return _delete()


def _leave_checkpoint(now: datetime, limit: datetime) -> None:
    """Note up to which row all are older than `limit`, if there are any."""
    begin = proof.beginning()
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [connection.ops.adapt_datetimefield_value(limit)])
        last = int(cursor.fetchone()[0])
    if last <= begin.number:
        return
    old = Proof(is_whole=True, newest=begin)
    for _count in old.follow(proof.stored(begin.number, last)):
        pass
    if old.problem_count:
        raise ChangedError
    with transaction.atomic():
        head, rows = old.newest, last - begin.number
        _checkpoint, is_new = Checkpoint.objects.get_or_create(
            number=head.number, defaults={"digest": head.digest, "rows": rows, "at": now}
        )
        if is_new:
            action_log.record(Action.LOG_SHORTENED, after=facts_of(head), who=Actor())
    # The next link needs the one before: it must not be the last one that is deleted.
    chain.extend_with_all()


def facts_of(head: Head) -> str:
    """Return what the log says of a checkpoint."""
    return action_log.facts(number=head.number, digest=head.digest)


def _delete() -> int:
    """Delete what the newest checkpoint allows, also where an earlier run was stopped."""
    last, count = proof.beginning().number, 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(number) FROM audit_chainlink")
        first = cursor.fetchone()[0] or last + 1
        while first <= last:
            first += ROWS_AT_ONCE
            up_to = min(first - 1, last)
            with transaction.atomic():
                cursor.execute(_ROWS, [up_to])
                count += cursor.rowcount
                cursor.execute("DELETE FROM audit_chainlink WHERE number <= %s", [up_to])
    return count
