"""Who acts, and from where: the action log notes it with every action."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from backend.frame.proxy import client_address

# The request that is being answered, None outside a request.
request_in_hand: ContextVar[HttpRequest | None] = ContextVar("request_in_hand", default=None)


@dataclass(frozen=True)
class Actor:
    """A person and their address. Without either it is the system itself: a scheduler, a command, a refresh."""

    user_id: int | None = None
    name: str = ""
    address: str | None = None


@contextmanager
def acting_for(request: HttpRequest | None) -> Iterator[None]:
    """Log everything inside as done by the person of `request`, or by the system itself for None."""
    token = request_in_hand.set(request)
    try:
        yield
    finally:
        request_in_hand.reset(token)


def current() -> Actor:
    """Return who acts now."""
    request = request_in_hand.get()
    return Actor() if request is None else of(request, getattr(request, "user", None))


def of(request: HttpRequest | None, user: object) -> Actor:
    """Return `user` at the address of `request` as an actor. Somebody unknown has no name."""
    address = client_address(request) if request else None
    if isinstance(user, AbstractBaseUser) and user.is_authenticated:
        return Actor(user.pk, user.get_username(), address)
    return Actor(address=address)


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Remember the request, so that the action log knows who acts and from where."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with acting_for(request):
            return get_response(request)

    return answer
