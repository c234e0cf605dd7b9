"""What the stand-in knows: accounts, who belongs to them, their API keys, projects and data spaces."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from saas.caller import NOBODY, Caller
from saas.choices import NAME_LENGTH, DataSpaceType, Edition, Environment, FaultKind, KeyState, Onboarding, Role
from saas.errors import AlreadyIssuedError, ProjectLimitError
from saas.ids import new_api_key, new_ims_organization_id, new_mage_id
from saas.portal.key_pairs import NewPair

RECORDED_EVERY = timedelta(seconds=60)


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, as the people who work with them find them."""

    def of(self, user: User) -> "AccountQuerySet":
        """Return the accounts that `user` has a role in, the first one joined first, each with its `role`."""
        return self.filter(memberships__user=user).annotate(role=F("memberships__role")).order_by("memberships__pk")

    def create_with_owner(
        self,
        owner: User,
        *,
        organization_name: str,
        edition: str = Edition.ADOBE_COMMERCE,
        payments_sandbox: bool = True,
        payments_production: bool = False,
    ) -> "Account":
        """Make an account in good standing, with a new MageID, whose license owner is `owner`."""
        with transaction.atomic():
            account = self.create(
                organization_name=organization_name,
                edition=edition,
                payments_sandbox=payments_sandbox,
                payments_production=payments_production,
            )
            Membership.objects.create(account=account, user=owner, role=Role.LICENSE_OWNER)
        return account


