"""Writes every sign-in and sign-out to the action log, and every password that was refused.

Listens to the framework's signals once it is imported.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.internal import ratelimit
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpRequest

from backend.audit import action_log, actor
from backend.audit.models import SeenEvents
from backend.people.actions import Action, Refusal, SignedInWith

# Otherwise a machine that guesses passwords, from all addresses of a network of IPv6, would fill the log.
TOO_MANY_ONCE_IN_S = 60


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest | None, user: AbstractBaseUser, **_kwargs: Any) -> None:
    used = _signed_in_with(request, user) if request is not None else ""
    action_log.record(Action.SIGNED_IN, after=used, who=actor.of(request, user))
    SeenEvents.objects.begin(user.pk)


def _signed_in_with(request: HttpRequest, user: AbstractBaseUser) -> str:
    """Return what `user` signed in with, as a `SignedInWith`; empty where no page of the sign-in was used.

    The last step says it, since a code is only asked for after the password. Earlier steps may belong to a sign-in
    that the person left.
    """
    records = get_authentication_records(request, user)
    if not records:
        return ""
    last = records[-1]
    if last["method"] == "password":
        return SignedInWith.PASSWORD.value
    if last.get("passwordless"):
        return SignedInWith.PASSKEY.value
    return SignedInWith(f"password_and_{last['type']}").value


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest | None, user: AbstractBaseUser | None, **_kwargs: Any) -> None:
    """Log who signed out. A session that had ended before belongs to nobody."""
    if user is not None:
        action_log.record(Action.SIGNED_OUT, who=actor.of(request, user))


@receiver(user_login_failed)
def note_failed_sign_in(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Log that somebody could not sign in, by name only if a person has that name.

    People type their password into the wrong field. Somebody who is signed in was only asked again who they are.
    """
    if request is not None and request.user.is_authenticated:
        note_refusal(request, Refusal.WRONG_PASSWORD)
        return
    tried = str(credentials.get("username", ""))
    user = get_user_model().objects.filter(username=tried).first() if tried else None
    action_log.record(Action.SIGN_IN_FAILED, refusal=Refusal.CREDENTIALS.value, who=actor.of(request, user))


def note_too_many(request: HttpRequest) -> None:
    """Log, once a minute, that an address tries to sign in too often. Nobody looks the name up.

    Of IPv6 that is a network of /64, as for the limits: one machine has all of its addresses.
    """
    if request.user.is_authenticated:
        note_refusal(request, Refusal.TOO_MANY_TRIES)
        return
    if cache.add(f"sign-in-refused:{ratelimit.get_ip(request)}", value=True, timeout=TOO_MANY_ONCE_IN_S):
        action_log.record_refusal(Action.SIGN_IN_FAILED, refusal=Refusal.TOO_MANY_TRIES, who=actor.of(request, None))


def note_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Log, once a minute, that a person who is signed in could not show who they are."""
    action_log.record_refusal(Action.REAUTHENTICATION_FAILED, refusal=refusal, who=actor.of(request, request.user))
