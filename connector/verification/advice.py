"""What to say and which buttons to show for a cause: its row, applied to the pair at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from connector.environment import Environment
from connector.verification.causes import Cause
from connector.verification.row import ASK_TO_RESTORE, Button, Row, When


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to say about the `cause` of the pair of `environment`. Omit what is not known.

    `host` is the gateway's, `mage_id` the account's and `other_mage_id` that of the other environment's, `status` and
    `request_id` the response's. `again_at` is when the check is repeated. `variable` is the environment variable to set
    or to correct, `mistake` what it holds now.
    """

    cause: Cause
    environment: Environment
    host: str = ""
    mage_id: str = ""
    other_mage_id: str = ""
    status: int | None = None
    request_id: str = ""
    again_at: datetime | None = None
    variable: str = ""
    mistake: str = ""
    may_restore: bool = False
    may_move: bool = False
    may_configure: bool = True

    @property
    def headline(self) -> str:
        """What is wrong, in one clause without a full stop."""
        return str(self._row.headline) % self._names

    @property
    def explanation(self) -> str:
        """What was found."""
        return str(self._row.explanation) % self._names

    @property
    def next_step(self) -> str:
        """What this person can do now."""
        row = self._row
        if row.if_not_allowed and not self.may_configure:
            return str(ASK_TO_RESTORE if self.may_restore else row.if_not_allowed)
        return str(row.if_restorable if self.may_restore else row.next_step) % self._names

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons that the person can use, the one that helps most first."""
        if not self.may_configure:
            return ()
        return tuple(button for button in self._row.buttons if self.may_restore or button is not Button.RESTORE_PAIR)

    @property
    def anchor(self) -> str:
        """The id of the section or field of the configuration page where the cause is corrected."""
        return self.cause.row.place.format(environment=self.environment)

    @property
    def offers_guide(self) -> bool:
        """Whether a link to the guide is of use: not where a button leads there."""
        return Button.READ_GUIDE not in self.buttons

    @cached_property
    def _row(self) -> Row:
        """The row of the cause, with the cases applied that are true of the pair."""
        holds = {
            When.LOCKED: bool(self.variable),
            When.NOT_MOVABLE: not self.may_move,
            When.TIMED: self.again_at is not None,
            When.REFUSED: self.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN},
        }
        row = self.cause.row
        for when, case in row.cases.items():
            if holds[when]:
                row = replace(row, **case)
        return row

    @cached_property
    def _names(self) -> Mapping[str, object]:
        """The values for the placeholders in the texts of a row.

        `answer`, `mage_id` and `mage_ids` bring their own space and brackets, and are empty where they are not known.
        """
        mage_ids = _(" (%(environment)s: %(mage_id)s, %(other)s: %(other_mage_id)s)") % {
            "environment": self.environment.label,
            "mage_id": self.mage_id,
            "other": self.environment.other.label,
            "other_mage_id": self.other_mage_id,
        }
        answer = _(" (status %(status)s, request id %(request_id)s)") if self.request_id else _(" (status %(status)s)")
        return {
            "badge": self.environment.badge,
            "environment": self.environment.label,
            "other": self.environment.other.label,
            "host": self.host,
            "mage_id": f" ({self.mage_id})" if self.mage_id else "",
            "mage_ids": mage_ids if self.mage_id and self.other_mage_id else "",
            "answer": answer % {"status": self.status, "request_id": self.request_id} if self.status else "",
            "time": clock_time(self.again_at) if self.again_at else "",
            "variable": self.variable,
            "mistake": self.mistake,
        }


def clock_time(moment: datetime) -> str:
    """Return `moment` as a time of day, rounded up to the minute so that it is never too early."""
    minute = (moment + timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)
    return date_format(timezone.localtime(minute), "TIME_FORMAT")
