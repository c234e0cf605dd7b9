"""What a row of the causes is made of: its kind, its texts, the buttons that help, and the place to correct it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a cause says about the account. Only *rejected* is a fact about it, and is stored."""

    LOCAL = "local", _("On this server")
    INPUT = "input", _("In what was entered")
    UNKNOWN = "unknown", _("Not known at the moment")
    REJECTED = "rejected", _("Not accepted by Commerce Services")


class Button(StrEnum):
    """A button that helps. Pages decide what it looks like and where it leads."""

    RESTORE_PAIR = "restore_pair"
    MOVE_PAIR = "move_pair"
    OPEN_PORTAL = "open_portal"
    ENTER_KEYS = "enter_keys"
    CHOOSE_DATA_SPACE = "choose_data_space"
    READ_GUIDE = "read_guide"
    # Of the whole connection; no cause has these.
    CONFIGURE = "configure"
    VERIFY_NOW = "verify_now"
    OPEN_PAYMENTS = "open_payments"


class Place(StrEnum):
    """Where on the configuration page a cause is corrected: the id of a section or field."""

    KEYS = "{environment}-keys"
    PRIVATE_KEY = "{environment}_private_key"
    IDENTIFIER = "saas-identifier"


class When(Enum):
    """What can be true of the pair at the moment, so that other words or buttons help."""

    LOCKED = auto()  # An environment variable sets a half of the pair.
    NOT_MOVABLE = auto()  # The pair cannot move to the section of the other environment.
    TIMED = auto()  # It is known when the check is repeated.
    REFUSED = auto()  # The status of the response was 401 or 403.


RESTORE = _("Restore the former pair, which worked, or correct the keys.")
ASK_TO_RESTORE = _("Somebody who may configure the connection can restore the former pair, which worked. Ask them.")
ASK = _("Somebody who may configure the connection has to correct this. Ask them, and tell them the cause.")


@dataclass(frozen=True, kw_only=True)
class Row:
    """All that varies by cause. The defaults are those of a rejected pair.

    The texts have places for what `Advice` knows. `headline` is one clause without a full stop. `if_restorable` is the
    next step where the former pair can be restored, `if_not_allowed` that of a person who may not configure; without
    one they can do what the others can. `buttons` begins with the one that helps most. `help` is the page of the guide
    that says more. `is_of_working_pair` means that the gateway accepts the pair all the same, so that its account is
    known. `cases` are the fields, by name, that have another value when something is true of the pair.
    """

    kind: Kind = Kind.REJECTED
    headline: Promise
    explanation: Promise
    next_step: Promise
    if_restorable: Promise = RESTORE
    if_not_allowed: Promise | None = ASK
    buttons: tuple[Button, ...] = (Button.RESTORE_PAIR, Button.ENTER_KEYS)
    place: Place = Place.KEYS
    help: str = "enter-the-keys"
    is_of_working_pair: bool = False
    cases: Mapping[When, Mapping[str, Any]] = field(default_factory=dict)
