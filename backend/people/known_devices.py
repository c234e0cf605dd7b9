"""Where a person has signed in before: the limits that strangers can use up do not hold there.

A device has a cookie (OWASP calls it *device cookie*), and the address is stored.
"""

import secrets
from typing import Any

from allauth.account.signals import user_logged_in
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.models import User
from django.core.signing import BadSignature, TimestampSigner
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backend.people.models import REMEMBERED, KnownAddress


@receiver(user_logged_in)
def remember(request: HttpRequest, response: HttpResponse, user: User, **_kwargs: Any) -> None:
    """Remember the address and the device of a person who signed in."""
    KnownAddress.objects.remember(user.pk, ratelimit.get_ip(request), timezone.now())
    response.set_cookie(
        settings.KNOWN_DEVICE_COOKIE_NAME,
        _signer(user).sign(_device(request, user) or secrets.token_urlsafe(16)),
        max_age=REMEMBERED,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def count_known(request: HttpRequest, name: str) -> ratelimit.RateLimitUsage | None:
    """Count a try at `name` from where its person is known; return None elsewhere.

    Tries with the cookie of a device have a limit of their own, so that a stolen one is no free pass. It takes the same
    steps for a name that nobody has: their time must not say whether somebody has it.
    """
    user = User.objects.filter(username=name).first() or User(username=name)
    device = _device(request, user)
    if KnownAddress.objects.knows(name, ratelimit.get_ip(request), timezone.now()):
        return ratelimit.RateLimitUsage(usage=[])
    if not device:
        return None
    return ratelimit.consume(request, app="allauth.account", action="login_failed_device", key=device)


def _signer(user: User) -> TimestampSigner:
    """Return the signer of the cookies of one person, until the password changes."""
    return TimestampSigner(salt=f"{__name__}:{user.pk}:{user.password}")


def _device(request: HttpRequest, user: User) -> str:
    """Return the id of the device of `request`; empty where `user` has not signed in with it."""
    try:
        return _signer(user).unsign(request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, ""), max_age=REMEMBERED)
    except BadSignature:
        return ""