class Account(models.Model):
    """A Commerce account: the owner of keys, projects and entitlements."""

    mage_id = models.CharField(max_length=12, default=new_mage_id)
    organization_name = models.CharField(max_length=NAME_LENGTH)
    organization_id = models.UUIDField(default=uuid.uuid4, editable=False)
    ims_organization_id = models.CharField(max_length=33, default=new_ims_organization_id, editable=False)
    edition = models.CharField(max_length=20, choices=Edition, default=Edition.ADOBE_COMMERCE)
    in_good_standing = models.BooleanField(default=True)
    payments_sandbox = models.BooleanField(default=True)
    payments_production = models.BooleanField(default=False)
    project_limit = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["mage_id"], name="saas_account_mage_id_unique"),
            models.CheckConstraint(condition=Q(edition__in=Edition.values), name="saas_account_edition_known"),
            models.CheckConstraint(condition=Q(project_limit__gte=1), name="saas_account_project_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_name} ({self.mage_id})"

    @property
    def is_entitled_to_payments(self) -> bool:
        """Whether Payment Services is part of the account, for one environment at least."""
        return self.in_good_standing and (self.payments_sandbox or self.payments_production)

    def license_owners(self) -> list[str]:
        """Return the names of the people who may create keys."""
        owners = User.objects.filter(saas_memberships__account=self, saas_memberships__role=Role.LICENSE_OWNER)
        return [owner.get_full_name() or owner.get_username() for owner in owners.order_by("username")]


class Membership(models.Model):
    """One person's role in one account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saas_memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="saas_membership_one_per_person"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="saas_membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.account}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """API keys, listed for people and found for the gateway."""

    def listed(self) -> "ApiKeyQuerySet":
        """Return the keys as the API Portal shows them: newest first, with who made them."""
        return self.select_related("created_by").order_by("-created_at", "pk")

    def for_gateway(self, environment: str | None) -> "ApiKeyQuerySet":
        """Return the keys with account, `fault_kind` and `fault_seconds`, all in one query.

        The fault is that of the gateway's `environment`, or of the key's own where the gateway serves both (None).
        """
        place: Value | OuterRef = Value(environment) if environment else OuterRef("environment")
        faults = Fault.objects.filter(environment=place)
        return self.select_related("account").annotate(
            fault_kind=Subquery(faults.values("kind")[:1]),
            fault_seconds=Subquery(faults.values("seconds")[:1]),
        )

    def issue(
        self, account: Account, created_by: User, *, environment: str, name: str, form_token: uuid.UUID | None = None
    ) -> tuple["ApiKey", NewPair]:
        """Make a key of `account`; the returned pair is the only place where its private key ever is.

        Raises:
            AlreadyIssuedError: a key was made from this `form_token` before.
        """
        if form_token and self.filter(form_token=form_token).exists():
            raise AlreadyIssuedError
        pair = NewPair.generate()
        key = ApiKey(account=account, created_by=created_by, environment=environment, name=name, form_token=form_token)
        key.public_key = pair.public_key
        try:
            with transaction.atomic():
                key.save(force_insert=True)
        except IntegrityError as exc:
            raise AlreadyIssuedError from exc
        return key, pair


class ApiKey(models.Model):
    """The public half of a key pair; the private half is never here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    environment = models.CharField(max_length=10, choices=Environment)
    name = models.CharField(max_length=NAME_LENGTH)
    api_key = models.CharField(max_length=32, default=new_api_key, editable=False)
    public_key = models.TextField(editable=False, help_text=_("The RSA public key as PEM (SubjectPublicKeyInfo)."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_instance = models.UUIDField(null=True, editable=False)
    last_used_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    delete_asked_at = models.DateTimeField(null=True, editable=False)
    # From then on the gateway refuses the key; it may lie ahead.
    deleted_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refused_instance = models.UUIDField(null=True, editable=False)
    refused_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    form_token = models.UUIDField(null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["api_key"], name="saas_apikey_api_key_unique"),
            models.UniqueConstraint(fields=["form_token"], name="saas_apikey_one_per_form"),
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_apikey_environment"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_environment_display()})"

    def was_used_since(self, moment: datetime) -> bool:
        """Tell whether the gateway accepted this key after `moment`."""
        return self.last_used_at is not None and self.last_used_at > moment

    def record_use(self, now: datetime, caller: Caller = NOBODY) -> None:
        """Remember that `caller` used the key; costs no query where that was written under a minute ago."""
        self._record("last_used", now, caller)

    def record_refusal(self, now: datetime, caller: Caller = NOBODY) -> None:
        """Remember that `caller` still used the deleted key; costs no query where that was written lately."""
        self._record("refused", now, caller)

    def _record(self, event: str, now: datetime, caller: Caller) -> None:
        """Write moment and caller of `event`, at most once a minute and never an earlier one over a later one."""
        due = now - RECORDED_EVERY
        before = getattr(self, f"{event}_at")
        if before is not None and before > due:
            return
        stale = Q((f"{event}_at__isnull", True)) | Q((f"{event}_at__lte", due))
        values = {f"{event}_at": now, f"{event}_instance": caller.instance_id, f"{event}_name": caller.name}
        ApiKey.objects.filter(stale, pk=self.pk).update(**values)

    def state(self, now: datetime) -> KeyState:
        """Return what the gateway does with the key at `now`."""
        if self.deleted_at is None:
            return KeyState.ACTIVE
        return KeyState.DELETED if self.deleted_at <= now else KeyState.SCHEDULED

    @property
    def was_used_since_asked(self) -> bool:
        """Whether somebody used the key after its deletion was asked for."""
        return self.delete_asked_at is not None and self.was_used_since(self.delete_asked_at)

    def delete_at(self, now: datetime, delay: timedelta = timedelta()) -> bool:
        """Have the gateway refuse the key from `delay` after `now` on; it stays listed.

        Of several wishes the earliest counts, whoever comes first, so that nobody prolongs the life of a key that
        somebody else gave up. Returns False where the key is deleted, or is to be by then, without this one.
        """
        wished = now + delay
        later = Q(deleted_at__isnull=True) | Q(deleted_at__gt=wished)
        return ApiKey.objects.filter(later, pk=self.pk).update(deleted_at=wished, delete_asked_at=now) == 1

    def keep(self, now: datetime) -> bool:
        """Take back the deletion that this object knows. Returns False where it took effect or was replaced."""
        ahead = ApiKey.objects.filter(pk=self.pk, deleted_at=self.deleted_at, deleted_at__gt=now)
        return ahead.update(deleted_at=None, delete_asked_at=None) == 1


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, made with the data spaces that belong to them."""

    def provision_licensed(self, account: Account, name: str) -> "Project":
        """Make a project as `provision` does, if the license of `account` allows one more.

        Raises:
            ProjectLimitError: it does not.
        """
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
    """A named set of data spaces; the registry knows it as the rows that share its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=NAME_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        """Who may do what hangs on the role in the account."""

        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class DataSpaceQuerySet(models.QuerySet["DataSpace"]):
    """Data spaces: the registry's rows."""

    def of(self, account: Account) -> "DataSpaceQuerySet":
        """Return every data space of `account`, project by project, each with its project and account."""
        found = self.filter(project__account=account).select_related("project__account")
        return found.order_by("project__created_at", "project_id", "position")

    def add_feature(self, pk: uuid.UUID, feature: str) -> None:
        """Add `feature` to the data space `pk`; adding it again changes nothing."""
        with transaction.atomic():
            space = self.select_for_update().get(pk=pk)
            if feature not in space.extra_features:
                space.extra_features = [*space.extra_features, feature]
                space.save(update_fields=["extra_features", "updated_at"])


class DataSpace(models.Model):
    """One data space, which the registry calls an environment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="data_spaces")
    name = models.CharField(max_length=NAME_LENGTH)
    type = models.CharField(max_length=10, choices=DataSpaceType)
    extra_features = models.JSONField(default=list)
    cloud_id = models.CharField(max_length=NAME_LENGTH, blank=True)
    onboarding_status = models.CharField(max_length=20, choices=Onboarding, default=Onboarding.CREATED)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    last_seen_instance = models.UUIDField(null=True, editable=False)
    last_seen_name = models.CharField(max_length=NAME_LENGTH, default="", db_default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DataSpaceQuerySet.as_manager()

    class Meta:
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(type__in=DataSpaceType.values), name="saas_dataspace_type_known"),
            models.CheckConstraint(condition=Q(onboarding_status__in=Onboarding.values), name="saas_dataspace_status"),
        ]

    def __str__(self) -> str:
        return f"{self.project} / {self.name}"

    def record_seen(self, caller: Caller, now: datetime) -> None:
        """Remember that `caller` works here, at most once a minute unless it is another one than before.

        Who does not say which instance it is leaves no trace.
        """
        due = now - RECORDED_EVERY
        is_same = self.last_seen_instance == caller.instance_id
        if caller.instance_id is None or (is_same and self.last_seen_at is not None and self.last_seen_at > due):
            return
        earlier = Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=now)
        DataSpace.objects.filter(earlier, pk=self.pk).update(
            last_seen_at=now, last_seen_instance=caller.instance_id, last_seen_name=caller.name
        )

    def onboard(self, status: str) -> None:
        """Let PayPal's onboarding of this merchant have come as far as `status`."""
        self.onboarding_status = status
        self.save(update_fields=["onboarding_status", "updated_at"])

    def clean_up(self, name: str) -> None:
        """Give the data space `name` and the state of a new one; its ids stay."""
        self.name, self.cloud_id, self.extra_features, self.onboarding_status = name, "", [], Onboarding.CREATED
        self.save(update_fields=["name", "cloud_id", "extra_features", "onboarding_status", "updated_at"])


class FaultQuerySet(models.QuerySet["Fault"]):
    """The fault switch."""

    def switch(self, environment: str, kind: str, seconds: int) -> None:
        """Make the gateway of `environment` misbehave as `kind` says, from the next request on."""
        self.update_or_create(environment=environment, defaults={"kind": kind, "seconds": seconds})

    def by_environment(self) -> "list[Fault]":
        """Return one fault per environment, unsaved ones of the kind *none* where nothing was switched."""
        known = self.in_bulk()
        return [known.get(value) or Fault(environment=value) for value in Environment.values]


class Fault(models.Model):
    """How the gateway of one environment misbehaves. `seconds`: its wait, its Retry-After or its clock's error."""

    environment = models.CharField(max_length=10, primary_key=True, choices=Environment)
    kind = models.CharField(max_length=16, choices=FaultKind, default=FaultKind.NONE)
    seconds = models.IntegerField(default=0)

    objects = FaultQuerySet.as_manager()

    class Meta:
        """Rules that the database keeps; the permission opens the switch."""

        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_fault_environment"),
            models.CheckConstraint(condition=Q(kind__in=FaultKind.values), name="saas_fault_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_environment_display()}: {self.get_kind_display()}"
