"""What the database says at this moment: whatever process found it out, commands included."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError
from django.db.models import Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connector import connection
from connector.connection import Connection
from connector.environment import Environment
from connector.models import FRESH, Instance, KeyPair
from connector.models.key_pairs import RESTORABLE
from connector.models.verifications import RETRY
from connector.rekey import reencryption
from connector.slot import Slot
from payments.models import OrderSource
from payments.orders import obstacles, sources, sync

# The values of the labels, and the value of the gauge.
Samples = Mapping[tuple[str, ...], float]


@dataclass(frozen=True)
class Found:
    """The connection, the key pairs that there are, and the copies of the orders that can be read, by environment."""

    stored: Connection
    pairs: Mapping[Environment, Slot]
    copies: Mapping[Environment, OrderSource]

    @classmethod
    def load(cls) -> Self:
        """Read the database. Raises DatabaseError."""
        stored = connection.load()
        pairs = {environment: slot for environment, slot in stored.slots.items() if slot.has_any_half}
        readable = [environment for environment in pairs if not obstacles.find(stored, environment)]
        return cls(stored, pairs, {environment: sources.find(stored, environment) for environment in readable})

    def age(self, moment: datetime) -> float:
        """Return the seconds since `moment`; 0 if the clock was set back since."""
        return max(0.0, (self.stored.now - moment).total_seconds())


def _active(found: Found) -> Samples:
    return {(environment,): environment == found.stored.active_environment for environment in Environment}


def _connected(found: Found) -> Samples:
    return {(): found.stored.is_connected}


def _pair_verified(found: Found) -> Samples:
    return {(environment,): slot.is_verified for environment, slot in found.pairs.items()}


def _pair_cause(found: Found) -> Samples:
    return {(environment, slot.cause): 1 for environment, slot in found.pairs.items() if slot.cause}


def _check_failed(found: Found) -> Samples:
    failed = {environment: slot.failed_check for environment, slot in found.pairs.items()}
    return {(environment, advice.cause): 1 for environment, advice in failed.items() if advice}


def _pair_checked(found: Found) -> Samples:
    checked = {environment: slot.verification.checked_at for environment, slot in found.pairs.items()}
    return {(environment,): found.age(moment) for environment, moment in checked.items() if moment}


def _orders_age(found: Found, field: str) -> Samples:
    moments = {environment: getattr(copy, field) for environment, copy in found.copies.items()}
    return {(environment,): found.age(moment) for environment, moment in moments.items() if moment}


def _orders_failed(found: Found) -> Samples:
    return {(environment, copy.failed_code): 1 for environment, copy in found.copies.items() if copy.failed_code}


def _orders_unread(found: Found) -> Samples:
    return {(environment,): copy.unread for environment, copy in found.copies.items()}


def _stored_values(_found: Found) -> Samples:
    opens = [value.opens for value in reencryption.values()]
    return {("true",): sum(opens), ("false",): len(opens) - sum(opens)}


def _due(found: Found) -> Samples:
    """Return for how long the oldest task of each kind has been waiting for somebody, or a scheduler, to begin it."""
    now = found.stored.now
    due = {task: list[datetime]() for task in ("verify", "payments sync", "maintain")}
    for slot in found.pairs.values():
        if slot.is_due and (moment := slot.verification.again_at(slot.host)):
            due["verify"].append(moment)
    for copy in found.copies.values():
        if copy.checked_at and sync.is_due(copy, now):
            due["payments sync"].append(copy.checked_at + (RETRY if copy.failed_code else FRESH))
    former = KeyPair.objects.expired(now).aggregate(since=Min("replaced_at"))["since"]
    identifier = Instance.objects.expired(now).aggregate(since=Min("identifier_replaced_at"))["since"]
    session = Session.objects.filter(expire_date__lt=now).aggregate(since=Min("expire_date"))["since"]
    due["maintain"] = [moment + RESTORABLE for moment in (former, identifier) if moment] + [*filter(None, [session])]
    return {(task,): max(map(found.age, moments), default=0.0) for task, moments in due.items()}


@dataclass(frozen=True)
class Gauge:
    """A gauge, and how its samples are found."""

    name: str
    text: str
    labels: tuple[str, ...]
    samples: Callable[[Found], Samples]


_ENVIRONMENT, _CAUSE = ("environment",), ("environment", "cause")
GAUGES = (
    Gauge("active", "1 for the active environment.", _ENVIRONMENT, _active),
    Gauge("connected", "1 if the instance is configured, and its active key pair verified.", (), _connected),
    Gauge("pair_verified", "1 if the key pair is verified, 0 if not.", _ENVIRONMENT, _pair_verified),
    Gauge("pair_cause", "1 for the cause why the key pair is not verified.", _CAUSE, _pair_cause),
    Gauge("check_failed", "1 for the cause why the last check of the pair had no result.", _CAUSE, _check_failed),
    Gauge(
        "pair_checked_age_seconds",
        "Seconds since a gateway was last asked about the key pair.",
        _ENVIRONMENT,
        _pair_checked,
    ),
    Gauge(
        "orders_age_seconds",
        "Seconds since the copy of the orders was last up to date.",
        _ENVIRONMENT,
        partial(_orders_age, field="read_at"),
    ),
    Gauge(
        "orders_received_age_seconds",
        "Seconds since a store last sent anything to the gateway.",
        _ENVIRONMENT,
        partial(_orders_age, field="received_at"),
    ),
    Gauge("orders_failed", "1 for the cause why the last read of the orders failed.", _CAUSE, _orders_failed),
    Gauge("orders_unread", "Rows of the stores that could not be read.", _ENVIRONMENT, _orders_unread),
    Gauge(
        "stored_values",
        "Encrypted values, by whether a key of the ring opens them.",
        ("opens",),
        _stored_values,
    ),
    Gauge("due_seconds", "For how long a command has had something to do; 0 if it has nothing.", ("task",), _due),
)


class State(Collector):
    """Reads the database whenever it is asked. Without a database it says so, and nothing else."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return every gauge."""
        yield _family("info", "1, with the version that runs.", ("version",), {(settings.VERSION,): 1})
        try:
            found = Found.load()
            families = [_family(gauge.name, gauge.text, gauge.labels, gauge.samples(found)) for gauge in GAUGES]
        except (DatabaseError, InterfaceError):
            families = []
        yield _family("database_up", "1 if the database answers, 0 if not.", (), {(): bool(families)})
        yield from families


def _family(name: str, text: str, labels: tuple[str, ...], samples: Samples) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"commerce_admin_{name}", text, labels=labels)
    for values, value in samples.items():
        family.add_metric(values, float(value))
    return family
