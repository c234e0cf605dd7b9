"""What a person asks to be different."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.environment import Environment
from connector.gateway.client import Credentials


@dataclass(frozen=True)
class Change:
    """What a person asks to be different. `pairs` holds whole pairs; None leaves a value as it is.

    `insist` replaces a verified pair by one that is not; `confirmation` is the name typed to accept a loss; `shares`
    takes a data space that another instance uses; `switches` confirms another active environment; `is_restored` means
    that these are former values.
    """

    revision: int
    pairs: Mapping[Environment, Credentials] = field(default_factory=dict)
    active_environment: Environment | None = None
    project_id: str | None = None
    data_space_id: str | None = None
    insist: bool = False
    confirmation: str = ""
    shares: bool = False
    switches: bool = False
    is_restored: bool = False

    @property
    def changes_identifier(self) -> bool:
        """Whether another project or data space is chosen, or none."""
        return self.project_id is not None or self.data_space_id is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        return not self.pairs and self.active_environment is None and not self.changes_identifier
