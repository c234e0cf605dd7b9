"""The hosted services that a data space's `featureSet` can name, and which edition has them.

Source: the registry's rows name a feature by its commercial name; which edition has it is Adobe's public documentation.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.environment import Environment
from connector.verification.verification import PAYMENT_FEATURES


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
    rows = [Access(one.title, one.in_open_source, bool(one.features & granted)) for one in SERVICES]
    known = frozenset().union(*(one.features for one in SERVICES))
    return rows + [Access(name, None, is_granted=True) for name in features if name not in known]
