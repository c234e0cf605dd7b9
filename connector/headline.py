"""The state of the whole connection as one sentence and one button: the same on the Dashboard and in Payment Services.

To change a text or a button, change a row here. Texts and buttons that differ by cause are in the row of the cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.connection import Connection
from connector.verification.advice import Advice
from connector.verification.row import Button


class State(models.TextChoices):
    """The state of the connection in a word or two."""

    CONNECTED = "connected", _("Connected")
    NOT_VERIFIED = "not_verified", _("Not verified")
    CHECK_FAILED = "check_failed", _("Check failed")
    NOT_SET_UP = "not_set_up", _("Not set up")


class Tone(StrEnum):
    """How much it matters, by the name of the badge that shows it."""

    GOOD = "ok"
    OPEN = "unknown"
    BAD = "error"


class Situation(Enum):
    """What can be true of the connection; the first one that applies is shown."""

    EMPTY = auto()  # Nothing was entered, and no former pair can be restored.
    BLOCKED = auto()  # The active pair does not work, or is missing.
    UNCHECKED = auto()  # Nobody knows yet whether the active pair works.
    NO_RESULT = auto()  # The last check of the active pair had no result.
    NO_PROJECT = auto()
    NO_DATA_SPACE = auto()
    NAMELESS = auto()  # Connected, to an account that is not known by name.
    CONNECTED = auto()


@dataclass(frozen=True, kw_only=True)
class Row:
    """The headline of one situation. Without `text` or `button`, the cause has them."""

    state: State
    tone: Tone
    text: Promise | None = None
    button: Button | None = None


ROWS: Mapping[Situation, Row] = {
    Situation.EMPTY: Row(
        state=State.NOT_SET_UP, tone=Tone.OPEN, text=_("Payment Services is not set up yet"), button=Button.CONFIGURE
    ),
    Situation.BLOCKED: Row(state=State.NOT_VERIFIED, tone=Tone.BAD),
    Situation.UNCHECKED: Row(
        state=State.NOT_VERIFIED,
        tone=Tone.OPEN,
        text=_("%(badge)s keys are not verified yet"),
        button=Button.VERIFY_NOW,
    ),
    Situation.NO_RESULT: Row(state=State.CHECK_FAILED, tone=Tone.OPEN, button=Button.VERIFY_NOW),
    Situation.NO_PROJECT: Row(
        state=State.NOT_SET_UP,
        tone=Tone.OPEN,
        text=_("%(badge)s keys work; the project is not chosen yet"),
        button=Button.CONFIGURE,
    ),
    Situation.NO_DATA_SPACE: Row(
        state=State.NOT_SET_UP,
        tone=Tone.OPEN,
        text=_("%(badge)s keys work; the data space is not chosen yet"),
        button=Button.CONFIGURE,
    ),
    Situation.NAMELESS: Row(
        state=State.CONNECTED, tone=Tone.GOOD, text=_("Connected to %(badge)s"), button=Button.OPEN_PAYMENTS
    ),
    Situation.CONNECTED: Row(
        state=State.CONNECTED,
        tone=Tone.GOOD,
        text=_("Connected to %(badge)s as %(organization)s"),
        button=Button.OPEN_PAYMENTS,
    ),
}


@dataclass(frozen=True)
class Headline:
    """The first thing that a person reads about the connection.

    `text` is a sentence without its full stop. `button` is the one that helps, None where this person cannot use it:
    then `others_can` says whether somebody else can. `advice` says what this person can do where something is wrong.
    """

    state: State
    tone: Tone
    text: str
    button: Button | None
    others_can: bool
    advice: Advice | None


def read(connection: Connection, *, may_configure: bool, may_use: bool) -> Headline:
    """Return the headline of `connection` for a person who may configure it, or use Payment Services, or both."""
    slot, situation = connection.active, _situation(connection)
    row = ROWS[situation]
    advice = slot.failed_check if situation is Situation.NO_RESULT else slot.advise()
    names = {
        "badge": slot.environment.badge,
        "organization": slot.account.organization_name if slot.account else "",
    }
    text = str(row.text) % names if row.text else advice.headline if advice else ""
    button = row.button or next(iter(advice.buttons if advice else ()), None)
    usable = {
        Button.READ_GUIDE: True,
        Button.OPEN_PAYMENTS: may_use,
        Button.VERIFY_NOW: may_use or may_configure,
    }
    is_usable = button is not None and usable.get(button, may_configure)
    others_can = not is_usable and button not in usable
    if advice:
        advice = replace(advice, may_configure=may_configure)
    return Headline(row.state, row.tone, text, button if is_usable else None, others_can, advice)


def _situation(connection: Connection) -> Situation:
    slot = connection.active
    if slot.is_blocked:
        return Situation.EMPTY if connection.is_empty and not slot.may_restore else Situation.BLOCKED
    if slot.failed_check:
        return Situation.NO_RESULT
    if not slot.is_verified:
        return Situation.UNCHECKED
    if not connection.is_configured:
        return Situation.NO_DATA_SPACE if connection.project_id else Situation.NO_PROJECT
    has_name = bool(slot.account and slot.account.organization_name)
    return Situation.CONNECTED if has_name else Situation.NAMELESS
