"""Writes every sign-in and sign-out to the action log, as the framework's signals tell of them, and ends sessions."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from backend.audit import action_log, actor
from backend.people.actions import Action, Refusal

# A machine that guesses would fill the log.
TOO_MANY_ONCE_IN_S = 60


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest | None, user: AbstractBaseUser, **_kwargs: Any) -> None:
    """Log who signed in."""
    action_log.record(Action.SIGNED_IN, who=actor.of(request, user))


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest | None, user: AbstractBaseUser | None, **_kwargs: Any) -> None:
    """Log who signed out; a session that had ended already was nobody's."""
    if user is not None:
        action_log.record(Action.SIGNED_OUT, who=actor.of(request, user))


@receiver(user_login_failed)
def note_failed_sign_in(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Log that somebody could not sign in; what was typed as a name is kept only where it is one.

    People type their password into the wrong field.
    """
    tried = str(credentials.get("username", ""))
    user = get_user_model().objects.filter(username=tried).first() if tried else None
    action_log.record(Action.SIGN_IN_FAILED, refusal=Refusal.CREDENTIALS.value, who=actor.of(request, user))


def note_too_many(request: HttpRequest) -> None:
    """Log that sign-ins from an address are refused unread, once a minute; whose name was tried is not looked up."""
    who = actor.of(request, None)
    if cache.add(f"sign-in-refused:{who.address}", value=True, timeout=TOO_MANY_ONCE_IN_S):
        action_log.record(Action.SIGN_IN_FAILED, refusal=Refusal.TOO_MANY_TRIES.value, who=who)


def end_sessions(user: AbstractBaseUser) -> None:
    """Sign `user` out everywhere, for good.

    The framework lets nobody in who is not active, but keeps their sessions: they would work again afterwards.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()
