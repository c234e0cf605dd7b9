"""System checks: what is between browsers and this server, and between it and its database."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, register
from django.core.checks import Warning as StartWarning
from django.db import DatabaseError, InterfaceError, connection


@register(deploy=True)
def check_trusted_proxies(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001  (the framework's signature)
    """TRUSTED_PROXIES is the number of reverse proxies; nothing but a request shows whether there is one."""
    if settings.PRODUCTION and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        hint = (
            "Set it to the number of reverse proxies in front. Without one, let the server itself speak TLS and listen "
            "on a port: on a Unix socket, nobody can sign in."
        )
        yield Info("TRUSTED_PROXIES is 0, so no reverse proxy may be in front.", hint=hint, id="dashboard.I001")


@register
def check_pooler(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001
    """Connections to a pooler such as PgBouncer are not kept. Other checks report a database that is down."""
    with suppress(DatabaseError, InterfaceError):
        if connection.vendor == "postgresql" and connection.settings_dict["CONN_MAX_AGE"] and has_pooler():
            hint = (
                "Set CONN_MAX_AGE to 0. The pooler keeps connections itself, and a new one to it takes a millisecond."
            )
            text = (
                "A pooler such as PgBouncer is in front of the database, and CONN_MAX_AGE keeps its connections busy."
            )
            yield StartWarning(text, hint=hint, id="dashboard.W001")


def has_pooler() -> bool:
    """Return whether something between this process and PostgreSQL shares connections.

    A pooler gives each client a process id of its own, PostgreSQL has another one. Raises DatabaseError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return bool(cursor.fetchone()[0] != connection.connection.info.backend_pid)
