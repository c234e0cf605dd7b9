"""The demo account and its three people, for a development copy."""

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

from config.menu import CONFIGURE, USE_PAYMENTS
from saas.choices import Role
from saas.models import Account, Membership

PEOPLE = {
    "admin": "administrator and license owner",
    "developer": "configures the connector, has shared access to the account",
    "merchant": "uses Payment Services only",
}
ROLES = {
    "developer": ("Integrator", (CONFIGURE, USE_PAYMENTS)),
    "merchant": ("Merchant", (USE_PAYMENTS,)),
}


@transaction.atomic
def make_people(password: str) -> None:
    """Make the three people, their roles and the demo account.

    The password is set anew each time; an account that is there stays.
    """
    people = {name: _person(name, password) for name in PEOPLE}
    for name, (title, permissions) in ROLES.items():
        role, _created = Group.objects.get_or_create(name=title)
        role.permissions.add(*(_permission(permission) for permission in permissions))
        people[name].groups.add(role)
    if not Account.objects.of(people["admin"]).exists():
        account = Account.objects.create_with_owner(
            people["admin"], organization_name="Demo Organization", payments_production=True
        )
        Membership.objects.create(account=account, user=people["developer"], role=Role.SHARED_ACCESS)


def _person(name: str, password: str) -> User:
    user, _created = User.objects.get_or_create(username=name)
    user.is_superuser = name == "admin"
    user.is_active = True
    user.set_password(password)
    user.save(update_fields=["is_superuser", "is_active", "password"])
    return user


def _permission(name: str) -> Permission:
    label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=label, codename=codename)
