"""When a session ends, how to extend it, and the way back after its end."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage as SessionMessages
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.frame.rows import row

ENDS_AT = "ends_at"
# WCAG 2.2, success criterion 2.2.1, asks for 20 seconds at least; people finish a sentence in five minutes.
LEAD_S = 300
# A browser takes `/commerce/%2e%2e/shop` for `/shop`, which is another site of the host.
_UPWARDS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


def end_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Write the end of the session into the session, before it is stored.

    The framework writes it into another column, which would take one more query on every page.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # A cookie can hold a NUL, and PostgreSQL refuses to look for one.
        if "\0" in (request.session.session_key or ""):
            request.session = type(request.session)()
        response = get_response(request)
        if request.session.modified and SESSION_KEY in request.session:
            request.session[ENDS_AT] = int(time.time()) + settings.SESSION_COOKIE_AGE
        return response

    return middleware


def context(request: HttpRequest) -> dict[str, Any]:
    """Give the frame the seconds until the session ends, so that it can warn. Give nothing if that is unknown."""
    user = getattr(request, "user", None)
    ends_at = request.session.get(ENDS_AT) if user and user.is_authenticated else None
    if ends_at is None:
        return {}
    lead_s = min(LEAD_S, settings.SESSION_COOKIE_AGE // 2)
    return {
        "session_end": {
            "in_s": max(0, ends_at - int(time.time())),
            "lasts_s": settings.SESSION_COOKIE_AGE,
            "lead_s": lead_s,
            "lead_minutes": max(1, lead_s // 60),
        }
    }


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Extend the session to its full time."""
    request.session.modified = True
    return HttpResponse(status=204)


class SessionStore(db.SessionStore):
    """The framework's sessions in the database, with a quicker way to the one of a request."""

    def load(self) -> dict[str, Any]:
        """Return what is stored for the key of the request; nothing where it leads to no session."""
        stored = row(self.model, self.session_key)
        if stored is None or stored.expire_date <= timezone.now():
            return super().load()  # It knows what else to do then.
        return self.decode(stored.session_data)


class CookieMessages(CookieStorage):
    """The framework's own, with the name that our cookies have in production. The cookie is signed."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class Messages(FallbackStorage):
    """Keeps what the next page says in a cookie, as the framework does: strangers get no session for it."""

    storage_classes = (CookieMessages, SessionMessages)


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


def end_sessions(user: AbstractBaseUser) -> int:
    """Sign `user` out everywhere, for good, and return how many sessions ended.

    The framework only ignores the sessions of a person who is not active: they would work again afterwards.
    """
    count = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
            count += 1
    return count
