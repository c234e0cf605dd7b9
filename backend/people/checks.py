"""System checks: does the server know who signs in?"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, register


@register(deploy=True)
def check_trusted_proxies(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001  (the framework's signature)
    """TRUSTED_PROXIES is the number of reverse proxies; nothing but a request shows whether there is one."""
    if settings.PRODUCTION and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        hint = (
            "Set it to the number of reverse proxies in front. Without one, let the server itself speak TLS and listen "
            "on a port: on a Unix socket, nobody can sign in."
        )
        yield Info("TRUSTED_PROXIES is 0, so no reverse proxy may be in front.", hint=hint, id="people.I001")
