"""What the reverse proxies in front say about a request, and what to set where that goes wrong.

Only entries of `X-Forwarded-For` that the trusted proxies wrote count: those further left are the client's own claim.
"""

import ipaddress
import logging
import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

logger = logging.getLogger(__name__)

HEADERS = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded")
_ORIGIN = re.compile(r"https?://[\w.:\[\]-]{1,255}", re.ASCII)

UNTRUSTED = gettext_lazy(
    "Requests come through a reverse proxy, but TRUSTED_PROXIES is 0: the action log and the limits of sign-ins know "
    "everybody by the address of the proxy. Set TRUSTED_PROXIES to the number of reverse proxies in front, and restart "
    "the server"
)
TOO_FEW = gettext_lazy(
    "A request has fewer addresses in X-Forwarded-For than TRUSTED_PROXIES says: the action log and the limits of "
    "sign-ins know everybody by the address of the proxy. Set TRUSTED_PROXIES to the number of reverse proxies in "
    "front, and let each of them set the header"
)
UNREADABLE = gettext_lazy(
    "A reverse proxy gives no IP address in X-Forwarded-For: the action log and the limits of sign-ins know everybody "
    "by the address of the proxy. Let the proxy set the header, in nginx with proxy_set_header X-Forwarded-For "
    "$remote_addr, and check TRUSTED_PROXIES"
)

UNTRUSTED_HTTPS = gettext_lazy(
    "A reverse proxy says that your browser used https, but this server does not trust any proxy, so it would redirect "
    "you to https again and again. If you run this Admin: set TRUSTED_PROXIES to the number of reverse proxies in "
    "front, and restart the server."
)
UNSAID_HTTPS = gettext_lazy(
    "The reverse proxy does not say in X-Forwarded-Proto whether your browser used https, so this server would "
    "redirect you to https again and again. If you run this Admin: let the proxy set that header to https or http, in "
    "nginx with proxy_set_header X-Forwarded-Proto $scheme."
)


def client_address(request: HttpRequest) -> str | None:
    """Return the IP address that the outermost trusted proxy saw, or else the one that the server itself saw.

    Return None where neither is an IP address, as on a Unix socket.
    """
    return address_in(_named_by_proxies(request)) or address_in(request.META.get("REMOTE_ADDR", ""))


def trouble(request: HttpRequest) -> Promise | None:
    """Return a sentence on what `request` shows to be wrong with TRUSTED_PROXIES, without its full stop."""
    if not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return UNTRUSTED if any(name in request.headers for name in HEADERS) else None
    named = _named_by_proxies(request)
    if not named:
        return TOO_FEW
    return None if address_in(named) else UNREADABLE


def without_address() -> str:
    """Return why nobody can sign in where no address is known, and what to do."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        remedy = _(
            "let the reverse proxy set X-Forwarded-For, in nginx with proxy_set_header X-Forwarded-For $remote_addr, "
            "and set TRUSTED_PROXIES to the number of proxies in front."
        )
    else:
        remedy = _("set TRUSTED_PROXIES to the number of reverse proxies in front, and restart the server.")
    text = _(
        "The server does not learn from which address you sign in, as on a Unix socket. Without it nobody can be kept "
        "from guessing passwords, so nobody can sign in. If you run this Admin: %(remedy)s"
    )
    return text % {"remedy": remedy}


def endless_redirect(request: HttpRequest) -> Promise | None:
    """Return why a redirect to https would lead to the same redirect for ever, and what to do; else None."""
    if not settings.SECURE_SSL_REDIRECT or request.is_secure():
        return None
    said = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
    is_https = (
        said == "https"
        or request.headers.get("X-Forwarded-Ssl", "").lower() == "on"
        or "proto=https" in request.headers.get("Forwarded", "").lower().replace('"', "")
    )
    if is_https and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return UNTRUSTED_HTTPS
    is_silent = settings.ALLAUTH_TRUSTED_PROXY_COUNT and "X-Forwarded-For" in request.headers and not said
    return UNSAID_HTTPS if is_https or is_silent else None


def changed_origin(request: HttpRequest) -> list[str]:
    """Return sentences on how a proxy changed the address that a form was sent to, none where the form is at fault.

    A browser that names the relation of the two sites is believed: a form of another site is no fault of a proxy.
    """
    origin, here = request.headers.get("Origin", ""), f"{request.scheme}://{request.get_host()}"
    is_foreign = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    if origin == here or is_foreign or not _ORIGIN.fullmatch(origin):
        return []
    text = _(
        "Your browser sent the form to %(origin)s, but it reached this server as a form for %(here)s, so nothing was "
        "saved. A reverse proxy in front changes the address; sending the form again does not help."
    )
    sentences = [text % {"origin": origin, "here": here}]
    if origin.partition("://")[2] != request.get_host():
        text = _(
            "If you run this Admin: let the proxy pass on the host, in nginx with proxy_set_header Host $http_host, or "
            "add %(origin)s to CSRF_TRUSTED_ORIGINS."
        )
        sentences.append(text % {"origin": origin})
    elif settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        text = _(
            "If you run this Admin: let the proxy say which scheme the browser used, in nginx with proxy_set_header "
            "X-Forwarded-Proto $scheme."
        )
        sentences.append(text)
    else:
        text = _(
            "If you run this Admin: set TRUSTED_PROXIES to the number of reverse proxies in front, so that the server "
            "believes them which scheme the browser used, and restart it."
        )
        sentences.append(text)
    return sentences


@cache
def warn_once(text: Promise) -> None:
    """Log `text`, in English and once per process."""
    with translation.override("en"):
        logger.warning("%s.", text)


def _named_by_proxies(request: HttpRequest) -> str:
    """Return the entry of X-Forwarded-For that the outermost trusted proxy wrote, nothing without it."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    entries = request.headers.get("X-Forwarded-For", "").split(",")
    return entries[-count].strip() if 0 < count <= len(entries) else ""


def address_in(text: str) -> str | None:
    """Return the IP address that a proxy or a server wrote, which may have a port, brackets, quotes or `for=`."""
    text = text.strip().lower().removeprefix("for=").strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A server that listens on IPv6 sees the clients of IPv4 within one network of it.
    return str(getattr(address, "ipv4_mapped", None) or address)
