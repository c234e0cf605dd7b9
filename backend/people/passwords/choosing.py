"""Stores a password that a person chose."""

from django.contrib.auth.models import User
from django.db import transaction

from backend.audit.action_log import facts, record
from backend.people.actions import Action
from backend.people.models import PasswordState


@transaction.atomic
def choose(person: User, password: str, action: Action = Action.USER_CHANGED) -> None:
    """Store a password that `person` chose, and log that there is a new one. Their sessions elsewhere end with it."""
    person.set_password(password)
    person.save(update_fields=["password"])
    PasswordState.objects.chosen(person)
    before, after = (facts(user_name=person.username, password=new) for new in ("", "changed"))
    record(action, person.username, before=before, after=after)
