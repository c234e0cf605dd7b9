"""The project and data space of an instance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identifier:
    """A project and data space as they are stored."""

    project_id: str = ""
    project_name: str = ""
    data_space_id: str = ""
    data_space_name: str = ""
    data_space_type: str = ""

    @property
    def ids(self) -> tuple[str, str]:
        """What tells it from another; the names are labels only."""
        return self.project_id, self.data_space_id

    @property
    def label(self) -> str:
        """What people know it by."""
        project, space = self.project_name or self.project_id, self.data_space_name or self.data_space_id
        kind = f" ({self.data_space_type})" if self.data_space_type else ""
        return f"{project} / {space}{kind}" if space else project
