"""Who acts, and from where: the action log notes it with every action."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from backend.frame.proxy import client_address

# What follows the name of a system user who runs a command. No user of the Admin can have such a name: it would have
# no space and no bracket. The log keeps it in English, and people read it in their language.
SHELL, SHELL_LABEL = "(command line)", _("(command line)")

# The request that is being answered, None outside a request.
request_in_hand: ContextVar[HttpRequest | None] = ContextVar("request_in_hand", default=None)
# The name of the system user whose command is running, empty outside a command.
_shell_user: ContextVar[str] = ContextVar("shell_user", default="")


@dataclass(frozen=True)
class Actor:
    """A person and their address. Without either it is the system itself: a scheduler, a refresh."""

    user_id: int | None = None
    name: str = ""
    address: str | None = None


@contextmanager
def acting_for(request: HttpRequest | None) -> Iterator[None]:
    """Log everything inside as done by the person of `request`, or by the system itself for None."""
    token, shell_token = request_in_hand.set(request), _shell_user.set("")
    try:
        yield
    finally:
        request_in_hand.reset(token)
        _shell_user.reset(shell_token)


@contextmanager
def acting_from_shell() -> Iterator[None]:
    """Log everything inside as done by the system user who runs this command."""
    token = _shell_user.set(f"{_login_name()} {SHELL}")
    try:
        yield
    finally:
        _shell_user.reset(token)


def _login_name() -> str:
    """Return the name of the user whom the system knows, whatever environment variables say."""
    try:
        import pwd  # noqa: PLC0415  (Windows has none)

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        # A container may run as a number that has no name.
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "somebody"


def current() -> Actor:
    """Return who acts now."""
    request = request_in_hand.get()
    return Actor(name=_shell_user.get()) if request is None else of(request, getattr(request, "user", None))


def of(request: HttpRequest | None, user: object) -> Actor:
    """Return `user` at the address of `request` as an actor. Somebody unknown has no name."""
    address = client_address(request) if request else None
    if isinstance(user, AbstractBaseUser) and user.is_authenticated:
        return Actor(user.pk, user.get_username(), address)
    return Actor(address=address)


def shown(name: str) -> str:
    """Return a `name` of the log as people read it."""
    return f"{name.removesuffix(SHELL)}{SHELL_LABEL}" if name.endswith(SHELL) else name


def stored(name: str) -> str:
    """Return what the log keeps for a `name` that people read."""
    label = str(SHELL_LABEL)
    return f"{name.removesuffix(label)}{SHELL}" if name.endswith(label) else name


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Remember the request, so that the action log knows who acts and from where."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with acting_for(request):
            return get_response(request)

    return answer
