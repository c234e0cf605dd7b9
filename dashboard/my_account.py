"""What a person may do in My Account of the stand-in, and so could anybody who signs in as them."""

from django.utils.translation import gettext as _

from backend.people.rules import Actor, Holdings
from saas.choices import Role
from saas.models import Membership


def memberships(person: Actor) -> Holdings:
    """Return what `person` may do with each account. A license owner may do all that shared access gives."""
    held = {}
    name = {"name": person.get_username()}
    for account_id, role in Membership.objects.filter(user__pk=person.pk or 0).values_list("account_id", "role"):
        if role == Role.LICENSE_OWNER:
            sentence = _("%(name)s owns the license of an account in My Account.") % name
            held[f"change account {account_id}"] = sentence
        else:
            sentence = _("%(name)s has shared access to an account in My Account.") % name
        held[f"see account {account_id}"] = sentence
    return held
