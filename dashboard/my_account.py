"""What people, and so anybody who signs in as one of them, may do in My Account of the stand-in."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backend.people.rules import Holdings
from saas.choices import Role
from saas.models import Membership

OWNS = _("%(name)s owns the license of an account in My Account.")
SHARES = _("%(name)s has shared access to an account in My Account.")


def memberships(people: QuerySet[User]) -> Holdings:
    """Return what `people` may do with each account. A license owner may do all that shared access gives."""
    held = {}
    rows = Membership.objects.filter(user__in=people).order_by("account_id", "role")
    for account_id, role in rows.values_list("account_id", "role").distinct():
        if role == Role.LICENSE_OWNER:
            held[f"change account {account_id}"] = OWNS
        held[f"see account {account_id}"] = OWNS if role == Role.LICENSE_OWNER else SHARES
    return held
