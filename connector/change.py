"""What a person asks to be different, and the identifier as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.environment import Environment
from connector.gateway import Credentials


@dataclass(frozen=True)
class Change:
    """What a person asks to be different. `pairs` holds whole pairs; None leaves a value as it is."""

    revision: int
    pairs: Mapping[Environment, Credentials] = field(default_factory=dict)
    active_environment: Environment | None = None
    project_id: str | None = None
    data_space_id: str | None = None
    insist: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        values = (self.active_environment, self.project_id, self.data_space_id)
        return not self.pairs and all(value is None for value in values)


@dataclass(frozen=True)
class Identifier:
    """A project and data space as they are stored."""

    project_id: str = ""
    project_name: str = ""
    data_space_id: str = ""
    data_space_name: str = ""
    data_space_type: str = ""
