"""The Admin's own copy of the orders that the stores of a data space have sent to Commerce Services."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from connector.environment import Environment
from connector.verification.causes import Cause
from payments.orders.statuses import Dispute, Extent, PayStatus, RefundStatus


class OrderSource(models.Model):
    """The copy of the orders of one data space in one environment, and how far it is.

    A read asks for what changed since `since`; `cursor` is where one that broke off goes on. `read_at` is the end of
    the last complete read, None before the first. `checked_at` is the last attempt, `failed_code` the cause if it
    failed. `retry_at` is the end of the pause that the gateway then asked for, if any. `received_at` is when a store
    last sent anything to the gateway, and `unread` how many rows of it the gateway could not read.

    `status_labels` has the store's label of each order status. `stores` has the names of each store view by its id:
    `{"website": …, "store": …, "store_view": …}`. `days` counts the orders of the last days by their pay status, as
    `{"2026-11-28": {"authorized": 3}}`, with the days of the time zone `zone`. `currencies` are those of all orders.
    """

    data_space_id = models.CharField(max_length=64)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    since = models.DateTimeField(null=True)
    cursor = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    failed_code = models.CharField(max_length=32, choices=Cause.choices, blank=True)
    retry_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    unread = models.PositiveIntegerField(default=0)
    status_labels = models.JSONField(default=dict)
    stores = models.JSONField(default=dict)
    days = models.JSONField(default=dict)
    zone = models.CharField(max_length=64, blank=True)
    currencies = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["data_space_id", "environment"], name="payments_order_source_unique"),
            models.CheckConstraint(
                condition=Q(environment__in=Environment.values), name="payments_order_source_environment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment} {self.data_space_id}"

    def is_paused(self, now: datetime) -> bool:
        """Whether the gateway has asked for a pause that is not over. It is over if the clock was set back."""
        return bool(self.retry_at and self.checked_at and self.checked_at <= now < self.retry_at)


class Order(models.Model):
    """One order as it was last read.

    Amounts are in the base currency of the store, `currency` is the order's. What could not be read of an order is
    None or empty here, and `as_sent` has it by the name of the field, as it came. `ordered_at` gives the
    order its place in the list: its date, or, while that cannot be read, when it was first read.

    `details` has what only the page of the order shows: `transactions`, `invoices`, `credit_memos` and `items`, as the
    store sent them.
    """

    source = models.ForeignKey(OrderSource, on_delete=models.CASCADE, related_name="orders")
    # The store's id, and the number that people see.
    order_id = models.CharField(max_length=64)
    number = models.CharField(max_length=64, blank=True)
    ordered_at = models.DateTimeField()
    # When the store last changed it.
    updated_at = models.DateTimeField(null=True)
    authorized_at = models.DateTimeField(null=True)
    # The store's code; the source has the label.
    status = models.CharField(max_length=64, blank=True)
    # Empty if unknown; `shipped` also if there is nothing to ship.
    invoiced = models.CharField(max_length=10, choices=Extent, blank=True)
    shipped = models.CharField(max_length=10, choices=Extent, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    paid = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    refunded = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    currency = models.CharField(max_length=8, blank=True)
    pay_status = models.CharField(max_length=20, choices=PayStatus, blank=True)
    refund_status = models.CharField(max_length=20, choices=RefundStatus, blank=True)
    dispute = models.CharField(max_length=20, choices=Dispute, blank=True)
    payment_method = models.CharField(max_length=64, blank=True)
    store_view_id = models.CharField(max_length=32, blank=True)
    as_sent = models.JSONField(default=dict)
    details = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "order_id"], name="payments_order_unique")]
        indexes = [
            models.Index(fields=["source", "ordered_at", "id"], name="payments_order_date"),
            models.Index(fields=["source", "pay_status", "ordered_at", "id"], name="payments_order_pay"),
            models.Index(
                fields=["source", "refund_status", "ordered_at", "id"],
                condition=~Q(refund_status=""),
                name="payments_order_refund",
            ),
            models.Index(
                fields=["source", "dispute", "ordered_at", "id"],
                condition=~Q(dispute=""),
                name="payments_order_dispute",
            ),
            models.Index(fields=["source", "store_view_id", "ordered_at", "id"], name="payments_order_store_view"),
            # With these operators, PostgreSQL uses the index for the beginning of a number too.
            models.Index(
                fields=["source", "number"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="payments_order_number",
            ),
            models.Index(fields=["source", "amount"], name="payments_order_amount"),
        ]

    def __str__(self) -> str:
        return self.number or self.order_id


class ShownColumns(models.Model):
    """Which columns of the report one person has hidden."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    hidden = models.JSONField(default=list)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.hidden)}"
