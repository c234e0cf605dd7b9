"""Who may do what with which person and role: nobody gives, or takes over, what they do not have themselves."""

from collections.abc import Callable, Mapping

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backend.people import resources
from backend.people.models import RoleRule

SEE_USERS = "auth.view_user"
ADD_USER = "auth.add_user"
CHANGE_USER = "auth.change_user"
DELETE_USER = "auth.delete_user"
CHANGE_USERS = (ADD_USER, CHANGE_USER, DELETE_USER)

SEE_ROLES = "auth.view_group"
ADD_ROLE = "auth.add_group"
CHANGE_ROLE = "auth.change_group"
DELETE_ROLE = "auth.delete_group"
CHANGE_ROLES = (ADD_ROLE, CHANGE_ROLE, DELETE_ROLE)

Actor = User | AnonymousUser
# What somebody needs to undo their own mistakes on these pages.
MANAGES_PEOPLE = frozenset({SEE_USERS, SEE_ROLES, *CHANGE_USERS, *CHANGE_ROLES})

# What people have besides permissions: a key for each, and a sentence about somebody who has it: "%(name)s owns it."
Holdings = Mapping[str, Promise | str]
_holdings: list[Callable[[QuerySet[User]], Holdings]] = []


def register_holdings(holdings_of: Callable[[QuerySet[User]], Holdings]) -> None:
    """Let `holdings_of` say what people have besides permissions. Call it from `AppConfig.ready`."""
    _holdings.append(holdings_of)


def given_by(role: Group) -> set[str]:
    """Return the permissions of `role`."""
    return set(resources.names(Permission.objects.filter(group=role)))


def requires_second_factor(role: Group) -> bool:
    """Return whether the people of `role` need a second factor."""
    return RoleRule.objects.filter(role=role, requires_second_factor=True).exists()


def may_see_users(actor: Actor) -> bool:
    """Return whether `actor` may open All Users and the people in it."""
    return actor.has_perm(SEE_USERS) or actor.has_perm(CHANGE_USER)


def may_change_user(actor: Actor, person: User) -> bool:
    """Return whether `actor` may change `person`, and so may set a password and sign in as them."""
    return actor.has_perm(CHANGE_USER) and _has_all_of(actor, person)


def may_delete_user(actor: Actor, person: User) -> bool:
    """Return whether `actor` may delete `person`. Nobody deletes themselves."""
    return actor.has_perm(DELETE_USER) and person.pk != actor.pk and _has_all_of(actor, person)


def may_see_roles(actor: Actor) -> bool:
    """Return whether `actor` may open User Roles and the roles in it."""
    return actor.has_perm(SEE_ROLES) or actor.has_perm(CHANGE_ROLE)


def may_change_role(actor: Actor, role: Group) -> bool:
    """Return whether `actor` may change `role`."""
    return actor.has_perm(CHANGE_ROLE) and _has_all_of_role(actor, role)


def may_delete_role(actor: Actor, role: Group) -> bool:
    """Return whether `actor` may delete `role`. Only an administrator deletes a role of their own."""
    if actor.is_superuser:
        return True
    is_own = role.user_set.filter(pk=actor.pk or 0).exists()
    return actor.has_perm(DELETE_ROLE) and not is_own and _has_all_of_role(actor, role)


def _has_all_of(actor: Actor, person: User) -> bool:
    """Return whether `actor` has everything that `person` has, or had before they were made inactive."""
    if actor.is_superuser:
        return True
    held = Permission.objects.filter(Q(user=person) | Q(group__user=person))
    has_permissions = not person.is_superuser and set(resources.names(held)) <= set(actor.get_all_permissions())
    return has_permissions and not beyond(actor, person)


def beyond(actor: Actor, person: User) -> list[str]:
    """Return sentences about what `person` has besides permissions and `actor` does not."""
    return _beyond(actor, User.objects.filter(pk=person.pk), person.get_username())


def beyond_role(actor: Actor, role: Group) -> list[str]:
    """Return sentences about what the people of `role` have besides permissions and `actor` does not."""
    return _beyond(actor, User.objects.filter(groups=role), _("Somebody with this role"))


def _beyond(actor: Actor, people: QuerySet[User], name: str) -> list[str]:
    """Return sentences about `people`, who are called `name` there. The number of people costs no more queries."""
    if actor.is_superuser:
        return []
    sentences: list[str] = []
    for holdings_of in _holdings:
        if held := holdings_of(people):
            own = holdings_of(User.objects.filter(pk=actor.pk or 0))
            sentences += [str(sentence) % {"name": name} for key, sentence in held.items() if key not in own]
    return list(dict.fromkeys(sentences))


def _has_all_of_role(actor: Actor, role: Group) -> bool:
    """Return whether `actor` has everything that `role` gives, and everything that its people have.

    Whatever changes in a role changes for its people, and nobody may take anything from people who have more.
    """
    if actor.is_superuser:
        return True
    if User.objects.filter(groups=role, is_superuser=True).exists():
        return False
    held = Permission.objects.filter(Q(group=role) | Q(user__groups=role) | Q(group__user__groups=role))
    return set(resources.names(held)) <= set(actor.get_all_permissions()) and not beyond_role(actor, role)


def roles_to_give(actor: Actor) -> QuerySet[Group]:
    """Return the roles that `actor` may give to somebody, by name."""
    roles = Group.objects.order_by("name")
    if actor.is_superuser:
        return roles
    own = resources.permissions_named(actor.get_all_permissions())
    return roles.exclude(permissions__in=Permission.objects.exclude(pk__in=own.values("pk")))


def is_last_administrator(person: User) -> bool:
    """Return whether nobody else is an active administrator. Locks their rows, so call it inside a transaction."""
    administrators = User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk")
    return set(administrators.values_list("pk", flat=True)) == {person.pk}
