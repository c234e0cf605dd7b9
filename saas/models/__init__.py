"""The rows of the stand-in, one module per idea."""

from saas.models.accounts import Account, Membership
from saas.models.api_keys import ApiKey
from saas.models.faults import Fault
from saas.models.feeds import FeedRow, FeedSource, UnreadRow
from saas.models.merchants import Merchant, PayPalLink
from saas.models.projects import DataSpace, Project

__all__ = [
    "Account",
    "ApiKey",
    "DataSpace",
    "Fault",
    "FeedRow",
    "FeedSource",
    "Membership",
    "Merchant",
    "PayPalLink",
    "Project",
    "UnreadRow",
]
