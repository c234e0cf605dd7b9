"""How the statuses of an order follow from what its store sent: one table, read by the sync and by the guide.

Commerce Services does not publish its own rules. In each table the first rule that applies gives the status, and an
order without any has none. A rule does not apply if an amount that it needs cannot be read.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.orders.facts import ZERO, Facts, UnreadableError
from payments.orders.statuses import Dispute, PayStatus, RefundStatus

# The states of a credit memo. Source: `Magento\Sales\Model\Order\Creditmemo`.
OPEN, CANCELED = "1", "3"


@dataclass(frozen=True)
class Rule:
    """When an order has `status`: in words for the guide, and as a test."""

    status: PayStatus | RefundStatus | Dispute
    words: Promise
    applies: Callable[[Facts], bool]


PAY = (
    Rule(
        PayStatus.VOIDED,
        _("An amount was authorized and nothing is paid, and the order was canceled or the authorization voided."),
        lambda order: (
            ("void" in order.transactions or order.state == "canceled") and order.paid <= ZERO and order.is_authorized
        ),
    ),
    Rule(
        PayStatus.CAPTURE_CONFIRMED,
        _("The whole amount of the order is paid, apart from what was canceled."),
        lambda order: order.paid > ZERO and order.paid >= order.due,
    ),
    Rule(
        PayStatus.PARTIAL_CAPTURE,
        _("Something is paid, but less than the amount of the order, apart from what was canceled."),
        lambda order: ZERO < order.paid < order.due,
    ),
    Rule(
        PayStatus.CAPTURE_REQUESTED,
        _("There is an invoice, and nothing is paid yet."),
        lambda order: order.paid <= ZERO and order.is_invoiced,
    ),
    Rule(
        PayStatus.CAPTURE_FAILED,
        _("A capture was tried. There is no invoice and nothing is paid."),
        lambda order: "capture" in order.transactions and order.paid <= ZERO and not order.has_invoice,
    ),
    Rule(
        PayStatus.AUTHORIZED,
        _("An amount is authorized, and nothing is paid."),
        lambda order: order.paid <= ZERO and order.is_authorized,
    ),
)
REFUND = (
    Rule(
        RefundStatus.REFUND_REQUESTED,
        _("There is a credit memo that is still open."),
        lambda order: OPEN in order.credit_memos,
    ),
    Rule(
        RefundStatus.REFUNDED,
        _("The whole amount or a part of it was refunded."),
        lambda order: order.refunded > ZERO,
    ),
    Rule(
        RefundStatus.REFUND_FAILED,
        _("A refund was tried, and nothing was refunded."),
        lambda order: "refund" in order.transactions and order.refunded <= ZERO,
    ),
    Rule(
        RefundStatus.VOIDED,
        _("There are credit memos, and all of them were canceled."),
        lambda order: bool(order.credit_memos) and {*order.credit_memos} == {CANCELED},
    ),
    Rule(
        RefundStatus.REQUIRES_REFUND,
        _("The order is canceled or closed, and what was paid was not refunded."),
        lambda order: order.state in {"canceled", "closed"} and order.paid > ZERO and order.refunded <= ZERO,
    ),
)
# Feeds have no disputes, so a store shows one by the code of the order status. Codes that begin with dispute_ are ours,
# the other two are Magento's, for PayPal.
DISPUTE = (
    Rule(
        Dispute.OPEN,
        _("The code of the order status is dispute_open or paypal_reversed."),
        lambda order: order.status in {"dispute_open", "paypal_reversed"},
    ),
    Rule(
        Dispute.WAITING_FOR_BUYER,
        _("The code of the order status is dispute_waiting_for_buyer."),
        lambda order: order.status == "dispute_waiting_for_buyer",
    ),
    Rule(
        Dispute.WAITING_FOR_SELLER,
        _("The code of the order status is dispute_waiting_for_seller."),
        lambda order: order.status == "dispute_waiting_for_seller",
    ),
    Rule(
        Dispute.UNDER_REVIEW,
        _("The code of the order status is dispute_under_review."),
        lambda order: order.status == "dispute_under_review",
    ),
    Rule(
        Dispute.RESOLVED,
        _("The code of the order status is dispute_resolved or paypal_canceled_reversal."),
        lambda order: order.status in {"dispute_resolved", "paypal_canceled_reversal"},
    ),
    Rule(
        Dispute.OTHER,
        _("The code of the order status begins with dispute_ and is none of the above."),
        lambda order: isinstance(order.status, str) and order.status.startswith("dispute_"),
    ),
)


def first(rules: tuple[Rule, ...], order: Facts) -> str:
    """Return the status that the first of `rules` that applies gives to `order`; empty where none does."""
    return next((rule.status.value for rule in rules if _applies(rule, order)), "")


def _applies(rule: Rule, order: Facts) -> bool:
    try:
        return rule.applies(order)
    except UnreadableError:
        return False
