"""The courses that an order can take: what happens to it, and after how many days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dashboard.demo_store.order import DemoOrder

Step = Callable[[DemoOrder, datetime], None]


@dataclass(frozen=True)
class Course:
    """What happens to an order: each step with the days since it was placed, 0 for at once.

    `weight` is how often it comes among many orders. The first order of each day takes its course from `CARDS`, so that
    a shop with few orders has every state too; `cards` is how often it is among these.
    """

    steps: tuple[tuple[float, Step], ...]
    weight: int
    cards: int = 1
    is_in_parts: bool = False


def _disputed(status: str, *ends: str) -> Course:
    """Return the course of an order whose payment is disputed after some days."""
    statuses = enumerate((status, *ends))
    return Course((*SOLD, *((6 + 4 * n, partial(_mark, status)) for n, status in statuses)), 1)


def _mark(status: str, order: DemoOrder, at: datetime) -> None:
    order.mark(status, at)


SOLD: tuple[tuple[float, Step], ...] = ((0, DemoOrder.capture), (1, DemoOrder.ship))
AUTHORIZED = Course(((0, DemoOrder.authorize), (29, DemoOrder.void)), 4)
COURSES: Mapping[str, Course] = {
    "sold": Course(SOLD, 80, cards=5),
    "paid later": Course(((0, DemoOrder.authorize), (0.8, DemoOrder.capture), (1.6, DemoOrder.ship)), 160, cards=4),
    "authorized until it lapses": AUTHORIZED,
    "capture requested": Course(((0, DemoOrder.authorize), (1, DemoOrder.request_capture)), 6),
    "paid in part": Course(
        ((0, DemoOrder.authorize), (1, DemoOrder.capture_part), (1.2, DemoOrder.ship_part)), 8, is_in_parts=True
    ),
    "paid in part, the rest canceled": Course(
        (
            (0, DemoOrder.authorize),
            (1, DemoOrder.capture_part),
            (1.2, DemoOrder.ship_part),
            (6, DemoOrder.cancel),
        ),
        3,
        is_in_parts=True,
    ),
    "capture failed": Course(((0, DemoOrder.authorize), (1, DemoOrder.fail_capture)), 3),
    "voided": Course(((0, DemoOrder.authorize), (2, DemoOrder.void)), 8),
    "never paid": Course(((0.1, DemoOrder.cancel),), 8),
    "stopped after payment": Course(((0, DemoOrder.capture), (1, DemoOrder.stop)), 2),
    "given back": Course((*SOLD, (8, DemoOrder.refund)), 10),
    "given back in part": Course((*SOLD, (9, DemoOrder.refund_part)), 6),
    "refund requested": Course((*SOLD, (7, DemoOrder.request_refund)), 3),
    "refund failed": Course((*SOLD, (7, DemoOrder.fail_refund)), 2),
    "refund voided": Course((*SOLD, (9, DemoOrder.cancel_refund)), 2),
    "reversed": _disputed("paypal_reversed"),
    "reversal canceled": _disputed("paypal_reversed", "paypal_canceled_reversal"),
    "dispute open": _disputed("dispute_open"),
    "dispute waits for the buyer": _disputed("dispute_open", "dispute_waiting_for_buyer"),
    "dispute waits for the seller": _disputed("dispute_open", "dispute_waiting_for_seller"),
    "dispute under review": _disputed("dispute_open", "dispute_waiting_for_seller", "dispute_under_review"),
    "dispute resolved": _disputed("dispute_open", "dispute_resolved"),
    "dispute escalated": _disputed("dispute_open", "dispute_escalated"),
}
CARDS = [name for name, course in COURSES.items() for _card in range(course.cards)]
