"""The fault switch."""

from django.db import models
from django.db.models import Q

from saas.choices import Environment
from saas.faults import FaultKind


class FaultQuerySet(models.QuerySet["Fault"]):
    """The fault of each environment."""

    def switch(self, environment: str, kind: str, seconds: int) -> None:
        """Make the gateway of `environment` misbehave as `kind` says, from the next request on."""
        self.update_or_create(environment=environment, defaults={"kind": kind, "seconds": seconds})

    def by_environment(self) -> "list[Fault]":
        """Return one fault per environment; if nothing was switched, an unsaved one of the kind *none*."""
        known = self.in_bulk()
        return [known.get(value) or Fault(environment=value) for value in Environment.values]


class Fault(models.Model):
    """How the gateway of one environment misbehaves. `seconds` is a wait, a Retry-After, or the error of a clock."""

    environment = models.CharField(max_length=10, primary_key=True, choices=Environment)
    kind = models.CharField(max_length=16, choices=FaultKind, default=FaultKind.NONE)
    seconds = models.IntegerField(default=0)

    objects = FaultQuerySet.as_manager()

    class Meta:
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_fault_environment"),
            models.CheckConstraint(condition=Q(kind__in=FaultKind.values), name="saas_fault_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_environment_display()}: {self.get_kind_display()}"
