"""The instance: its id, its name, its active environment, and the project and data space that it works in."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from connector.environment import Environment
from connector.models.key_pairs import RESTORABLE


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
        """The ids, which distinguish it from another. The names are labels only."""
        return self.project_id, self.data_space_id

    @property
    def label(self) -> str:
        project, space = self.project_name or self.project_id, self.data_space_name or self.data_space_id
        kind = f" ({self.data_space_type})" if self.data_space_type else ""
        return f"{project} / {space}{kind}" if space else project


class InstanceQuerySet(models.QuerySet["Instance"]):
    """Ways to the one row."""

    def current(self) -> "Instance":
        """Return this installation's row, making it with a new instance id the first time."""
        return self.first() or self.get_or_create(pk=1)[0]

    def expired(self, now: datetime) -> "InstanceQuerySet":
        """Return the instance where the time to restore its former identifier is over."""
        return self.filter(identifier_replaced_at__lte=now - RESTORABLE)

    def advance(self, revision: int, **values: object) -> bool:
        """Set `values` if nobody saved since `revision` was read. Return whether they were set."""
        return bool(self.filter(pk=1, revision=revision).update(revision=F("revision") + 1, **values))


class Instance(models.Model):
    """One Commerce installation: its id, active environment and SaaS identifier. There is one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    instance_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    active_environment = models.CharField(
        max_length=10, choices=Environment.choices, default=Environment.SANDBOX, db_default=Environment.SANDBOX
    )
    project_id = models.CharField(max_length=64, blank=True)
    project_name = models.CharField(max_length=255, blank=True)
    data_space_id = models.CharField(max_length=64, blank=True)
    data_space_name = models.CharField(max_length=255, blank=True)
    data_space_type = models.CharField(max_length=64, blank=True)
    # The fields of the `Identifier` that was replaced, and when that was.
    former_identifier = models.JSONField(null=True)
    identifier_replaced_at = models.DateTimeField(null=True)
    # What this instance is called to Commerce Services; empty means the host of the first address.
    name = models.CharField(max_length=255, blank=True)
    # The addresses it is served at, as scheme://host[:port][/path]; the first is the one that it was connected from.
    served_at = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    # Counts changes of names: what began to be read before the last one may hold old names.
    renames = models.PositiveIntegerField(default=0)

    objects: ClassVar = InstanceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("configure_connector", _("Configure the Commerce Services Connector")),
            ("manage_encryption_key", _("Manage the encryption key")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="connector_instance_is_single"),
            models.CheckConstraint(
                condition=Q(data_space_id="") | ~Q(project_id=""), name="connector_instance_data_space_has_project"
            ),
        ]

    def __str__(self) -> str:
        return str(self.instance_id)

    @property
    def restorable_until(self) -> datetime | None:
        """When the former identifier is erased; None without one."""
        return self.identifier_replaced_at + RESTORABLE if self.identifier_replaced_at else None

    @property
    def identifier(self) -> Identifier:
        return Identifier(**{name: getattr(self, name) for name in Identifier.__dataclass_fields__})

    def choosing(self, new: Identifier, now: datetime) -> dict[str, object]:
        """Return what to set so that `new` takes the place of the identifier, which becomes the former one.

        One without a data space holds nothing that could be missed: it leaves the former one as it is.
        """
        before, former = self.identifier, self.former_identifier or {}
        if before.data_space_id and before.ids != new.ids:
            return {**vars(new), "former_identifier": vars(before), "identifier_replaced_at": now}
        if former and new.ids == Identifier(**former).ids:
            return {**vars(new), "former_identifier": None, "identifier_replaced_at": None}
        return vars(new)

    @property
    def shown_name(self) -> str:
        """What this instance is called: the name that a person gave it, else its host; empty before it is connected."""
        return self.name or (urlsplit(self.served_at[0]).netloc if self.served_at else "")
