"""What a role can give: the permissions that exist, in a tree made from the menu."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from django.contrib.auth.models import Permission
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.frame import menu

# The name of a permission, as `has_perm` takes it.
NAME = Concat("content_type__app_label", Value("."), "codename")


@dataclass(frozen=True)
class Resource:
    """A leaf of the tree: its place, and the permissions that it gives, as `app_label.codename`."""

    path: tuple[Promise, ...]
    permissions: frozenset[str]
    key: str

    def __str__(self) -> str:
        return " › ".join(str(title) for title in self.path)

    def is_held(self, permissions: AbstractSet[str]) -> bool:
        """Return whether `permissions` hold all of it."""
        return self.permissions <= permissions

    def is_touched(self, permissions: AbstractSet[str]) -> bool:
        """Return whether `permissions` hold any of it."""
        return bool(self.permissions & permissions)


_elsewhere: list[Resource] = []


def register(*path: Promise, permission: str) -> None:
    """Add a resource that is not in the menu, at `path` of the tree. Call it from `AppConfig.ready`."""
    _elsewhere.append(Resource(path, frozenset({permission}), permission))


@dataclass
class Branch:
    """A node of the tree in a form. A leaf has a resource and no branches."""

    title: Promise
    branches: list["Branch"] = field(default_factory=list)
    resource: Resource | None = None
    is_checked: bool = False
    is_partial: bool = False
    is_locked: bool = False


def resources() -> list[Resource]:
    """Return every resource whose permissions exist, each permission once, in the order of the menu."""
    existing = set(names(Permission.objects.all()))
    found: dict[str, Resource] = {}
    for path, entry in menu.entries():
        place = (*path, entry.resource) if entry.resource else path
        permissions = frozenset({entry.permission, *entry.further})
        found.setdefault(entry.permission, Resource(place, permissions, entry.permission))
    return [resource for resource in (*found.values(), *_elsewhere) if resource.permissions <= existing]


def names(permissions: QuerySet[Permission]) -> Iterable[str]:
    """Return `permissions` as `app_label.codename`."""
    return permissions.order_by().values_list(NAME, flat=True).distinct()


def permissions_named(wanted: Iterable[str]) -> QuerySet[Permission]:
    """Return the permissions with these names, as far as they exist."""
    return Permission.objects.alias(name_in_full=NAME).filter(name_in_full__in=wanted)


def tree(
    available: Iterable[Resource], checked: AbstractSet[str], held: AbstractSet[str], locked: AbstractSet[str]
) -> list[Branch]:
    """Arrange resources by their path. `checked` and `locked` hold keys, `held` the permissions of the stored role."""
    roots: list[Branch] = []
    for resource in available:
        level = roots
        for title in resource.path[:-1]:
            if not level or str(level[-1].title) != str(title):
                level.append(Branch(title))
            level = level[-1].branches
        level.append(
            Branch(
                resource.path[-1],
                resource=resource,
                is_checked=resource.key in checked,
                is_partial=resource.is_touched(held) and not resource.is_held(held),
                is_locked=resource.key in locked,
            )
        )
    return roots


def titles(permissions: AbstractSet[str], available: Iterable[Resource]) -> list[str]:
    """Return the resources that `permissions` hold, wholly or in part, as text for people."""
    return [
        str(resource) if resource.is_held(permissions) else _("%(resource)s (in part)") % {"resource": resource}
        for resource in available
        if resource.is_touched(permissions)
    ]
