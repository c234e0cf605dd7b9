"""Keeps the names of projects and data spaces the same everywhere.

Names are labels that belong to Commerce Services. We store them with the instance, with its former identifier and with
what each pair has read. A name that is changed or read is written to all of these places.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.db.models import F

from connector.models.instance import Identifier, Instance
from connector.models.key_pairs import KeyPair
from connector.models.verifications import Verification


@dataclass(frozen=True)
class Names:
    """Names of projects and of data spaces, by id."""

    projects: Mapping[str, str] = field(default_factory=dict)
    data_spaces: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Iterable[Verification]) -> Self:
        """Return the names that were read with `findings`."""
        rows = [row for found in findings for row in found.data_spaces]
        return cls({row["project_id"]: row["project_name"] for row in rows}, {row["id"]: row["name"] for row in rows})

    def store(self) -> None:
        """Write the names wherever their ids are stored, and count it as a rename if one changed.

        Call it inside a transaction.
        """
        instance = Instance.objects.select_for_update().current()
        KeyPair.objects.lock()
        before, former = instance.identifier, Identifier(**instance.former_identifier or {})
        after, former_after = self._in_identifier(before), self._in_identifier(former)
        is_changed = (after, former_after) != (before, former)
        for known in Verification.objects.all():
            rows = [self._in_row(row) for row in known.data_spaces]
            if rows != known.data_spaces:
                is_changed = True
                Verification.objects.filter(pk=known.pk).update(data_spaces=rows)
        if is_changed:
            values = vars(after) | {"former_identifier": instance.former_identifier and vars(former_after)}
            Instance.objects.filter(pk=instance.pk).update(**values, renames=F("renames") + 1)

    def _in_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **row,
            "project_name": self.projects.get(row["project_id"], row["project_name"]),
            "name": self.data_spaces.get(row["id"], row["name"]),
        }

    def _in_identifier(self, known: Identifier) -> Identifier:
        return replace(
            known,
            project_name=self.projects.get(known.project_id, known.project_name),
            data_space_name=self.data_spaces.get(known.data_space_id, known.data_space_name),
        )
