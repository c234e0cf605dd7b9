"""Where people are led: to the sign-in first, back to where they were, and never out of this Admin."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

# A browser takes `/commerce/%2e%2e/shop` for `/shop`, which is another site of the host.
_UPWARDS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


class SignInFirst(LoginRequiredMiddleware):
    """Sends people who are not signed in to the sign-in page, and from there to the page they wanted.

    A form that arrives after its session ended changes nothing and leads back to the page it was sent from.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Ask for a sign-in, unless the view needs none: `/healthz` must not read the session from the database."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Redirect to the sign-in page."""
        is_form = request.method == "POST" and request.headers.get("X-Requested-With") != "fetch"
        if not is_form:
            return super().handle_no_permission(request, view_func)
        messages.warning(
            request, _("Your session had ended, so nothing was changed. Sign in to go back to where you were.")
        )
        return redirect_to_login(way_back(request))


def is_within(address: str) -> bool:
    """Return whether `address` is a path of this Admin, and leads a browser nowhere else.

    The name of a host is refused, even our own: it could be there with another scheme or port.
    """
    if not address.startswith(get_script_prefix()) or not address.isprintable() or "\\" in address:
        return False
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    return not _UPWARDS.search(path) and url_has_allowed_host_and_scheme(address, None)


def way_back(request: HttpRequest) -> str:
    """Return the address of our page that a form was sent from, or that of the Dashboard."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return reverse("dashboard")
    parts = urlsplit(referer)
    address = urlunsplit(("", "", parts.path, parts.query, ""))
    # A path that begins with two slashes would name another host.
    return address if is_within(address) else reverse("dashboard")
