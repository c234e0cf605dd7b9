"""Who may do what to which person and role. Nobody gives, or takes over, what they do not have themselves."""

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet

from backend.people import resources
from backend.people.permissions import CHANGE_ROLES, CHANGE_USERS, SEE_ROLES, SEE_USERS

Actor = User | AnonymousUser
# What somebody needs to undo their own mistakes on these pages.
MANAGES_PEOPLE = frozenset({SEE_USERS, SEE_ROLES, *CHANGE_USERS, *CHANGE_ROLES})


def held_by(person: User) -> set[str]:
    """Return the permissions of `person` and their roles, for a person who is not active too."""
    return set(resources.names(Permission.objects.filter(Q(user=person) | Q(group__user=person))))


def given_by(role: Group) -> set[str]:
    """Return the permissions of `role`."""
    return set(resources.names(Permission.objects.filter(group=role)))


def may_manage(actor: Actor, person: User) -> bool:
    """Tell whether `actor` has all that `person` has; whoever sets a password could sign in with it."""
    if actor.is_superuser:
        return True
    return not person.is_superuser and held_by(person) <= set(actor.get_all_permissions())


def may_change(actor: Actor, role: Group) -> bool:
    """Tell whether `actor` has all that `role` gives, and all that everybody with this role has.

    What is changed in a role is changed for its people, who lose by it what somebody with less may not take from them.
    """
    if actor.is_superuser:
        return True
    if User.objects.filter(groups=role, is_superuser=True).exists():
        return False
    held = Permission.objects.filter(Q(group=role) | Q(user__groups=role) | Q(group__user__groups=role))
    return set(resources.names(held)) <= set(actor.get_all_permissions())


def roles_to_give(actor: Actor) -> QuerySet[Group]:
    """Return the roles that `actor` may give to somebody, by name."""
    roles = Group.objects.order_by("name")
    if actor.is_superuser:
        return roles
    own = resources.permissions_named(actor.get_all_permissions())
    return roles.exclude(permissions__in=Permission.objects.exclude(pk__in=own.values("pk")))


def is_last_administrator(person: User) -> bool:
    """Tell whether nobody else is an active administrator. Takes their rows, so call it inside a transaction."""
    others = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    return set(others.values_list("pk", flat=True)) == {person.pk}
