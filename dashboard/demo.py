"""The demo account and its three people, for a development copy."""

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

from connector.permissions import CONFIGURE
from payments.permissions import USE_PAYMENTS
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
def make_people(password: str) -> dict[str, User]:
    """Make the people, roles and the account of the demo that are missing, and return the people by name.

    Of somebody who is there already only the password is set; a role or an account that is there stays as it is.
    """
    people = {name: _person(name, password) for name in PEOPLE}
    if not Account.objects.of(people["admin"]).exists():
        account = Account.objects.create_with_owner(
            people["admin"], organization_name="Demo Organization", payments_production=True
        )
        Membership.objects.create(account=account, user=people["developer"], role=Role.SHARED_ACCESS)
    return people


def _person(name: str, password: str) -> User:
    user, is_new = User.objects.get_or_create(username=name, defaults={"is_superuser": name == "admin"})
    user.set_password(password)
    user.save(update_fields=["password"])
    if is_new and name in ROLES:
        user.groups.add(_role(*ROLES[name]))
    return user


def _role(title: str, permissions: tuple[str, ...]) -> Group:
    role, is_new = Group.objects.get_or_create(name=title)
    if is_new:
        role.permissions.set(_permission(permission) for permission in permissions)
    return role


def _permission(name: str) -> Permission:
    label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=label, codename=codename)
