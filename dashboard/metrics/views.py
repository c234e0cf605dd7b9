"""The address that Prometheus asks."""

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.request import split_domain_port, validate_host
from django.views.decorators.csrf import csrf_exempt

from backend.frame import proxy

# A proxy sets one of these. Behind one on this host, every request comes from the loopback interface.
_FORWARDED = (*proxy.HEADERS, "Via", "X-Real-IP")


@login_not_required
@csrf_exempt
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a program on this host, or one that has the token. For everybody else nothing is here."""
    if request.method not in {"GET", "HEAD"} or not (_has_token(request) or _is_local(request)):
        return HttpResponseNotFound()
    # Commands load this module with all addresses, and need not wait for a library of metrics.
    from dashboard.metrics import exposition  # noqa: PLC0415

    return HttpResponse(exposition.text(), content_type=exposition.CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    scheme, _separator, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and secrets.compare_digest(token.encode(), expected.encode())


def _is_local(request: HttpRequest) -> bool:
    """Return whether a program on this host asks. A browser here may ask for a site whose name leads to this host."""
    domain, _port = split_domain_port(request.META.get("HTTP_HOST") or "localhost")
    is_meant = _is_loopback(domain.strip("[]")) or validate_host(domain, ["localhost", *settings.ALLOWED_HOSTS])
    # At a Unix socket there is no address: a proxy is in front.
    is_from_here = _is_loopback(request.META.get("REMOTE_ADDR", ""))
    return is_meant and is_from_here and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(text: str) -> bool:
    address = proxy.address_in(text)
    return address is not None and ip_address(address).is_loopback
