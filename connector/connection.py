"""What the pages, the command line and the health checks show of the connection: stored state only, no network."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache

from django.conf import settings
from django.utils import timezone

from connector import remedy
from connector.environment import Environment
from connector.errors import ApiKeyError, KeyringError, Mistake, PemError
from connector.gateway.client import Credentials, DataSpace, Identity, host_of
from connector.keys import api_keys, locked_key, pem
from connector.models import Instance, KeyPair, Verification, pair_digest
from connector.steps import Step, steps
from connector.verification import features
from connector.verification.causes import Action, Cause, Kind
from connector.verification.verification import Account, is_entitled


@dataclass(frozen=True)
class Slot:
    """The key pair of one environment as it is used now: stored, or set by the process's environment."""

    environment: Environment
    api_key: str = ""
    private_key: pem.PrivateKey | None = field(default=None, repr=False)
    local_cause: Cause | None = Cause.KEYS_MISSING
    pair: KeyPair | None = None
    former: KeyPair | None = None
    verification: Verification | None = None
    has_locked_api_key: bool = False
    has_locked_private_key: bool = False
    may_move: bool = False
    # What an environment variable holds instead of a private key.
    mistake: Mistake | None = None
    may_restore: bool = False

    @property
    def credentials(self) -> Credentials | None:
        """Both halves, when there are both."""
        return Credentials(self.api_key, self.private_key) if self.api_key and self.private_key else None

    @property
    def digest(self) -> str:
        """What tells this pair from another."""
        return pair_digest(self.api_key, self.private_key.fingerprint) if self.private_key else ""

    @property
    def fingerprint(self) -> str:
        """The private key's fingerprint, known also of one that cannot be opened; empty without one."""
        if self.private_key:
            return self.private_key.fingerprint
        return self.pair.fingerprint if self.pair else ""

    @property
    def stored_digest(self) -> str:
        """The digest of the database row, empty without one."""
        return self.pair.digest if self.pair else ""

    @property
    def is_stored(self) -> bool:
        """Whether the database holds a pair for this environment, readable or not."""
        return bool(self.pair and self.pair.is_stored)

    @property
    def has_any_half(self) -> bool:
        """Whether any half of a key is set, usable or not."""
        return self.is_stored or bool(self.api_key) or self.has_locked_private_key

    @property
    def is_whole(self) -> bool:
        """Whether both halves are set, readable or not."""
        return self.local_cause is not Cause.KEYS_MISSING

    @property
    def cause(self) -> Cause | None:
        """Why the pair does not count as verified: local, else the last definite state, else the last attempt."""
        if self.local_cause:
            return self.local_cause
        if self.verification and self.verification.settled_at:
            return Cause(self.verification.settled_cause) if self.verification.settled_cause else None
        return self.doubt

    @property
    def doubt(self) -> Cause | None:
        """The cause of kind unknown with which the last attempt ended, if it did."""
        cause = Cause(self.verification.cause) if self.verification and self.verification.cause else None
        return cause if cause and cause.kind is Kind.UNKNOWN else None

    @property
    def is_verified(self) -> bool:
        """Whether the last definite state is verified."""
        return not self.cause and bool(self.verification and self.verification.settled_at)

    @property
    def is_kept(self) -> bool:
        """Whether the stored pair stays as the former one when another takes its place, or none."""
        has_worked = bool(self.verification and self.verification.verified_at)
        return not self.is_deleted and (has_worked or not (self.former and self.former.has_worked))

    @property
    def is_deleted(self) -> bool:
        """Whether the pair is known to be deleted in the API Portal: nothing brings it back."""
        return self.cause is Cause.KEY_REVOKED

    @property
    def is_blocked(self) -> bool:
        """Whether something has to be done about the keys before they work."""
        return self.cause is not None and self.cause.kind is not Kind.UNKNOWN

    @property
    def account(self) -> Account | None:
        """The account the pair belongs to, when the pair itself works."""
        works = self.is_verified or (self.cause is not None and self.cause.is_of_working_pair)
        known = self.verification
        if not works or not known or not known.mage_id:
            return None
        entitled = None if known.features is None else is_entitled(self.environment, tuple(known.features))
        return Account(known.mage_id, known.organization_name, entitled)

    @property
    def data_spaces(self) -> tuple[DataSpace, ...]:
        """The account's data spaces as last read with this pair."""
        return self.verification.known_data_spaces() if self.verification else ()

    @property
    def services(self) -> list[features.Access] | None:
        """The services of the chosen data space, or None while they were not read."""
        if not self.verification or self.verification.features is None:
            return None
        return features.access(tuple(self.verification.features))

    def is_due(self, now: datetime) -> bool:
        """Whether there is a pair that should be verified again."""
        return self.credentials is not None and (self.verification is None or self.verification.is_due(now, self.host))

    @property
    def host(self) -> str:
        """The gateway's host, as pages show it."""
        return host_of(settings.GATEWAY_URLS[self.environment])

    @property
    def next_step(self) -> str:
        """What to do about the cause, as one sentence; empty when nothing is wrong."""
        return remedy.next_step(self)

    @property
    def ways(self) -> list[Action]:
        """The buttons for the cause, the one that helps most first."""
        return remedy.ways(self)

    @property
    def missing_variable(self) -> str:
        """The variable of the half that is missing beside one that the process's environment sets; empty otherwise."""
        if self.has_locked_api_key == self.has_locked_private_key:
            return ""
        half = "PRIVATE_KEY" if self.has_locked_api_key else "API_KEY"
        return f"CONNECTOR_{self.environment.upper()}_{half}"

    @property
    def doubt_next_step(self) -> str:
        """What to do about the last attempt that had no result; empty when it had one."""
        again_at = self.verification.again_at(self.host) if self.verification else None
        is_to_come = again_at is not None and again_at > timezone.now()
        return self.doubt.advise(again_at if is_to_come else None) if self.doubt else ""

    def explanation(self) -> str:
        """Return what was found, in a merchant's words; empty when nothing is wrong."""
        if self.mistake:
            return locked_key.explain(self.environment, self.mistake)
        known = self.verification or Verification()
        return self._explain(self.cause, known.settled_http_status, known.settled_request_id)

    def doubt_explanation(self) -> str:
        """Return why the last attempt told nothing; empty when it did."""
        known = self.verification or Verification()
        return self._explain(self.doubt, known.http_status, known.request_id)

    def _explain(self, cause: Cause | None, status: int | None, request_id: str) -> str:
        known = self.verification or Verification()
        if cause is None:
            return ""
        return cause.explain(self.environment, known.host, known.mage_id, status=status, request_id=request_id)


