"""What a person has to do after signing in, before any other page opens.

The session has the open steps and the page that the person wanted, so no page looks anything up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from backend.frame.redirects import is_within
from backend.people.models import PasswordState
from backend.people.second_factor.rules import is_missing

OPEN_STEPS = "required_steps"
WANTED = "wanted_before_the_steps"
# Open whatever steps are left.
ALWAYS_OPEN = frozenset({"account_login", "account_logout", "stay", "set_language"})
ALWAYS_OPEN |= {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


@dataclass(frozen=True)
class Step:
    """A step, the page where it is done, and the names of the other addresses that it needs."""

    is_open: Callable[[User], bool]
    url_name: str
    others: frozenset[str] = frozenset()


def _must_change_password(person: User) -> bool:
    return PasswordState.objects.filter(user=person, must_change=True).exists()


# In the order in which they are done.
STEPS = {
    "password": Step(_must_change_password, "account_change_password"),
    "second_factor": Step(is_missing, "mfa_index", frozenset({"mfa_activate_totp", "mfa_add_webauthn"})),
}


@receiver(user_logged_in)
def begin(request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    """Write the open steps of `user` into the new session."""
    steps = [name for name, step in STEPS.items() if step.is_open(user)]
    if request is not None and steps:
        request.session[OPEN_STEPS] = steps


def finish(request: HttpRequest, name: str) -> str:
    """Note that the step `name` is done. Return the address where the person goes on, if there is one.

    It is that of the next step; after the last one, that of the page that they wanted.
    """
    steps = [step for step in request.session.pop(OPEN_STEPS, []) if step != name]
    if steps:
        request.session[OPEN_STEPS] = steps
        return reverse(STEPS[steps[0]].url_name)
    wanted: str = request.session.pop(WANTED, "")
    return wanted


def _is_page(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Return whether the person can be led to the address of `request` later."""
    if request.method != "GET" or request.headers.get("X-Requested-With") == "fetch":
        return False
    return getattr(view, "has_page", True) and is_within(request.get_full_path())


class Middleware:
    """Leads to the first open step from every page but those that the step needs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Redirect while a step is open."""
        if not getattr(view, "login_required", True):
            return None
        open_steps = request.session.get(OPEN_STEPS)
        if not open_steps:
            return None
        step = STEPS[open_steps[0]]
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_OPEN | step.others or name == step.url_name:
            return None
        if _is_page(request, view):
            request.session[WANTED] = request.get_full_path()
        return redirect(step.url_name)
