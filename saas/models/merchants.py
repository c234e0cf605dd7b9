"""Merchants: how far onboarding at PayPal is, for each data space and environment."""

import hashlib
import secrets
import string
import uuid
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q

from saas.choices import Environment, Experience, Onboarding
from saas.models.accounts import Account
from saas.models.projects import DataSpace

LINK_LIFETIME = timedelta(hours=3)
_PAYPAL_ID_CHARACTERS = string.ascii_uppercase + string.digits


def new_paypal_account_id() -> str:
    """Return an id in the shape of PayPal's: 13 capital letters and digits."""
    return "".join(secrets.choice(_PAYPAL_ID_CHARACTERS) for _ in range(13))


class MerchantQuerySet(models.QuerySet["Merchant"]):
    """Merchants, as the gateway and PayPal's page find them."""

    def of_account(self, account: Account) -> "MerchantQuerySet":
        """Return the merchants of `account` in both environments, with their data spaces and projects."""
        found = self.filter(data_space__project__account=account).select_related("data_space__project")
        return found.order_by("data_space__project__created_at", "data_space__position", "-environment")

    def of(self, account: Account | int, environment: str) -> "MerchantQuerySet":
        """Return the merchants of `account` (a row or its id) in `environment`, with their data spaces."""
        found = self.filter(data_space__project__account=account, environment=environment)
        return found.select_related("data_space")

    def begin(self, space: DataSpace, environment: str, country: str, experience: str) -> "tuple[Merchant, bool]":
        """Return the merchant of `space` in `environment`, and whether this made it.

        The last answer at PayPal counts until its page is answered again. Call it inside a transaction: until its end,
        nobody resets the merchant.
        """
        merchant, is_new = self.select_for_update().get_or_create(data_space=space, environment=environment)
        chosen = {"country": country, "experience": experience}
        self.filter(pk=merchant.pk).exclude(status=Onboarding.COMPLETED).update(**chosen)
        self.filter(pk=merchant.pk, status=Onboarding.CREATED).update(status=Onboarding.STARTED)
        merchant.refresh_from_db()
        return merchant, is_new


class Merchant(models.Model):
    """A merchant of Payment Services; `id` is the Payment Services ID.

    `visits` counts the answers that PayPal's page took: a link to it works until the next answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_space = models.ForeignKey(DataSpace, on_delete=models.CASCADE, related_name="merchants")
    environment = models.CharField(max_length=10, choices=Environment)
    status = models.CharField(max_length=20, choices=Onboarding, default=Onboarding.CREATED)
    experience = models.CharField(max_length=10, choices=Experience, default=Experience.STANDARD)
    # ISO 3166-1, two capital letters.
    country = models.CharField(max_length=2, blank=True)
    email = models.EmailField(blank=True)
    is_email_confirmed = models.BooleanField(default=False)
    has_consent = models.BooleanField(default=False)
    paypal_account_id = models.CharField(max_length=13, blank=True)
    visits = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["data_space", "environment"], name="saas_merchant_one_per_environment"),
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="saas_merchant_environment"),
            models.CheckConstraint(condition=Q(status__in=Onboarding.values), name="saas_merchant_status_known"),
            models.CheckConstraint(condition=Q(experience__in=Experience.values), name="saas_merchant_experience"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.get_environment_display()})"

    def reset(self) -> None:
        """Delete the merchant and its links, once nobody makes another link."""
        with transaction.atomic():
            for merchant in Merchant.objects.select_for_update().filter(pk=self.pk):
                merchant.delete()

    def set_status(self, status: str) -> None:
        """Set the status, and what it says about the e-mail address and the consent."""
        self.status = status
        self.has_consent = status in {Onboarding.COMPLETED, Onboarding.UNVERIFIED}
        self.is_email_confirmed = status == Onboarding.COMPLETED
        if self.has_consent:
            self.paypal_account_id = self.paypal_account_id or new_paypal_account_id()

    def answer(self, status: str, now: datetime, **facts: str) -> bool:
        """Take an answer of PayPal's page: `status`, and `facts` by field. Return False if another one came first."""
        self.set_status(status)
        values = {name: getattr(self, name) for name in ("has_consent", "is_email_confirmed", "paypal_account_id")}
        unanswered = Merchant.objects.filter(pk=self.pk, visits=self.visits)
        return unanswered.update(status=status, visits=F("visits") + 1, updated_at=now, **values, **facts) == 1


class PayPalLinkQuerySet(models.QuerySet["PayPalLink"]):
    """Links to PayPal's page, made and found by their tokens."""

    def make(self, merchant: Merchant, return_url: str, now: datetime) -> str:
        """Make a link for `merchant` and return its token, of which only the digest is stored."""
        self.filter(merchant=merchant, made_at__lte=now - LINK_LIFETIME).delete()
        # Hexadecimal: capital and small letters together could be taken for a part of a private key.
        token = secrets.token_hex(32)
        self.create(digest=digest(token), merchant=merchant, visits=merchant.visits, return_url=return_url, made_at=now)
        return token

    def of(self, token: str) -> "PayPalLink | None":
        """Return the link with `token`, and its merchant."""
        return self.filter(digest=digest(token)).select_related("merchant").first()


def digest(token: str) -> str:
    """Return 64 hex digits that `token` is found by."""
    return hashlib.sha256(token.encode()).hexdigest()


class PayPalLink(models.Model):
    """A link to PayPal's page: it works for one answer, for three hours."""

    digest = models.CharField(primary_key=True, max_length=64)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="links")
    # The merchant's when the link was made.
    visits = models.PositiveIntegerField()
    return_url = models.TextField()
    made_at = models.DateTimeField()

    objects = PayPalLinkQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.made_at:%H:%M}"

    def is_over(self, now: datetime) -> bool:
        """Return whether the page was answered since the link was made, or the time of the link is up."""
        return self.visits != self.merchant.visits or now >= self.made_at + LINK_LIFETIME
