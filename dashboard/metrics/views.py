"""The address that Prometheus asks."""

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
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
    # At a Unix socket there is none: a proxy is in front.
    address = proxy.address_in(request.META.get("REMOTE_ADDR", ""))
    is_loopback = address is not None and ip_address(address).is_loopback
    return is_loopback and not any(name in request.headers for name in _FORWARDED)
