"""Who may open the pages of Payment Services, and who can set it up."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from connector import connection
from connector.permissions import CONFIGURE
from payments.permissions import USE_PAYMENTS

may_use = permission_required(USE_PAYMENTS, raise_exception=True)


def needs_setup(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give `view` the connection; while nothing is set up, send people who may configure it there instead."""

    @wraps(view)
    def page(request: HttpRequest, **captured: Any) -> HttpResponseBase:
        stored = connection.load()
        if stored.is_empty and request.user.has_perm(CONFIGURE):
            return redirect("payments:configure")
        return view(request, stored, **captured)

    return page


def configurers() -> list[str]:
    """Return the names of the people who may configure the connector, ten at most."""
    people = get_user_model().objects.with_perm(CONFIGURE, backend=settings.AUTHENTICATION_BACKENDS[0])
    return [person.get_full_name() or person.get_username() for person in people.order_by("username")[:10]]
