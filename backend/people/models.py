"""What the framework's users and roles have no column for."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models


class PasswordStateQuerySet(models.QuerySet["PasswordState"]):
    """What is known of passwords."""

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
