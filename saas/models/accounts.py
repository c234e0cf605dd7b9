"""Accounts, and who belongs to them."""

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from backend.frame.fields import NAME_LENGTH
from saas.choices import Edition, Role
from saas.errors import LastOwnerError
from saas.limits import NEW_ACCOUNTS, LimitReachedError


def new_mage_id() -> str:
    """Return `MAG` and nine random digits; a unique constraint refuses a duplicate."""
    return f"MAG{secrets.randbelow(10**9):09}"


def new_ims_organization_id() -> str:
    """Return an id in the shape of the identity service's."""
    return f"{secrets.token_hex(12).upper()}@AdobeOrg"


CURRENT = """
    SELECT account.*, membership.role
    FROM saas_account account JOIN saas_membership membership ON membership.account_id = account.id
    WHERE membership.user_id = %s
    ORDER BY CASE account.mage_id WHEN %s THEN 0 ELSE 1 END, membership.id
    LIMIT 1
"""


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, as people find and make them."""

    def current(self, user: User, mage_id: str = "") -> "Account | None":
        """Return the account with this `mage_id` if `user` has a role in it, else the first that they joined.

        It comes with their `role`. Every page of the API Portal reads it, so the query is written here once and not by
        the ORM each time.
        """
        return next(iter(self.raw(CURRENT, [user.pk, mage_id])), None)

    def create_with_owner(self, owner: User, **fields: Any) -> "Account":
        """Make an account with a new MageID; `owner` is its license owner.

        Raises LimitReachedError for somebody who has created too many within a day.
        """
        with transaction.atomic():
            # A person's requests take turns, so that several at once stay within the limit.
            User.objects.select_for_update(no_key=True).get(pk=owner.pk)
            since = timezone.now() - NEW_ACCOUNTS.per
            if self.filter(created_by=owner, created_at__gt=since).count() >= NEW_ACCOUNTS.number:
                raise LimitReachedError(NEW_ACCOUNTS)
            account = self.create(created_by=owner, **fields)
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
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
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
        """Whether the account has Payment Services, in at least one environment."""
        return self.in_good_standing and (self.payments_sandbox or self.payments_production)

    @property
    def may_use_advanced(self) -> bool:
        """Whether the account has the entitlement that advanced live payments need."""
        return self.in_good_standing and self.payments_production

    def license_owners(self) -> list[str]:
        """Return the names of the people who may create keys."""
        owners = User.objects.filter(saas_memberships__account=self, saas_memberships__role=Role.LICENSE_OWNER)
        return [owner.get_full_name() or owner.get_username() for owner in owners.order_by("username")]


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Who has access to which account."""

    def of(self, user: User) -> "MembershipQuerySet":
        """Return the roles of `user`, each with its account, in the order of joining."""
        return self.filter(user=user).select_related("account").order_by("pk")

    def share(self, account: Account, person: User) -> bool:
        """Give `person` shared access. Returns False if they have a role in the account already, which stays."""
        _membership, is_new = self.get_or_create(account=account, user=person, defaults={"role": Role.SHARED_ACCESS})
        return is_new


class Membership(models.Model):
    """One person's role in one account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saas_memberships")
    role = models.CharField(max_length=20, choices=Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="saas_membership_one_per_person"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="saas_membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.account}"

    def remove(self) -> bool:
        """Take the person's access. Returns False if somebody else has just done so.

        Raises LastOwnerError for the last license owner of the account.
        """
        with transaction.atomic():
            # Two owners who remove each other take turns, so that one of them stays.
            Account.objects.select_for_update().get(pk=self.account_id)
            owners = Membership.objects.filter(account_id=self.account_id, role=Role.LICENSE_OWNER)
            if self.role == Role.LICENSE_OWNER and not owners.exclude(pk=self.pk).exists():
                raise LastOwnerError
            removed, _by_model = Membership.objects.filter(pk=self.pk).delete()
        return bool(removed)
