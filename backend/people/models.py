"""What the framework's users and roles have no column for."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models


class PasswordStateQuerySet(models.QuerySet["PasswordState"]):
    """Who has to choose a new password."""

    def given(self, user: User) -> None:
        """Note that somebody else set the password of `user`, who has to choose another one."""
        self.update_or_create(user=user, defaults={"must_change": True})

    def chosen(self, user: User) -> None:
        """Note that `user` chose the password."""
        self.filter(user=user).delete()


class PasswordState(models.Model):
    """Whether a person has to choose a new password. No row means no."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_state")
    must_change = models.BooleanField(default=False)

    objects: ClassVar = PasswordStateQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user}: {'must change' if self.must_change else 'as chosen'}"


class RoleRule(models.Model):
    """Whether the people of a role need a second factor. No row means no."""

    role = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="rule")
    requires_second_factor = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.role}: {'second factor' if self.requires_second_factor else 'password'}"


# For how long an address counts as known, and the cookie of a device.
REMEMBERED = timedelta(days=90)


class KnownAddressQuerySet(models.QuerySet["KnownAddress"]):
    """Addresses from which people have signed in."""

    def remember(self, user_id: Any, network: str, now: datetime) -> None:
        """Note that a person signed in from `network`."""
        self.update_or_create(user_id=user_id, network=network, defaults={"signed_in_at": now})

    def knows(self, username: str, network: str, now: datetime) -> bool:
        """Return whether the person of this name signed in from `network` lately: one query for every name."""
        return self.filter(user__username=username, network=network, signed_in_at__gt=now - REMEMBERED).exists()

    def forgotten(self, now: datetime) -> "KnownAddressQuerySet":
        """Keep the addresses that no longer count."""
        return self.filter(signed_in_at__lte=now - REMEMBERED)


class KnownAddress(models.Model):
    """An address from which a person has signed in; of IPv6, the first address of its /64 network."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    network = models.GenericIPAddressField()
    signed_in_at = models.DateTimeField()

    objects: ClassVar = KnownAddressQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "network"], name="people_known_address_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.network}"
