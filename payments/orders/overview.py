"""The orders at a glance: what Home shows of the active environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from connector.connection import Connection
from connector.environment import Environment
from payments.onboarding import Stage
from payments.orders import attention, chart, links


@dataclass(frozen=True)
class Gap:
    """Why there is no chart, and the link that helps, if any does."""

    text: str
    url: str = ""
    label: str = ""
    is_in_store: bool = False


def context(stored: Connection, stages: Mapping[Environment, Stage], query: QueryDict) -> dict[str, Any]:
    """Return what Home shows of the orders: stored state only, with one query."""
    environment = stored.active_environment
    if not stored.data_space_id:
        return {"order_items": [], "chart": None, "gap": None, "report_url": ""}
    source, counts = attention.load(stored, environment)
    drawn = chart.draw(source, query, stored.now) if source.received_at else None
    return {
        "order_items": attention.items(source, counts, stored.now),
        "chart": drawn,
        "gap": None if drawn else _gap(stages[environment], is_read=source.read_at is not None),
        "report_url": links.report(environment),
    }


def _gap(stage: Stage, *, is_read: bool) -> Gap | None:
    if not stage.is_possible:
        # The page says what is wrong with the keys, and that comes first.
        return None
    if not stage.slot.verification.offers_reports:
        text = _(
            "This gateway reports no orders to other programs. The Admin of your store has the report, under Sales › "
            "Payment Services."
        )
        return Gap(text, is_in_store=True)
    if not stage.merchant.is_completed:
        text = _("The orders of your store come here once onboarding is completed.")
        return Gap(text, f"#onboarding-{stage.environment}", _("Go to onboarding"))
    if not is_read:
        text = _("The orders of your store have not been read yet. The report reads them when you open it.")
        return Gap(text, links.report(stage.environment), _("View report"))
    text = _(
        "Your store has not sent any order yet. It does so within minutes once payments are switched on there and its "
        "cron jobs run."
    )
    return Gap(text, links.report(stage.environment), _("View report"))
