"""Stores a password that a person chose."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from backend.audit.action_log import facts, record
from backend.people.actions import Action
from backend.people.models import PasswordState


def keep_others_out(person: User) -> None:
    """Lock the row of `person`, whose password or link was right. Raises PermissionDenied if it no longer is.

    Checking a password takes a while. Without this, somebody who knows the old one could undo a new one that is set
    meanwhile. Call it before the new password is set, in the transaction that saves it.
    """
    stored = User.objects.select_for_update().filter(pk=person.pk, is_active=True).first()
    if stored is None or stored.password != person.password:
        raise PermissionDenied


@transaction.atomic
def choose(person: User, password: str, action: Action = Action.USER_CHANGED) -> None:
    """Store a password that `person` chose, and log that there is a new one. Their sessions elsewhere end with it."""
    keep_others_out(person)
    person.set_password(password)
    person.save(update_fields=["password"])
    PasswordState.objects.chosen(person)
    before, after = (facts(user_name=person.username, password=new) for new in ("", "changed"))
    record(action, person.username, before=before, after=after)
