"""The hosted services that a data space's `featureSet` can name, and which edition has them.

Source: the registry's rows name a feature by its commercial name; which edition has it is Adobe's public documentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.environment import Environment

PAYMENT_FEATURES: Mapping[Environment, tuple[str, ...]] = {
    Environment.SANDBOX: ("Commerce Payments Sandbox",),
    Environment.PRODUCTION: ("Commerce Payments", "Commerce Payments Production"),
}


@dataclass(frozen=True)
class Service:
    """One hosted service. `features` are the names any of which grants it."""

    title: Promise
    features: frozenset[str]
    in_open_source: bool


SERVICES = (
    Service(_("Payment Services (sandbox)"), frozenset(PAYMENT_FEATURES[Environment.SANDBOX]), in_open_source=True),
    Service(
        _("Payment Services (production)"), frozenset(PAYMENT_FEATURES[Environment.PRODUCTION]), in_open_source=True
    ),
    Service(_("Live Search"), frozenset({"Premium Search", "Live Search"}), in_open_source=False),
    Service(_("Product Recommendations"), frozenset({"Product Recommendations"}), in_open_source=False),
    Service(_("Catalog Service"), frozenset({"Catalog Service"}), in_open_source=False),
)


@dataclass(frozen=True)
class Access:
    """One row of the list of services: what it is called, who can have it, whether this data space has it."""

    title: Promise | str
    in_open_source: bool | None
    is_granted: bool


def access(features: tuple[str, ...]) -> list[Access]:
    """Return every known service with whether `features` grants it, then each feature that we have no name for."""
    granted = set(features)
    rows = [Access(service.title, service.in_open_source, bool(service.features & granted)) for service in SERVICES]
    known = frozenset().union(*(service.features for service in SERVICES))
    return rows + [Access(name, None, is_granted=True) for name in features if name not in known]


def is_entitled(environment: Environment, features: tuple[str, ...]) -> bool:
    """Return whether `features` of a data space include Payment Services for `environment`."""
    return not set(PAYMENT_FEATURES[environment]).isdisjoint(features)
