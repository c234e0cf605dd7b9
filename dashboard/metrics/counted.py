"""What this server has counted since it started: pages, calls of the gateways, verifications, and reads of orders.

The labels are names of this program and of HTTP, so there is only a limited number of them, and none is of a person.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from backend.frame import events

# Nobody asks when a counter began, and several processes do not say it either.
disable_created_metrics()  # type: ignore[no-untyped-call]
# With several processes, each writes into files of its own, and `views` adds them up.
REGISTRY = CollectorRegistry()

_PAGE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_CALL_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 9.0)

_responses = Counter(
    "commerce_admin_responses",
    "Responses, by the class of their status.",
    ["view", "method", "status"],
    registry=REGISTRY,
)
_page_seconds = Histogram(
    "commerce_admin_response_seconds",
    "Seconds until a response began.",
    ["view", "method"],
    buckets=_PAGE_SECONDS,
    registry=REGISTRY,
)
_call_seconds = Histogram(
    "commerce_admin_gateway_call_seconds",
    "Seconds until a gateway had answered, or a call failed.",
    ["call", "outcome"],
    buckets=_CALL_SECONDS,
    registry=REGISTRY,
)
_verifications = Counter(
    "commerce_admin_verifications", "Verifications of key pairs.", ["environment", "cause"], registry=REGISTRY
)
_order_reads = Counter(
    "commerce_admin_order_reads", "Reads of the orders.", ["environment", "outcome"], registry=REGISTRY
)
_orders_changed = Counter(
    "commerce_admin_orders_changed", "Orders that a read added or changed.", ["environment"], registry=REGISTRY
)


def count(event: str, amount: float, **labels: str) -> None:
    """Count an event of `backend.frame.events`."""
    if event == "page":
        _responses.labels(**labels).inc()
        _page_seconds.labels(labels["view"], labels["method"]).observe(amount)
    elif event == "gateway_call":
        _call_seconds.labels(**labels).observe(amount)
    elif event == "verification":
        _verifications.labels(**labels).inc()
    elif event == "order_read":
        _order_reads.labels(**labels).inc()
        _orders_changed.labels(labels["environment"]).inc(amount)


def begin() -> None:
    """Count from now on. A command counts nothing: nobody could ask it."""
    events.observe(count)
