"""How often somebody may try a password or a code. The numbers are in `config/sign_in.py`."""

import ipaddress

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backend.audit.models import LoggedAction
from backend.frame import error_pages
from backend.people import known_devices
from backend.people.actions import Action
from backend.people.sign_in_log import note_too_many

# What one customer of a provider usually has at most.
WIDE_IPV6_PREFIX = 48


def count_try(request: HttpRequest, name: str) -> ratelimit.RateLimitUsage | None:
    """Count a try at `name` by the name and by the wide network; return None where one of them has had too many.

    Neither limit holds where the person of that name has signed in before.
    """
    usage = ratelimit.RateLimitUsage(usage=[])
    keys = {"login_failed_name": counted_by(name)}
    if network := wide_network(request):
        keys["login_failed_network"] = network
    for action, key in keys.items():
        counted = ratelimit.consume(request, app="allauth.account", action=action, key=key)
        if counted is None:
            usage.rollback()
            return known_devices.count_known(request, name)
        usage.usage += counted.usage
    return usage


def counted_by(name: str) -> str:
    """Return what the tries of a name are counted by.

    It is the name alone. allauth puts the host in front, and each port that a browser names would have its own count.
    `manage.py people unlock` begins a new count. It is in the log and not in the cache, so that every process knows of
    it, also without a common cache.
    """
    rows = LoggedAction.objects.filter(action=Action.USER_UNLOCKED, subject__iexact=name)
    count = rows.order_by("-pk").values_list("pk", flat=True).first()
    return f"{name.lower()}#{count or 0}"


def wide_network(request: HttpRequest) -> str:
    """Return the /48 network of an IPv6 address, empty for IPv4: with a /48, somebody has 65,536 networks of /64."""
    address = ipaddress.ip_address(ratelimit.get_ip(request))
    if address.version == 4:  # noqa: PLR2004  (it is a name)
        return ""
    return str(ipaddress.ip_network((address, WIDE_IPV6_PREFIX), strict=False))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer an address that asks too often, and log it where passwords and codes are checked."""
    asking = {settings.LOGIN_URL, "mfa_authenticate", "mfa_login_webauthn", "account_reauthenticate"}
    asking |= {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
    if request.resolver_match and request.resolver_match.view_name in asking:
        note_too_many(request)
    return error_pages.too_many_requests(request)
