"""A new administrator from a shell, by the rules of All Users."""

from django.contrib.auth.models import User
from django.db import transaction

from backend.people.models import PasswordState
from backend.people.user_form import UserForm


@transaction.atomic
def add_administrator(sent: dict[str, str], *, is_own_password: bool = False) -> list[str]:
    """Add and log an administrator with the values that All Users would get; return why that was refused.

    They choose another password at the next sign-in, unless they typed this one themselves.
    """
    form = UserForm({**sent, "is_active": True, "is_superuser": True}, actor=User(is_superuser=True))
    # The shell is the proof here.
    del form.fields["present_password"]
    if form.is_valid():
        person = form.save()
        if is_own_password:
            PasswordState.objects.chosen(person)
    return [str(error) for errors in form.errors.values() for error in errors]
