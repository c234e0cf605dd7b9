"""The shop whose orders are made up: its websites, stores and store views, its statuses, and how people pay there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class StoreView:
    """A store view with its store and website, named and ordered as the feed has them."""

    store_view_id: str
    store_id: str
    website_id: str
    store_view_name: str
    store_name: str
    website_name: str


@dataclass(frozen=True)
class Method:
    """A way to pay: the end of its code, and what PayPal calls the source of the money."""

    code: str
    source: str
    is_card: bool = False


# With each: its currency, and how many of a hundred orders it has.
STORE_VIEWS: Mapping[StoreView, tuple[str, int]] = {
    StoreView("1", "1", "1", "English", "Outdoor", "Europe"): ("EUR", 40),
    StoreView("2", "1", "1", "Français", "Outdoor", "Europe"): ("EUR", 25),
    StoreView("3", "2", "1", "Outlet", "Outlet", "Europe"): ("EUR", 10),
    StoreView("4", "3", "2", "English (US)", "Outdoor US", "North America"): ("USD", 25),
}
# With each: how many of a hundred orders are paid this way.
METHODS: Mapping[Method, int] = {
    Method("smart_buttons", "paypal"): 40,
    Method("hosted_fields", "card", is_card=True): 30,
    Method("apple_pay", "apple_pay", is_card=True): 12,
    Method("google_pay", "google_pay", is_card=True): 10,
    Method("fastlane", "card", is_card=True): 8,
}
# Source: the labels of a new Magento store. It knows no disputes, so a shop adds statuses for them.
STATUSES: Mapping[str, str] = {
    "pending": "Pending",
    "pending_payment": "Pending Payment",
    "pending_paypal": "Pending PayPal",
    "payment_review": "Payment Review",
    "fraud": "Suspected Fraud",
    "holded": "On Hold",
    "processing": "Processing",
    "complete": "Complete",
    "closed": "Closed",
    "canceled": "Canceled",
    "paypal_reversed": "PayPal Reversed",
    "paypal_canceled_reversal": "PayPal Canceled Reversal",
    "dispute_open": "Dispute Open",
    "dispute_waiting_for_buyer": "Dispute: Waiting for Buyer",
    "dispute_waiting_for_seller": "Dispute: Waiting for Seller",
    "dispute_under_review": "Dispute Under Review",
    "dispute_resolved": "Dispute Resolved",
    "dispute_escalated": "Dispute Escalated",
}


def status_rows() -> list[dict[str, str]]:
    """Return the rows of the feed of statuses."""
    return [{"status": status, "label": label} for status, label in STATUSES.items()]


def store_rows() -> list[dict[str, str]]:
    """Return the rows of the feed of stores."""
    return [asdict(view) for view in STORE_VIEWS]
