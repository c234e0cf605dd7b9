"""The error pages, and the filter that keeps secrets out of error reports."""

import re
import sys
from collections.abc import ItemsView
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import get_script_prefix, is_valid_path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.debug import SafeExceptionReporterFilter

from backend.frame import proxy
from backend.frame.outages import outage_of, reason
from backend.frame.redirects import way_back
from backend.frame.request_facts import log_reason

SECRET_NAMES = re.compile(
    r"api|auth|cache|cipher|cookie|database|key|pass|pem|plain|private|proxy|secret|signature|token|url", re.IGNORECASE
)


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides settings and headers with secret names, and everything that was typed, in debug mode too."""

    hidden_settings = SECRET_NAMES

    def is_active(self, _request: HttpRequest | None) -> bool:
        """Return True: a report may be pasted anywhere."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return only the names of the posted fields: a secret can be pasted into any of them."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Return only the names of the cookies: one of them is the session."""
        return dict.fromkeys(request.COOKIES, self.cleansed_substitute)

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return only the headers: the rest may hold environment variables."""
        safe: dict[str, Any] = super().get_safe_request_meta(request)
        return {name: value for name, value in safe.items() if name.startswith("HTTP_")}

    def get_traceback_frame_variables(
        self, _request: HttpRequest | None, tb_frame: TracebackType
    ) -> ItemsView[str, Any]:
        """Return only the names of the local variables: any of them may hold a secret."""
        hidden = dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute)  # type: ignore[attr-defined]  # it is a frame
        return hidden.items()


@dataclass(frozen=True)
class Way:
    """A way on from the page of a failure."""

    label: str
    address: str


def ways_on(request: HttpRequest, *first: Way) -> list[Way]:
    """Return two or three ways on for this person: `first`, the page they came from, and the usual ones."""
    # Without its query: this server never checked it, and it could hold a part of a key.
    came_from, dashboard = way_back(request).partition("?")[0], reverse("dashboard")
    ways = [*first]
    if came_from not in {dashboard, request.path}:
        ways.append(Way(_("Back to where you came from"), came_from))
    if _is_signed_in(request):
        ways.append(Way(_("Go to the Dashboard"), dashboard))
    else:
        # Both ask to sign in, and lead there.
        ways.append(Way(_("Sign in to the Commerce Admin"), dashboard))
        if settings.STAND_IN:
            ways.append(Way(_("Sign in to My Account"), reverse("saas:api_portal")))
    by_address: dict[str, Way] = {}
    for way in ways:
        by_address.setdefault(way.address, way)
    return list(by_address.values())[:3]


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated)


def _page(request: HttpRequest, status: int, *first: Way, **context: Any) -> HttpResponse:
    return render(request, f"{status}.html", {"ways": ways_on(request, *first), **context}, status=status)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (the framework's signature)
    """Answer 403, and offer to sign in as somebody who may see the page."""
    sign_in = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
    sign_out = reverse("account_logout")
    if request.method == "GET":
        sign_out += f"?{urlencode({'next': sign_in})}"
    dashboard = Way(_("Go to the Dashboard"), reverse("dashboard"))
    return _page(request, 403, dashboard, Way(_("Sign in as somebody else"), sign_out))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    first = [Way(_("Search the Admin"), reverse("search"))] if _is_signed_in(request) else []
    return _page(request, 404, *first)


def wrong_method(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """Answer 405 in place of `refusal`, for a person: the framework's own answer has no text."""
    path = request.path_info
    while path != "/":
        path = f"{path.rstrip('/').rpartition('/')[0]}/"
        if is_valid_path(path):
            break
    above = Way(_("Go to the page that it belongs to"), get_script_prefix().rstrip("/") + path)
    response = _page(request, 405, above, is_opened=request.method in {"GET", "HEAD"})
    response["Allow"] = refusal["Allow"]
    return response


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer 429."""
    return _page(request, 429)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (the framework's signature)
    return failure(400)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 503 or 507 if something that the Admin needs cannot be used, else 500."""
    error = sys.exc_info()[1]
    outage = outage_of(error)
    if outage is None:
        return failure(500)
    log_reason(reason(outage, error))
    return failure(outage.status, {"Retry-After": "30"}, outage.template)


def failure(status: int, headers: dict[str, str] | None = None, template: str = "", **context: Any) -> HttpResponse:
    """Return the page of a failure, made without the request and the database: they may have failed."""
    # An empty address asks for this page again, and a form that was too long is not sent with it.
    again = _("Back to the form") if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else _("Try again")
    ways = [Way(again, ""), Way(_("Go to the Dashboard"), reverse("dashboard"))]
    page = render_to_string(template or f"{status}.html", {"version": settings.VERSION, "ways": ways} | context)
    return HttpResponse(page, status=status, headers=headers)


def early_failure(request: HttpRequest, status: int, template: str = "", **context: Any) -> HttpResponse:
    """Return the page of a failure from a middleware that comes before the one that activates the language."""
    with translation.override(translation.get_language_from_request(request)):
        return failure(status, template=template, **context)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (the reason is for developers)
    """Refuse a form whose token is missing or out of date, or whose address a proxy changed on its way here."""
    form = way_back(request)
    first = [Way(_("Back to the form"), form)] if form != reverse("dashboard") else []
    sentences = proxy.changed_origin(request)
    template = "403_origin.html" if sentences else "403_csrf.html"
    return render(request, template, {"ways": ways_on(request, *first), "sentences": sentences}, status=403)
