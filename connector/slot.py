"""The key pair of one environment as it is used now, and what to say about it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils.functional import cached_property

from connector.environment import Environment
from connector.errors import KeyringError
from connector.gateway.client import Credentials, host_of
from connector.keys import api_keys, pem
from connector.keys.mistakes import ApiKeyMistake, Mistake, MistakeError
from connector.models import KeyPair, Verification
from connector.models.verifications import Account
from connector.verification import features
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from connector.verification.row import Button, Kind

# Parses the private key of an environment variable once: validating it takes too long to repeat.
_locked_private_key = lru_cache(maxsize=4)(pem.parse)


@dataclass(frozen=True)
class Slot:
    """The key pair of one environment as it is used at `now`: stored, or set by environment variables.

    `pair` and `verification` are empty rows where nothing is stored. `mistake` is what an environment variable holds
    instead of a private key. `other_mage_id` is the MageID of the other environment's account, where it is known.
    """

    environment: Environment
    now: datetime
    api_key: str = ""
    private_key: pem.PrivateKey | None = field(default=None, repr=False)
    local_cause: Cause | None = Cause.KEYS_MISSING
    pair: KeyPair = field(default_factory=KeyPair)
    former: KeyPair | None = None
    verification: Verification = field(default_factory=Verification)
    has_locked_api_key: bool = False
    has_locked_private_key: bool = False
    may_move: bool = False
    other_mage_id: str = ""
    mistake: Mistake | ApiKeyMistake | None = None

    @cached_property
    def is_locked(self) -> bool:
        """Whether environment variables set a half of the pair, so that what is stored is not used."""
        return self.has_locked_api_key or self.has_locked_private_key

    @cached_property
    def credentials(self) -> Credentials | None:
        """Both halves, when there are both."""
        return Credentials(self.api_key, self.private_key) if self.api_key and self.private_key else None

    @property
    def digest(self) -> str:
        """Empty without both halves."""
        return self.credentials.digest if self.credentials else ""

    @property
    def fingerprint(self) -> str:
        """The private key's fingerprint, known also of one that cannot be opened; empty without one."""
        return self.private_key.fingerprint if self.private_key else self.pair.fingerprint

    @property
    def is_stored(self) -> bool:
        """Whether the database holds a pair for this environment, readable or not."""
        return self.pair.is_stored

    @property
    def has_any_half(self) -> bool:
        """Whether any half of a key is set, usable or not."""
        return self.is_stored or bool(self.api_key) or self.has_locked_private_key

    @property
    def is_whole(self) -> bool:
        """Whether both halves are set, readable or not."""
        return self.local_cause is not Cause.KEYS_MISSING

    @cached_property
    def cause(self) -> Cause | None:
        """Why the pair does not count as verified: local, else by the last definite answer, else by the last check."""
        if self.local_cause:
            return self.local_cause
        if self.verification.answered_at:
            return self.verification.answered_cause
        return self.verification.cause

    @cached_property
    def is_verified(self) -> bool:
        """Whether the last definite state is verified."""
        return not self.cause and bool(self.verification.answered_at)

    @property
    def becomes_former(self) -> bool:
        """Whether the stored pair becomes the former one when it is replaced or removed."""
        has_worked = bool(self.verification.verified_at)
        return not self.is_deleted and (has_worked or not (self.former and self.former.has_worked))

    @property
    def is_deleted(self) -> bool:
        """Whether the pair is known to be deleted in the API Portal: nothing brings it back."""
        return self.cause is Cause.KEY_REVOKED

    @property
    def is_blocked(self) -> bool:
        """Whether something has to be done about the keys before they work."""
        return self.cause is not None and self.cause.kind is not Kind.UNKNOWN

    @cached_property
    def account(self) -> Account | None:
        """The account the pair belongs to, when the pair itself works."""
        works = self.is_verified or (self.cause is not None and self.cause.row.is_of_working_pair)
        return self.verification.account(self.environment) if works else None

    @property
    def services(self) -> list[features.Service] | None:
        """The services of the chosen data space, or None while they were not read."""
        known = self.verification.features
        return None if known is None else features.access(known)

    @property
    def is_due(self) -> bool:
        """Whether there is a pair that should be verified again."""
        return self.credentials is not None and self.verification.is_due(self.now, self.host)

    @property
    def offers_onboarding(self) -> bool:
        """Whether the gateway that the settings name now is a stand-in that onboards merchants itself."""
        return self.verification.host == self.host and self.verification.offers_onboarding

    @property
    def offers_reports(self) -> bool:
        """Whether it is one that reports the orders which its stores have sent."""
        return self.verification.host == self.host and self.verification.offers_reports

    @property
    def host(self) -> str:
        """The gateway's host, as pages show it."""
        return host_of(settings.GATEWAY_URLS[self.environment])

    def advise(self, *, may_configure: bool = True) -> Advice | None:
        """Return what to say about the cause, and the buttons for a person who may configure or not."""
        if self.cause is None or self.cause.kind is Kind.UNKNOWN:
            return self.failed_check if self.cause else None
        return Advice(
            cause=self.cause,
            environment=self.environment,
            host=self.verification.host,
            mage_id=self.verification.mage_id,
            other_mage_id=self.other_mage_id,
            status=self.verification.answered_http_status,
            request_id=self.verification.answered_request_id,
            variable=self._variable,
            mistake=str(self.mistake.sentences[0]) if self.mistake else "",
            may_restore=self.may_restore,
            may_move=self.may_move,
            may_configure=may_configure,
        )

    @property
    def failed_check(self) -> Advice | None:
        """What to say about the last check, when it had no result."""
        advice = self.verification.advice(self.environment)
        if advice is None or self.verification.kind is not Kind.UNKNOWN:
            return None
        again_at = self.verification.again_at(self.host)
        return replace(advice, again_at=again_at if again_at and again_at > self.now else None)

    @property
    def _variable(self) -> str:
        """The environment variable to correct, or to set for the half that is missing; empty where there is none."""
        if not self.mistake and self.has_locked_api_key == self.has_locked_private_key:
            return ""
        half = "PRIVATE_KEY" if self.mistake or self.has_locked_api_key else "API_KEY"
        return f"CONNECTOR_{self.environment.upper()}_{half}"

    @property
    def restorable(self) -> KeyPair | None:
        """The former pair, if it can be restored and would then be used.

        Nothing restores a pair whose API key is known to be deleted.
        """
        until = self.former and self.former.restorable_until
        if self.is_locked or not until or until <= self.now:
            return None
        return None if self.is_deleted and self.former_api_key == self.api_key else self.former

    @property
    def may_restore(self) -> bool:
        """Whether restoring the former pair helps: it worked, and the pair in use does not."""
        if self.cause is None or Button.RESTORE_PAIR not in self.cause.row.buttons:
            return False
        return bool(self.restorable and self.restorable.has_worked and self.former_api_key)

    @property
    def former_api_key(self) -> str:
        """The API key of the former pair; empty without one, or where it does not open."""
        with suppress(KeyringError):
            return self.former.open("api_key") if self.former else ""
        return ""

    def beside(self, other: "Slot") -> "Slot":
        """Return this slot with the values that depend on `other`, the slot of the other environment."""
        return replace(self, may_move=self._can_move(other), other_mage_id=other.verification.mage_id)

    def _can_move(self, other: "Slot") -> bool:
        """Return whether the pair was saved for the wrong environment, and `other` has no use for its own."""
        is_safe = not other.is_verified and other.local_cause is not Cause.UNDECRYPTABLE
        is_locked = self.is_locked or other.is_locked
        return self.cause is Cause.WRONG_ENVIRONMENT and self.is_stored and is_safe and not is_locked


