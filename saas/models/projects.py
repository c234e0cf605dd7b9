"""Projects and their data spaces."""

import uuid
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q

from backend.frame.fields import NAME_LENGTH
from saas.caller import RECORDED_EVERY, Caller
from saas.choices import DataSpaceType, Edition
from saas.errors import ProjectLimitError
from saas.limits import MOST_FEATURES
from saas.models.accounts import Account


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, made with the data spaces that belong to them."""

    def provision_licensed(self, account: Account, name: str) -> "Project":
        """Make a project as `provision` does, or raise ProjectLimitError if the license of `account` allows no more."""
        with transaction.atomic():
            limit = Account.objects.select_for_update().get(pk=account.pk).project_limit
            if self.filter(account=account).count() >= limit:
                raise ProjectLimitError(limit)
            return self.provision(account, name)

    def provision(self, account: Account, name: str) -> "Project":
        """Make a project with the data spaces that its account is entitled to.

        Source: Adobe's documentation of the SaaS data space: one Production and two Testing ones for Adobe Commerce and
        for accounts with Payment Services, one Production for Magento Open Source.
        """
        names = {"Production": DataSpaceType.PRODUCTION}
        if account.edition == Edition.ADOBE_COMMERCE or account.is_entitled_to_payments:
            names |= {"Testing 1": DataSpaceType.TESTING, "Testing 2": DataSpaceType.TESTING}
        with transaction.atomic():
            project = self.create(account=account, name=name)
            for position, (space_name, kind) in enumerate(names.items()):
                DataSpace.objects.create(project=project, position=position, name=space_name, type=kind)
        return project


class Project(models.Model):
    """A named set of data spaces; in the registry, the rows that share its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=NAME_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class DataSpaceQuerySet(models.QuerySet["DataSpace"]):
    """Data spaces: the registry's rows."""

    def of(self, account: Account | int) -> "DataSpaceQuerySet":
        """Return every data space of `account` (a row or its id), project by project, with project and account."""
        found = self.filter(project__account=account).select_related("project__account")
        return found.order_by("project__created_at", "project_id", "position")

    def add_feature(self, pk: uuid.UUID, feature: str) -> bool:
        """Add `feature` to the data space `pk`; adding it again changes nothing. Return False if there are too many."""
        with transaction.atomic():
            space = self.select_for_update().get(pk=pk)
            if feature in space.extra_features:
                return True
            if len(space.extra_features) < MOST_FEATURES:
                space.extra_features = [*space.extra_features, feature]
                space.save(update_fields=["extra_features", "updated_at"])
                return True
        return False


class DataSpace(models.Model):
    """One data space, which the registry calls an environment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="data_spaces")
    name = models.CharField(max_length=NAME_LENGTH)
    type = models.CharField(max_length=10, choices=DataSpaceType)
    extra_features = models.JSONField(default=list)
    cloud_id = models.CharField(max_length=NAME_LENGTH, blank=True)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    last_seen_instance = models.UUIDField(null=True, editable=False)
    last_seen_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DataSpaceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(type__in=DataSpaceType.values), name="saas_dataspace_type_known"),
        ]

    def __str__(self) -> str:
        return f"{self.project} / {self.name}"

    def record_seen(self, caller: Caller, now: datetime) -> None:
        """Record that `caller` works here; the same instance at most once a minute, one without an id never."""
        due = now - RECORDED_EVERY
        is_same = self.last_seen_instance == caller.instance_id
        if caller.instance_id is None or (is_same and self.last_seen_at is not None and self.last_seen_at > due):
            return
        earlier = Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=now)
        DataSpace.objects.filter(earlier, pk=self.pk).update(
            last_seen_at=now, last_seen_instance=caller.instance_id, last_seen_name=caller.name
        )

    def clean_up(self, name: str) -> None:
        """Give the data space `name` and the state of a new one, without merchants and feeds; its ids stay."""
        with transaction.atomic():
            self.merchants.all().delete()
            # Locked, so that a feed comes before or after.
            list(self.feed_sources.select_for_update())
            self.feed_sources.all().delete()
            self.name, self.cloud_id, self.extra_features = name, "", []
            self.save(update_fields=["name", "cloud_id", "extra_features", "updated_at"])