@dataclass(frozen=True)
class Connection:
    """The whole connection of this instance."""

    instance: Instance
    slots: Mapping[Environment, Slot]

    @property
    def identity(self) -> Identity:
        """How the instance names itself to Commerce Services, with the data space that it works in."""
        return Identity(
            str(self.instance.instance_id), self.instance.shown_name or "Commerce Admin", self.data_space_id
        )

    @property
    def active_environment(self) -> Environment:
        """The environment whose pair Payment Services uses now."""
        return Environment(locked("active_environment") or self.instance.active_environment)

    @property
    def active(self) -> Slot:
        """The active environment's pair."""
        return self.slots[self.active_environment]

    @property
    def inactive(self) -> Slot:
        """The other pair."""
        return self.slots[self.active_environment.other]

    @property
    def project_id(self) -> str:
        """The project in use."""
        return locked("project_id") or self.instance.project_id

    @property
    def data_space_id(self) -> str:
        """The data space in use."""
        return locked("data_space_id") or self.instance.data_space_id

    @cached_property
    def data_spaces(self) -> tuple[DataSpace, ...]:
        """Every data space of the account, read with the active pair."""
        return self.active.data_spaces

    @cached_property
    def data_space(self) -> DataSpace | None:
        """The chosen data space as the registry last told it."""
        return next((space for space in self.data_spaces if space.id == self.data_space_id), None)

    @property
    def project_name(self) -> str:
        """The project's name as last read, else as saved."""
        read = (space.project_name for space in self.data_spaces if space.project_id == self.project_id)
        return next(read, self.instance.project_name) or self.project_id

    @property
    def data_space_name(self) -> str:
        """The data space's name as last read, else as saved."""
        return (self.data_space.name if self.data_space else self.instance.data_space_name) or self.data_space_id

    @property
    def data_space_type(self) -> str:
        """`Production` or `Testing`, as last read, else as saved."""
        return (self.data_space.type if self.data_space else "") or self.instance.data_space_type

    @property
    def is_empty(self) -> bool:
        """Whether no half of any key and no project is set."""
        return not self.project_id and not any(slot.has_any_half for slot in self.slots.values())

    @property
    def has_keys(self) -> bool:
        """Whether the active environment has both halves, readable or not."""
        return self.active.is_whole

    @property
    def is_configured(self) -> bool:
        """Whether both halves for the active environment, a project and a data space are set."""
        return self.has_keys and bool(self.project_id and self.data_space_id)

    @property
    def steps(self) -> list[Step]:
        """The steps that make the instance configured, in the order they are done."""
        return steps(self)

    @property
    def has_no_project(self) -> bool:
        """Whether the account of the active pair is known to have no project."""
        return self.active.is_verified and not self.data_spaces

    @property
    def has_bad_keys(self) -> bool:
        """Whether the active pair is there and does not work."""
        return self.has_keys and self.active.is_blocked

    @property
    def needs_new_pair(self) -> bool:
        """Whether the active pair is there, and another one has to be made in the API Portal."""
        return self.has_bad_keys and self.active.ways[:1] == [Action.OPEN_PORTAL]

    @property
    def is_unverified(self) -> bool:
        """Whether the active pair is there, and nobody knows yet if it works."""
        return self.has_keys and not self.active.is_blocked and not self.active.is_verified

    @property
    def next_step(self) -> Step | None:
        """The first step that is missing; None once the instance is configured."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def is_connected(self) -> bool:
        """Whether Payment Services can work: configured, and verified by the last definite answer."""
        return self.is_configured and self.active.is_verified


def locked(name: str) -> str:
    """Return the value that the process's environment sets for a configuration field, or an empty string."""
    value: str = settings.LOCKED_VALUES[name]
    return value


