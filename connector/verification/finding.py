"""What the gateway says about one key pair."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from connector.environment import Environment
from connector.gateway.client import DataSpace
from connector.verification.advice import Advice, Situation, advise
from connector.verification.causes import Cause, Kind
from connector.verification.features import is_entitled

# How long after an unknown answer pages ask again by themselves.
RETRY = timedelta(seconds=60)


@dataclass(frozen=True)
class Account:
    """The Commerce account that a pair belongs to. `is_entitled` is None while its entitlement is not known."""

    mage_id: str
    organization_name: str
    is_entitled: bool | None


@dataclass(frozen=True)
class Finding:
    """The result for the pair of one environment. A `cause` of None means that the pair is verified.

    `status` is the HTTP status of the failed call, None without a response. `retry_after_s` is in seconds. `left_out`
    counts the data spaces that cannot be listed. `lacks_data_space` means that the chosen data space is not in the
    account. `features` are those of the chosen data space, None where they were not read.
    """

    environment: Environment
    cause: Cause | None
    host: str
    checked_at: datetime
    status: int | None = None
    request_id: str = ""
    retry_after_s: int | None = None
    data_spaces: tuple[DataSpace, ...] = ()
    left_out: int = 0
    lacks_data_space: bool = False
    features: tuple[str, ...] | None = None
    onboarding_status: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the gateway accepts the pair and nothing else is wrong with it."""
        return self.cause is None

    @property
    def kind(self) -> Kind | None:
        """The cause's kind, None when there is no cause."""
        return self.cause.kind if self.cause else None

    @property
    def is_pair_accepted(self) -> bool:
        """Whether the gateway accepts the pair, so that its account was read, even if something else is wrong."""
        return self.cause is None or self.cause.row.is_of_working_pair

    @property
    def advice(self) -> Advice | None:
        """What to say about the cause; None when nothing is wrong."""
        if self.cause is None:
            return None
        situation = Situation(
            environment=self.environment,
            host=self.host,
            mage_id=self.account.mage_id if self.account else "",
            status=self.status,
            request_id=self.request_id,
            again_at=self.checked_at + max(RETRY, timedelta(seconds=self.retry_after_s or 0)),
        )
        return advise(self.cause, situation)

    @property
    def explanation(self) -> str:
        """What was found, in a merchant's words; empty when nothing is wrong."""
        return self.advice.explanation if self.advice else ""

    @cached_property
    def account(self) -> Account | None:
        """The account that its data spaces name; None when none does."""
        space = next((space for space in self.data_spaces if space.mage_id), None)
        if space is None:
            return None
        entitled = None if self.features is None else is_entitled(self.environment, self.features)
        return Account(space.mage_id, space.organization_name or space.mage_id, entitled)
