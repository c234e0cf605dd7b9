"""The action log: who did what, when, from where, with which result, and the state before and after.

Rows are added by `record` alone. They hold fingerprints, ids and names, never a key or a password.
"""

from backend.audit import actor
from backend.audit.actions import Result, facts, is_event
from backend.audit.actor import Actor
from backend.audit.models import LoggedAction
from backend.frame.leaks import without_keys

__all__ = ["facts", "record"]

MAX_TEXT = 1000


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
    LoggedAction.objects.create(
        user_id=who.user_id,
        user_name=who.name[:150],
        address=who.address,
        action=action,
        subject=without_keys(subject)[:255],
        result=Result.REFUSED if refusal else Result.DONE,
        cause=refusal,
        before=without_keys(before)[:MAX_TEXT],
        after=without_keys(after)[:MAX_TEXT],
        is_event=is_event(action, is_refused=bool(refusal)),
    )