def locks_pair(environment: Environment) -> bool:
    """Tell whether the process's environment sets a half of the pair of `environment`: what is stored is not used."""
    return bool(locked(f"{environment}_api_key") or locked(f"{environment}_private_key"))


def load() -> Connection:
    """Read the whole connection in two queries."""
    instance = Instance.objects.current()
    rows = list(KeyPair.objects.with_verification())
    pairs = {pair.environment: pair for pair in rows if not pair.replaced_at}
    former = {pair.environment: pair for pair in rows if pair.replaced_at}
    slots = {one: replace(_slot(one, pairs.get(one)), former=former.get(one)) for one in Environment}
    now = timezone.now()
    return Connection(
        instance,
        {
            one: replace(
                slot, may_move=can_move(slot, slots[one.other]), may_restore=remedy.helps_to_restore(slot, now)
            )
            for one, slot in slots.items()
        },
    )


def can_move(moving: Slot, standing: Slot) -> bool:
    """Tell whether the pair of `moving` was saved for the wrong environment and `standing` has no use for its place."""
    is_locked = any(slot.has_locked_api_key or slot.has_locked_private_key for slot in (moving, standing))
    is_safe = not standing.is_verified and standing.local_cause is not Cause.UNDECRYPTABLE
    return moving.cause is Cause.WRONG_ENVIRONMENT and moving.is_stored and is_safe and not is_locked


def _slot(environment: Environment, pair: KeyPair | None) -> Slot:
    api_key, text = _locked_api_key(environment), locked(f"{environment}_private_key")
    slot = Slot(
        environment,
        pair=pair,
        has_locked_api_key=bool(locked(f"{environment}_api_key")),
        has_locked_private_key=bool(text),
    )
    try:
        if not slot.has_locked_api_key:
            api_key = pair.open("api_key") if pair and pair.is_stored else ""
        if text:
            private_key: pem.PrivateKey | None = _locked_private_key(text)
        else:
            private_key = pem.load(pair.open("private_key")) if pair and pair.is_stored else None
    except KeyringError:
        return replace(slot, local_cause=Cause.UNDECRYPTABLE)
    except PemError as error:
        return replace(slot, local_cause=Cause.PRIVATE_KEY_MALFORMED, mistake=error.mistake if text else None)
    cause = None if api_key and private_key else Cause.KEYS_MISSING
    slot = replace(slot, api_key=api_key, private_key=private_key, local_cause=cause)
    known = getattr(pair, "verification", None)
    return replace(slot, verification=known) if known and known.digest == slot.digest else slot


def _locked_api_key(environment: Environment) -> str:
    """Return the API key that the process's environment sets; one that is none counts as missing."""
    try:
        return api_keys.parse(locked(f"{environment}_api_key"))
    except ApiKeyError:
        return ""


@lru_cache(maxsize=4)
def _locked_private_key(text: str) -> pem.PrivateKey:
    """Read a key that a person put into the process's environment; validating it takes too long to repeat."""
    return pem.parse(text)
