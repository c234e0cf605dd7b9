"""What a save does: computed once, then read by protection, verification, storing, action log and messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from connector.action_log import Action, Refusal
from connector.configuration import log
from connector.configuration.log import Entry
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import RefusedError
from connector.gateway.client import Credentials, DataSpace
from connector.models import Identifier, Verification
from connector.verification.causes import Cause


@dataclass(frozen=True)
class SavePlan:
    """What a save does to the connection `stored`, as a person asks for it.

    `pairs` holds whole pairs. `environment`, `project_id` and `data_space_id` are None where they stay as they are.
    `insist` replaces a verified pair by one that is not; `confirmation` is the name typed to accept a loss; `shares`
    takes a data space that another instance uses; `switches` confirms another active environment; `is_restored` means
    that these are former values. `revision` is the one that the person saw; None means that of `stored`. `listed` are
    the data spaces of the project as the registry has them now, once they are looked up.
    """

    stored: Connection
    pairs: Mapping[Environment, Credentials] = field(default_factory=dict)
    environment: Environment | None = None
    project_id: str | None = None
    data_space_id: str | None = None
    insist: bool = False
    confirmation: str = ""
    shares: bool = False
    switches: bool = False
    is_restored: bool = False
    revision: int | None = None
    listed: tuple[DataSpace, ...] = ()

    @cached_property
    def active_environment(self) -> Environment:
        """The active environment after the save."""
        if "active_environment" in self.stored.variables:
            return self.stored.active_environment
        # The first pair becomes active, whatever the field says. A restored pair switches nothing.
        if not self.stored.has_any_key and len(self.pairs) == 1 and not self.is_restored:
            return next(iter(self.pairs))
        return self.environment or self.stored.active_environment

    @cached_property
    def identifier(self) -> Identifier:
        """The project and data space after the save, with the names that the registry has now, else as last read."""
        if not self.changes_identifier:
            return self.stored.instance.identifier
        project_id = self.stored.project_id if self.project_id is None else self.project_id
        data_space_id = self.data_space_id
        if data_space_id is None:
            # Another project clears the data space, unless one of that project is chosen with it.
            data_space_id = self.stored.data_space_id if project_id == self.stored.project_id else ""
        spaces = self.listed or self.stored.data_spaces
        project = next((space.project_name for space in spaces if space.project_id == project_id), "")
        names = next(((space.name, space.type) for space in spaces if space.id == data_space_id), ("", ""))
        return Identifier(project_id, project, data_space_id, *names)

    @property
    def changes_identifier(self) -> bool:
        """Whether another project or data space is chosen, or none."""
        return self.project_id is not None or self.data_space_id is not None

    @property
    def is_empty(self) -> bool:
        return not self.pairs and self.environment is None and not self.changes_identifier

    @property
    def is_activated(self) -> bool:
        """Whether another environment becomes the active one, or its first pair makes this one active."""
        is_first = not self.stored.has_any_key and self.active_environment in self.pairs
        return is_first or self.active_environment != self.stored.active_environment

    @property
    def asked(self) -> Mapping[Environment, Credentials]:
        """The pairs to verify: every new one, and the active one where it has to read another identifier."""
        pairs = dict(self.pairs)
        stored = self.stored.slots[self.active_environment].credentials
        if stored and self.changes_identifier:
            pairs.setdefault(self.active_environment, stored)
        return pairs

    @property
    def replaced_keys(self) -> Mapping[Environment, str]:
        """The API keys that this instance uses now and not any more: those that somebody can still delete."""
        slots, new = self.stored.slots, self.pairs
        kept = {"", *(pair.api_key for pair in new.values())}
        kept |= {slot.api_key for slot in slots.values() if slot.environment not in new}
        return {
            environment: slots[environment].api_key
            for environment in new
            # Nobody can delete a key that Commerce Services does not know.
            if slots[environment].cause not in {Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN}
            if slots[environment].api_key not in kept
        }

    @cached_property
    def entries(self) -> list[Entry]:
        """The rows of the action log."""
        entries = []
        for environment, pair in self.pairs.items():
            slot = self.stored.slots[environment]
            action = Action.KEYS_REPLACED if slot.is_stored else Action.KEYS_SAVED
            if self.is_restored:
                action = Action.KEYS_RESTORED
            after = log.halves(pair.api_key, pair.private_key.fingerprint)
            entries.append(Entry(action, environment, log.pair_of(slot), after))
        is_locked = "active_environment" in self.stored.variables
        if self.active_environment != self.stored.instance.active_environment and not is_locked:
            entries.append(log.switching(self.active_environment, self.stored))
        return entries + log.choosing(self.stored.instance, self.identifier)

    def looked_up(self, finding: Verification | None) -> Self:
        """Return the plan with what the registry has of its identifier; `finding` is of the pair that will be active.

        Raises RefusedError where the account of that pair has no such project or data space.
        """
        project_id, data_space_id = self.identifier.ids
        if not self.changes_identifier or not (project_id or data_space_id):
            return self
        if not project_id:
            raise RefusedError(Refusal.IDENTIFIER, _("Choose the project of this data space as well."), "project_id")
        if finding is None:
            text = _("Projects are read with the active key pair. Save the %(environment)s keys first.")
            raise RefusedError(Refusal.IDENTIFIER, text % {"environment": self.active_environment.label}, "project_id")
        # A rejected pair returns no data spaces, so use the last known list.
        is_fresh = finding.cause is None or finding.cause.row.is_of_working_pair
        known = finding if is_fresh else self.stored.slots[self.active_environment].verification
        in_project = [space for space in known.known_data_spaces() if space.project_id == project_id]
        if not in_project:
            text = _("The project could not be looked up, so nothing was changed. Verify the keys, then try again.")
            if is_fresh:
                text = _(
                    "This project does not belong to the account of the active key pair. Choose one from the list."
                )
            raise RefusedError(Refusal.IDENTIFIER, text, "project_id")
        if data_space_id and not any(space.id == data_space_id for space in in_project):
            text = _("This data space does not belong to the project “%(project)s”. Choose one of that project.")
            raise RefusedError(Refusal.IDENTIFIER, text % {"project": in_project[0].project_name}, "data_space_id")
        return replace(self, listed=tuple(in_project))
