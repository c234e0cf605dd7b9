"""What the pages, the command line and the health checks show of the connection: stored state only, no network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from backend.frame.rows import row_and_rows, rows
from connector.action_log import Refusal
from connector.environment import Environment
from connector.errors import RefusedError
from connector.gateway.client import DataSpace, Identity
from connector.models import Identifier, Instance, KeyPair
from connector.slot import Slot, read
from connector.verification.causes import Cause
from connector.verification.row import Place

REVISION_DIGITS = 10
_BESIDE_PAIRS = ("verification", "set_by")


@dataclass(frozen=True)
class Step:
    """One step of the set-up. `anchor` is the id of the section or field of the configuration page where it is done.

    A step that is done can still have a problem: keys that were entered and do not work.
    """

    title: str
    anchor: str
    is_done: bool
    problem: Cause | None = None


@dataclass(frozen=True)
class Connection:
    """The connection of this instance as it is used at `now`: what is stored, with environment variables applied.

    `variables` holds what these set, by the name of the form field that they lock.
    """

    instance: Instance
    slots: Mapping[Environment, Slot]
    variables: Mapping[str, str]
    active_environment: Environment
    project_id: str
    data_space_id: str
    now: datetime

    @cached_property
    def identity(self) -> Identity:
        """How the instance names itself to Commerce Services, with the data space that it works in."""
        return Identity(
            str(self.instance.instance_id), self.instance.shown_name or "Commerce Admin", self.data_space_id
        )

    @cached_property
    def active(self) -> Slot:
        return self.slots[self.active_environment]

    @property
    def inactive(self) -> Slot:
        return self.slots[self.active_environment.other]

    @cached_property
    def data_spaces(self) -> tuple[DataSpace, ...]:
        """Every data space of the account, read with the active pair."""
        return self.active.verification.known_data_spaces()

    def build_on(self, seen_revision: str) -> None:
        """Let changes build on the revision that a page showed: where it is not the stored one, they are refused."""
        self.instance.revision = revision(seen_revision)

    @cached_property
    def data_space(self) -> DataSpace | None:
        """The chosen data space as last read."""
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

    @cached_property
    def data_space_type(self) -> str:
        """`Production` or `Testing`, as last read, else as saved."""
        return (self.data_space.type if self.data_space else "") or self.instance.data_space_type

    @property
    def former_identifier(self) -> Identifier | None:
        """The former identifier that can still be restored, and would be used then."""
        former, until = self.instance.former_identifier, self.instance.restorable_until
        if not former or not until or until <= self.now or self.variables.keys() & {"project_id", "data_space_id"}:
            return None
        return Identifier(**former)

    def require_unlocked(self, name: str) -> None:
        """Raise RefusedError where an environment variable sets the field `name`: a stored value would not be used."""
        if name in self.variables:
            text = _(
                "An environment variable sets this. Change it there and restart the server. Nothing was done here."
            )
            raise RefusedError(Refusal.LOCKED, text, name)

    @property
    def has_any_key(self) -> bool:
        """Whether a half of a key is set for either environment."""
        return any(slot.has_any_half for slot in self.slots.values())

    @property
    def is_empty(self) -> bool:
        return not self.project_id and not self.has_any_key

    @property
    def is_configured(self) -> bool:
        """Whether both halves for the active environment, a project and a data space are set."""
        return self.active.is_whole and bool(self.project_id and self.data_space_id)

    @property
    def steps(self) -> list[Step]:
        """The steps that make the instance configured, in the order they are done."""
        environment = self.active_environment
        keys = _("Enter the key pair for %(environment)s") % {"environment": environment.label}
        if not self.has_any_key:
            # The first pair becomes the active one, so either section will do.
            environment, keys = Environment.SANDBOX, _("Enter a key pair, for Sandbox or for Production")
        has_no_project = self.active.is_verified and not self.data_spaces
        project = _("Create a project") if has_no_project else _("Choose the project")
        problem = self.active.cause if self.has_bad_keys else None
        of_keys, of_identifier = problem, None
        if problem and problem.row.place is Place.IDENTIFIER:
            of_keys, of_identifier = None, problem
        has_data_space = bool(self.project_id and self.data_space_id)
        return [
            Step(keys, Place.KEYS.format(environment=environment), self.active.is_whole, of_keys),
            Step(project, "new-project" if has_no_project else "project_id", bool(self.project_id)),
            Step(_("Choose the data space"), "data_space_id", has_data_space, of_identifier),
        ]

    @property
    def has_bad_keys(self) -> bool:
        """Whether the active pair is there and does not work."""
        return self.active.is_whole and self.active.is_blocked

    @property
    def is_unverified(self) -> bool:
        """Whether the active pair is there, and nobody knows yet if it works."""
        return self.active.is_whole and not self.active.is_blocked and not self.active.is_verified

    @property
    def next_step(self) -> Step | None:
        """The first step that is missing; None once the instance is configured."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def is_connected(self) -> bool:
        """Whether Payment Services can work: configured, and verified by the last definite answer."""
        return self.is_configured and self.active.is_verified


def revision(sent: str) -> int:
    """Return the revision that was sent. One that no page of ours sends counts as out of date."""
    return int(sent) if sent.isdecimal() and len(sent) < REVISION_DIGITS else 0


def load(now: datetime | None = None) -> Connection:
    """Read the whole connection in one query, and apply the environment variables to it. Nothing else reads them.

    A request reads the clock here, once. What it loads later is as of the same `now`.
    """
    now = now or timezone.now()
    variables = {name: value for name, value in settings.LOCKED_VALUES.items() if value}
    instance, stored = row_and_rows(Instance, 1, KeyPair, *_BESIDE_PAIRS)
    if instance is None:
        instance, stored = Instance.objects.current(), rows(KeyPair, *_BESIDE_PAIRS)
    pairs = {pair.environment: pair for pair in stored if not pair.replaced_at}
    former = {pair.environment: pair for pair in stored if pair.replaced_at}
    slots = {
        environment: read(environment, now, pairs.get(environment), former.get(environment), variables)
        for environment in Environment
    }
    return Connection(
        instance,
        {environment: slot.beside(slots[environment.other]) for environment, slot in slots.items()},
        variables,
        Environment(variables.get("active_environment", instance.active_environment)),
        variables.get("project_id", instance.project_id),
        variables.get("data_space_id", instance.data_space_id),
        now,
    )
