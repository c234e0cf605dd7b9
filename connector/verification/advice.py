"""What to say and which buttons to show for a cause: its row, applied to the pair at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from connector.environment import Environment
from connector.verification.causes import Button, Cause, When


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known of the pair of `environment` and of the response about it. Omit what is not known.

    `host` is the gateway's, `mage_id` the account's, `status` and `request_id` the response's. `again_at` is when the
    check is repeated. `variable` is the environment variable to set or to correct, `mistake` what it holds now.
    """

    environment: Environment
    host: str = ""
    mage_id: str = ""
    status: int | None = None
    request_id: str = ""
    again_at: datetime | None = None
    variable: str = ""
    mistake: str = ""
    may_restore: bool = False
    may_move: bool = False
    may_configure: bool = True

    def holds(self, when: When) -> bool:
        """Return whether `when` is true of the pair."""
        return {
            When.LOCKED: bool(self.variable),
            When.RESTORABLE: self.may_restore,
            When.NOT_MOVABLE: not self.may_move,
            When.TIMED: self.again_at is not None,
            When.REFUSED: self.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN},
        }[when]

    def names(self) -> Mapping[str, object]:
        """Return the values for the placeholders in the texts of a row.

        `answer` and `mage_id` bring their own space and brackets, and are empty where they are not known.
        """
        return {
            "environment": self.environment.label,
            "other": self.environment.other.label,
            "host": self.host,
            "mage_id": f" ({self.mage_id})" if self.mage_id else "",
            "answer": self._answer(),
            "time": clock_time(self.again_at) if self.again_at else "",
            "variable": self.variable,
            "mistake": self.mistake,
        }

    def _answer(self) -> str:
        if not self.status:
            return ""
        text = _(" (status %(status)s, request id %(request_id)s)") if self.request_id else _(" (status %(status)s)")
        return text % {"status": self.status, "request_id": self.request_id}


@dataclass(frozen=True)
class Advice:
    """What was found, the next step as one sentence, and its buttons: the one that helps most first.

    `anchor` is the id of the section or field of the configuration page where the cause is corrected.
    """

    cause: Cause
    explanation: str
    next_step: str
    buttons: tuple[Button, ...]
    anchor: str

    @property
    def offers_guide(self) -> bool:
        """Whether a link to the guide is of use: not where a button leads there."""
        return Button.READ_GUIDE not in self.buttons


def advise(cause: Cause, situation: Situation) -> Advice:
    """Return what to say about `cause`, and the buttons that the person can use."""
    row, names = cause.row, situation.names()
    cases = [case for case in row.cases if situation.holds(case.when)]
    explanation = next((case.explanation for case in cases if case.explanation), row.explanation)
    next_step = next((case.next_step for case in cases if case.next_step), row.next_step)
    buttons = next((case.buttons for case in cases if case.buttons), row.buttons)
    if not situation.may_restore:
        buttons = tuple(button for button in buttons if button is not Button.RESTORE_PAIR)
    if not situation.may_configure:
        buttons = ()
    anchor = row.place.at(situation.environment)
    return Advice(cause, str(explanation) % names, str(next_step) % names, buttons, anchor)


def clock_time(moment: datetime) -> str:
    """Return `moment` as a time of day, rounded up to the minute so that it is never too early."""
    minute = (moment + timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)
    return date_format(timezone.localtime(minute), "TIME_FORMAT")