def read(
    environment: Environment, now: datetime, pair: KeyPair | None, former: KeyPair | None, variables: Mapping[str, str]
) -> Slot:
    """Return the pair of `environment` from the stored `pair` and `variables`, which win."""
    locked_api_key = variables.get(f"{environment}_api_key", "")
    locked_private_key = variables.get(f"{environment}_private_key", "")
    slot = Slot(
        environment,
        now,
        pair=pair or KeyPair(),
        former=former,
        has_locked_api_key=bool(locked_api_key),
        has_locked_private_key=bool(locked_private_key),
    )
    api_key, private_key = "", None
    try:
        if locked_api_key:
            # A text that is no API key counts as missing.
            with suppress(MistakeError):
                api_key = api_keys.parse(locked_api_key)
        elif slot.is_stored:
            api_key = slot.pair.open("api_key")
        if locked_private_key:
            private_key = _locked_private_key(locked_private_key)
        elif slot.is_stored:
            private_key = pem.load(slot.pair.open("private_key"))
    except KeyringError:
        return replace(slot, local_cause=Cause.UNDECRYPTABLE)
    except MistakeError as error:
        mistake = error.mistake if locked_private_key else None
        return replace(slot, local_cause=Cause.PRIVATE_KEY_MALFORMED, mistake=mistake)
    cause = None if api_key and private_key else Cause.KEYS_MISSING
    slot = replace(slot, api_key=api_key, private_key=private_key, local_cause=cause)
    known = getattr(pair, "verification", None)
    return replace(slot, verification=known) if known and known.digest == slot.digest else slot
