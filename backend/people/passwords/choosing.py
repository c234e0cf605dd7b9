"""What becomes of a password that a person chose."""

from django.contrib.auth.models import User
from django.db import transaction

from backend.audit.action_log import facts, record
from backend.people.actions import Action
from backend.people.models import PasswordState


@transaction.atomic
def choose(person: User, password: str) -> None:
    """Store a password that `person` chose, and log that there is a new one. Their other sessions end with it."""
    person.set_password(password)
    person.save(update_fields=["password"])
    PasswordState.objects.chosen(person)
    before, after = (facts(user_name=person.username, password=new) for new in ("", "changed"))
    record(Action.USER_CHANGED, person.username, before=before, after=after)
