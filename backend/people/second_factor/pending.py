"""A sign-in that waits for its second step: it ends when the password that began it is changed."""

from typing import Any

from allauth.account.signals import authentication_step_completed
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

# Holds what the framework keeps in the session of somebody who is signed in, for the same reason.
BEGUN_WITH = "sign_in_begun_with"


@receiver(authentication_step_completed)
def note_password(
    request: HttpRequest, user: User, *, method: str, reauthenticated: bool = False, **_kwargs: Any
) -> None:
    """Note which password was right. The session gets a hash of it."""
    if method == "password" and not reauthenticated:
        request.session[BEGUN_WITH] = user.get_session_auth_hash()


def is_over(request: HttpRequest, person: User) -> bool:
    """Return whether `person` has had another password since."""
    begun_with: str = request.session.get(BEGUN_WITH, "")
    return not constant_time_compare(begun_with, person.get_session_auth_hash())


@receiver(user_logged_in)
def forget(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Forget the password once the person has signed in."""
    if request is not None:
        request.session.pop(BEGUN_WITH, None)
