"""What the stand-in knows: accounts, who belongs to them, their API keys, projects and data spaces."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from saas.errors import AlreadyIssuedError
from saas.keypair import NewPair

NAME_LENGTH = 255
USE_RECORDED_EVERY = timedelta(seconds=60)


class Environment(models.TextChoices):
    """Which side of Commerce Services a key reaches."""

    SANDBOX = "sandbox", _("Sandbox")
    PRODUCTION = "production", _("Production")


class Edition(models.TextChoices):
    """What the account has a license for."""

    ADOBE_COMMERCE = "adobe_commerce", _("Adobe Commerce")
    OPEN_SOURCE = "open_source", _("Magento Open Source")


class Role(models.TextChoices):
    """What a person may do with an account's keys."""

    LICENSE_OWNER = "license_owner", _("License owner")
    SHARED_ACCESS = "shared_access", _("Shared access")


class DataSpaceType(models.TextChoices):
    """The registry's `environmentType`; the values are the ones on the wire."""

    PRODUCTION = "Production", _("Production")
    TESTING = "Testing", _("Testing")


class FaultKind(models.TextChoices):
    """How the gateway of one environment misbehaves."""

    NONE = "none", _("None: answer as usual")
    UNAUTHORIZED = "401", _("401: JWT is invalid")
    FORBIDDEN = "403", _("403: Client ID is invalid")
    LIMITED = "429", _("429: too many requests, with Retry-After")
    SERVER_ERROR = "500", _("500: internal server error")
    GARBAGE = "garbage", _("Garbage: an HTML page with status 200")
    SLOW = "slow", _("Slow: wait, then answer as usual")
    SKEWED = "skewed", _("Skewed clock: 401 with a Date header that is off")


def new_mage_id() -> str:
    """Return `MAG` and nine digits at random; the unique constraint settles a collision."""
    return f"MAG{secrets.randbelow(10**9):09}"


def new_ims_organization_id() -> str:
    """Return an id of the shape that the identity service gives to organisations."""
    return f"{secrets.token_hex(12).upper()}@AdobeOrg"


def new_api_key() -> str:
    """Return a public API key: 32 hex digits."""
    return secrets.token_hex(16)


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
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["mage_id"], name="saas_account_mage_id_unique"),
            models.CheckConstraint(condition=Q(edition__in=Edition.values), name="saas_account_edition_known"),
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

    def change_entitlements(self, *, in_good_standing: bool, payments_sandbox: bool, payments_production: bool) -> None:
        """Set what the account is entitled to; existing projects keep their data spaces."""
        self.in_good_standing = in_good_standing
        self.payments_sandbox = payments_sandbox
        self.payments_production = payments_production
        self.save(update_fields=["in_good_standing", "payments_sandbox", "payments_production"])


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
    deleted_at = models.DateTimeField(null=True, editable=False)
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

    def record_use(self, now: datetime) -> None:
        """Remember that the key was used; costs no query where that was written under a minute ago."""
        due = now - USE_RECORDED_EVERY
        if self.was_used_since(due):
            return
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=due)
        ApiKey.objects.filter(stale, pk=self.pk).update(last_used_at=now)

    def delete_at(self, now: datetime) -> bool:
        """Mark the key as deleted: it stays listed and is accepted nowhere. Returns False where it was before."""
        return ApiKey.objects.filter(pk=self.pk, deleted_at__isnull=True).update(deleted_at=now) == 1


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, made with the data spaces that belong to them."""

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
    onboarding_status = models.CharField(max_length=20, default="CREATED")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DataSpaceQuerySet.as_manager()

    class Meta:
        """Rules that the database keeps; who may do what hangs on the role in the account."""

        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(type__in=DataSpaceType.values), name="saas_dataspace_type_known"),
        ]

    def __str__(self) -> str:
        return f"{self.project} / {self.name}"

    def clean_up(self, name: str) -> None:
        """Give the data space `name` and the state of a new one; its ids stay."""
        self.name, self.cloud_id, self.extra_features = name, "", []
        self.save(update_fields=["name", "cloud_id", "extra_features", "updated_at"])


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
    kind = models.CharField(max_length=10, choices=FaultKind, default=FaultKind.NONE)
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
