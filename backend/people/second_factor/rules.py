"""Who has a second factor, and who needs one."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet

from backend.people.models import RoleRule

# With none of these, recovery codes are no way in.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def factors_of(person: User) -> QuerySet[Authenticator]:
    """Return the factors of `person`, without the recovery codes."""
    return Authenticator.objects.filter(user=person, type__in=FACTORS).order_by("pk")


def has_factor(person: User) -> bool:
    """Return whether `person` signs in with more than a password."""
    # The ORM takes a tenth of the page of a user to write this query.
    query = "SELECT 1 FROM mfa_authenticator WHERE user_id = %s AND type IN (%s, %s) LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(query, [person.pk, *(factor.value for factor in FACTORS)])
        return cursor.fetchone() is not None


def people_with_factor(people: Iterable[User]) -> set[int]:
    """Return the keys of those of `people` who have a second factor, in one query."""
    factors = Authenticator.objects.filter(user__in=people, type__in=FACTORS)
    return set(factors.values_list("user_id", flat=True))


def is_required(person: User) -> bool:
    """Return whether `person` needs a second factor: by the setting, or by a role of theirs."""
    if settings.REQUIRE_SECOND_FACTOR:
        return True
    return RoleRule.objects.filter(role__user=person, requires_second_factor=True).exists()


def is_missing(person: User) -> bool:
    """Return whether `person` needs a second factor and has none."""
    return not has_factor(person) and is_required(person)


def remove_all(person: User) -> list[str]:
    """Remove every second factor of `person`, with the recovery codes; return what they were."""
    removed = [factor.type for factor in factors_of(person)]
    Authenticator.objects.filter(user=person).delete()
    return removed


def may_remove(factor: Authenticator) -> bool:
    """Return whether the owner of `factor` may remove it: not the last one while they need one."""
    return factors_of(factor.user).exclude(pk=factor.pk).exists() or not is_required(factor.user)
