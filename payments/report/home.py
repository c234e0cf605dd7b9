"""The orders at a glance: what Home shows of the active environment."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from connector.connection import Connection
from connector.environment import Environment
from payments.onboarding import Stage
from payments.report import attention, chart, emptiness, links
from payments.report.emptiness import Reason

# Home explains these further up, so its part about orders is left out.
_EXPLAINED_ABOVE = {Reason.NO_PAIR, Reason.NO_DATA_SPACE, Reason.NOT_VERIFIED}


def context(stored: Connection, stages: Mapping[Environment, Stage], query: QueryDict) -> dict[str, Any]:
    """Return what Home shows of the orders: stored state only, with one query.

    There is a chart, or a row of `emptiness` that says why there is none, or neither.
    """
    environment = stored.active_environment
    if not stored.data_space_id:
        return {"order_items": [], "chart": None, "nothing": None}
    source, counts = attention.load(stored, environment)
    drawn = chart.draw(source, query, stored.now) if source.received_at else None
    reason = emptiness.find(source, stages[environment])
    return {
        "order_items": attention.items(source, counts, stored.now),
        "chart": drawn,
        "nothing": None if drawn or reason in _EXPLAINED_ABOVE else emptiness.ROWS[reason],
        "way": emptiness.Way,
        "report_url": links.report(environment),
    }
