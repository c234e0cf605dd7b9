"""The hosted services that a data space's `featureSet` can name, and which edition has them.

Source: the registry's rows name a feature by its commercial name; which edition has it is Adobe's public documentation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.environment import Environment

PAYMENT_FEATURES: Mapping[Environment, tuple[str, ...]] = {
    Environment.SANDBOX: ("Commerce Payments Sandbox",),
    Environment.PRODUCTION: ("Commerce Payments", "Commerce Payments Production"),
}


@dataclass(frozen=True)
class Service:
    """One hosted service, and whether this data space has it. `features` are the names any of which grants it.

    Which edition can have it is None for a feature that we have no name for.
    """

    title: Promise | str
    features: frozenset[str]
    in_open_source: bool | None
    is_granted: bool = False


SERVICES = (
    Service(_("Payment Services (sandbox)"), frozenset(PAYMENT_FEATURES[Environment.SANDBOX]), in_open_source=True),
    Service(
        _("Payment Services (production)"), frozenset(PAYMENT_FEATURES[Environment.PRODUCTION]), in_open_source=True
    ),
    Service(_("Live Search"), frozenset({"Premium Search", "Live Search"}), in_open_source=False),
    Service(_("Product Recommendations"), frozenset({"Product Recommendations"}), in_open_source=False),
    Service(_("Catalog Service"), frozenset({"Catalog Service"}), in_open_source=False),
)


def access(features: Collection[str]) -> list[Service]:
    """Return every known service with whether `features` grants it, then each feature that we have no name for."""
    rows = [replace(service, is_granted=not service.features.isdisjoint(features)) for service in SERVICES]
    known = frozenset().union(*(service.features for service in SERVICES))
    return rows + [Service(name, frozenset({name}), None, is_granted=True) for name in features if name not in known]


def is_entitled(environment: Environment, features: Collection[str]) -> bool:
    """Return whether `features` of a data space include Payment Services for `environment`."""
    return not set(PAYMENT_FEATURES[environment]).isdisjoint(features)
