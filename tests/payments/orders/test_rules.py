"""Every rule of every status, also at its limits."""

from typing import Any

import pytest

from payments.orders import rules
from payments.orders.facts import Facts
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from tests.payments.orders.rows import bare_row, transaction

AUTHORIZED, ORDERED = [transaction("authorization")], [transaction("order")]
VOIDED, CAPTURED = [transaction("authorization"), transaction("void")], [transaction("capture")]
INVOICES, MEMO = [{"id": "1"}], [{"id": "1", "state": 2}]


def pay_status(**values: Any) -> str:
    return rules.first(rules.PAY, Facts(bare_row(**values)))


def refund_status(**values: Any) -> str:
    return rules.first(rules.REFUND, Facts(bare_row(**values)))


def test_an_order_about_which_nothing_is_known_has_no_status() -> None:
    assert (pay_status(), refund_status(), rules.first(rules.DISPUTE, Facts(bare_row()))) == ("", "", "")


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"transactions": VOIDED}, PayStatus.VOIDED),
        ({"state": "canceled", "amount_authorized": "80.10"}, PayStatus.VOIDED),
        ({"state": "canceled", "amount_authorized": "0.01"}, PayStatus.VOIDED),
        ({"state": "canceled", "transactions": ORDERED}, PayStatus.VOIDED),
        ({"state": "canceled", "amount_authorized": "0.00"}, ""),
        ({"state": "canceled"}, ""),
        ({"transactions": VOIDED, "amount_paid": "80.10"}, PayStatus.CAPTURE_CONFIRMED),
        ({"transactions": VOIDED, "amount_paid": "0.01"}, PayStatus.PARTIAL_CAPTURE),
        ({"transactions": [transaction("void")]}, ""),
    ],
)
def test_voided_was_authorized_and_is_not_paid(values: dict[str, Any], status: str) -> None:
    assert pay_status(**values) == status


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"amount_paid": "80.10"}, PayStatus.CAPTURE_CONFIRMED),
        ({"amount_paid": "80.11"}, PayStatus.CAPTURE_CONFIRMED),
        ({"amount_paid": "80.09"}, PayStatus.PARTIAL_CAPTURE),
        ({"amount_paid": "80.0999"}, PayStatus.PARTIAL_CAPTURE),
        ({"amount_paid": "70.10", "amount_canceled": "10.00"}, PayStatus.CAPTURE_CONFIRMED),
        ({"amount_paid": "70.09", "amount_canceled": "10.00"}, PayStatus.PARTIAL_CAPTURE),
        ({"amount_captured_online": "80.10"}, PayStatus.CAPTURE_CONFIRMED),
        ({"amount_captured_online": "80.09"}, PayStatus.PARTIAL_CAPTURE),
        ({"amount_paid": "0.01", "amount_captured_online": "80.10"}, PayStatus.PARTIAL_CAPTURE),
        ({"amount_paid": "0.0000"}, ""),
        ({"amount_paid": "0", "grand_total": "0"}, ""),
    ],
)
def test_what_is_paid_is_compared_with_what_is_due(values: dict[str, Any], status: str) -> None:
    assert pay_status(**values) == status


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"invoices": INVOICES}, PayStatus.CAPTURE_REQUESTED),
        ({"total_invoiced": 1}, PayStatus.CAPTURE_REQUESTED),
        ({"total_invoiced": 0}, ""),
        ({"invoices": INVOICES, "transactions": CAPTURED}, PayStatus.CAPTURE_REQUESTED),
        ({"invoices": INVOICES, "amount_paid": "0.01"}, PayStatus.PARTIAL_CAPTURE),
        ({"invoices": [], "total_invoiced": 0, "transactions": CAPTURED}, PayStatus.CAPTURE_FAILED),
        ({"transactions": [*AUTHORIZED, *CAPTURED]}, PayStatus.CAPTURE_FAILED),
        ({"transactions": CAPTURED, "amount_paid": "0.01"}, PayStatus.PARTIAL_CAPTURE),
        ({"transactions": AUTHORIZED}, PayStatus.AUTHORIZED),
        ({"transactions": ORDERED}, PayStatus.AUTHORIZED),
        ({"amount_authorized": "0.01"}, PayStatus.AUTHORIZED),
        ({"amount_authorized": "0.00"}, ""),
    ],
)
def test_an_unpaid_order_is_as_far_as_its_invoices_and_transactions(values: dict[str, Any], status: str) -> None:
    assert pay_status(**values) == status


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"credit_memos": [*MEMO, {"id": "2", "state": 1}]}, RefundStatus.REFUND_REQUESTED),
        ({"credit_memos": [{"id": "2", "state": "1"}], "amount_refunded": "5"}, RefundStatus.REFUND_REQUESTED),
        ({"amount_refunded": "0.01"}, RefundStatus.REFUNDED),
        ({"amount_refunded_online": "0.01"}, RefundStatus.REFUNDED),
        ({"amount_refunded": "0", "amount_refunded_online": "1"}, ""),
        ({"credit_memos": MEMO, "amount_refunded": "0.00"}, ""),
        ({"transactions": [transaction("refund")]}, RefundStatus.REFUND_FAILED),
        ({"transactions": [transaction("refund")], "amount_refunded": "0.01"}, RefundStatus.REFUNDED),
        ({"credit_memos": [{"id": "1", "state": 3}]}, RefundStatus.VOIDED),
        ({"credit_memos": [*MEMO, {"id": "2", "state": 3}]}, ""),
        ({"credit_memos": []}, ""),
        ({"state": "closed", "amount_paid": "0.01"}, RefundStatus.REQUIRES_REFUND),
        ({"state": "canceled", "amount_captured_online": "80.10"}, RefundStatus.REQUIRES_REFUND),
        ({"state": "closed", "amount_paid": "80.10", "amount_refunded": "0.01"}, RefundStatus.REFUNDED),
        ({"state": "closed", "amount_paid": "0.00"}, ""),
        ({"state": "complete", "amount_paid": "80.10"}, ""),
    ],
)
def test_a_refund_is_as_far_as_its_credit_memos_and_amounts(values: dict[str, Any], status: str) -> None:
    assert refund_status(**values) == status


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("dispute_open", Dispute.OPEN),
        ("paypal_reversed", Dispute.OPEN),
        ("dispute_waiting_for_buyer", Dispute.WAITING_FOR_BUYER),
        ("dispute_waiting_for_seller", Dispute.WAITING_FOR_SELLER),
        ("dispute_under_review", Dispute.UNDER_REVIEW),
        ("dispute_resolved", Dispute.RESOLVED),
        ("paypal_canceled_reversal", Dispute.RESOLVED),
        ("dispute_lost", Dispute.OTHER),
        ("dispute_", Dispute.OTHER),
        ("dispute", ""),
        ("processing", ""),
        ("Dispute_open", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_a_dispute_follows_from_the_order_status(code: object, status: str) -> None:
    assert rules.first(rules.DISPUTE, Facts(bare_row(status=code))) == status


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"grand_total": "a lot", "amount_paid": "80.10"}, ""),
        ({"grand_total": None, "amount_paid": "80.10"}, ""),
        ({"grand_total": None, "amount_paid": "80.10", "transactions": AUTHORIZED}, ""),
        ({"amount_canceled": "12,50", "amount_paid": "80.10"}, ""),
        ({"grand_total": "a lot", "transactions": AUTHORIZED}, PayStatus.AUTHORIZED),
        ({"amount_paid": "12,50", "amount_captured_online": "80.10", "transactions": AUTHORIZED}, ""),
        ({"amount_paid": "12,50", "invoices": INVOICES, "transactions": CAPTURED}, ""),
        ({"total_invoiced": "NaN", "transactions": CAPTURED}, PayStatus.CAPTURE_FAILED),
        ({"amount_authorized": "NaN"}, ""),
        ({"amount_authorized": "NaN", "transactions": AUTHORIZED}, PayStatus.AUTHORIZED),
    ],
)
def test_a_rule_whose_amount_cannot_be_read_does_not_apply(values: dict[str, Any], status: str) -> None:
    assert pay_status(**values) == status


def test_no_refund_is_asked_for_when_nobody_can_read_what_was_refunded() -> None:
    assert refund_status(state="closed", amount_paid="80.10", amount_refunded="12,50") == ""


def test_every_status_has_a_rule_that_says_when() -> None:
    for table, statuses in ((rules.PAY, PayStatus), (rules.REFUND, RefundStatus), (rules.DISPUTE, Dispute)):
        assert {rule.status for rule in table} == {*statuses}
        assert all(str(rule.words).endswith(".") for rule in table)
