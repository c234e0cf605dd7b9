"""Why the report shows no order: one row for each reason, with its sentence and its button."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import OrderSource
from payments.onboarding import Stage


class Way(Enum):
    """Where the button leads."""

    CONFIGURATION = auto()
    HOME = auto()
    STORE = auto()
    REFRESH = auto()
    EVERY_DAY = auto()


class Reason(Enum):
    """Why there is nothing to show. The first that applies, wins."""

    NO_PAIR = auto()
    NO_DATA_SPACE = auto()
    NOT_VERIFIED = auto()
    NOT_OFFERED = auto()
    NOT_ONBOARDED = auto()
    NOT_READ = auto()
    NOTHING_RECEIVED = auto()
    NOTHING_FOUND = auto()


@dataclass(frozen=True)
class Row:
    """What the page shows. The texts, and the `anchor` in the configuration, have a placeholder for the environment."""

    title: Promise
    text: Promise
    way: Way
    button: Promise
    anchor: str = ""


ROWS: Mapping[Reason, Row] = {
    Reason.NO_PAIR: Row(
        _("There is no key pair for %(environment)s"),
        _("Orders are read with the %(environment)s key pair. Enter one to see them here."),
        Way.CONFIGURATION,
        _("Open the %(environment)s keys"),
        "{environment}-keys",
    ),
    Reason.NO_DATA_SPACE: Row(
        _("No data space is chosen"),
        _("Each data space has its own orders. Choose the one that your store works in."),
        Way.CONFIGURATION,
        _("Open the configuration"),
        "saas-identifier",
    ),
    Reason.NOT_VERIFIED: Row(
        _("The %(environment)s keys are not verified"),
        _("Orders can be read once Commerce Services accepts the %(environment)s key pair."),
        Way.HOME,
        _("Open Payment Services"),
    ),
    Reason.NOT_OFFERED: Row(
        _("This gateway offers no reports"),
        _("Commerce Services shows this report only in the Admin of your store, under Sales › Payment Services."),
        Way.STORE,
        _("Open the Admin of the store"),
    ),
    Reason.NOT_ONBOARDED: Row(
        _("%(environment)s onboarding is not completed"),
        _("A store sends its orders once onboarding with PayPal is completed. Complete it first."),
        Way.HOME,
        _("Open Payment Services"),
    ),
    Reason.NOT_READ: Row(
        _("The orders have not been read yet"),
        _("Commerce Services has not been asked for the orders of this data space yet."),
        Way.REFRESH,
        _("Refresh"),
    ),
    Reason.NOTHING_RECEIVED: Row(
        _("No store has sent any orders yet"),
        _(
            "A store sends its orders within a minute of each change. If yours has orders, check that its cron jobs "
            "run and that it uses this data space."
        ),
        Way.REFRESH,
        _("Refresh"),
    ),
    Reason.NOTHING_FOUND: Row(
        _("No orders match these dates and filters"),
        _("Remove a filter, or choose other dates."),
        Way.EVERY_DAY,
        _("Show all dates"),
    ),
}


def find(source: OrderSource, stage: Stage) -> Reason:
    """Return why no order of `source` is shown. `stage` is how far onboarding of its environment is."""
    if source.read_at and source.received_at:
        return Reason.NOTHING_FOUND
    obstacles = {
        Reason.NO_PAIR: not stage.slot.is_whole,
        Reason.NO_DATA_SPACE: not stage.data_space_id,
        Reason.NOT_VERIFIED: not stage.slot.is_verified,
        Reason.NOT_OFFERED: not stage.slot.offers_reports,
        Reason.NOT_ONBOARDED: stage.merchant.read_at and not stage.merchant.is_completed,
        Reason.NOT_READ: not source.read_at,
    }
    return next((reason for reason, is_so in obstacles.items() if is_so), Reason.NOTHING_RECEIVED)
