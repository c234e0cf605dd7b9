"""System checks: what is wrong with the configuration, with the remedy, at the start of every process."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as StartWarning
from django.db import DatabaseError, InterfaceError

from connector.environment import Environment
from connector.errors import KeyringError
from connector.keys import api_keys, keyring, pem
from connector.keys.mistakes import MistakeError
from connector.rekey import reencryption

_HALVES = (("private_key", pem.parse, "connector.E004"), ("api_key", api_keys.parse, "connector.E005"))


def count_unopened() -> int:
    """Return how many stored values do not open with any key of the ring. Raises DatabaseError."""
    return sum(not value.opens for value in reencryption.values())


@register
def check_encryption_keys(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001  (the framework's signature)
    """Each encryption key is 32 random bytes."""
    try:
        keyring.default()
    except KeyringError as error:
        yield Error(str(error), hint="Make a key with: python manage.py rekey --generate", id="connector.E001")


@register
def check_locked_values(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001
    """The CONNECTOR_… variables name an environment, a data space with its project, and keys that can be used."""
    locked = settings.LOCKED_VALUES
    if locked["active_environment"] not in {"", *Environment.values}:
        hint = "Set it to sandbox or production, or leave it out."
        yield Error("CONNECTOR_ACTIVE_ENVIRONMENT names no environment.", hint=hint, id="connector.E002")
    if locked["data_space_id"] and not locked["project_id"]:
        text = "CONNECTOR_DATA_SPACE_ID is set without CONNECTOR_PROJECT_ID."
        hint = "Set CONNECTOR_PROJECT_ID to the project of that data space."
        yield Error(text, hint=hint, id="connector.E003")
    for environment, (half, parse, check_id) in product(Environment, _HALVES):
        name = f"{environment}_{half}"
        try:
            if locked[name]:
                parse(locked[name])
        except MistakeError as error:
            # The same words as on the configuration page.
            text = f"CONNECTOR_{name.upper()}: {error.text}"
            hint = "Correct this environment variable, its line in .env, or the file that it names, and start again."
            yield Error(text, hint=hint, id=check_id)


@register
def check_gateways(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001
    """The addresses of gateways and proxy can be used, over a secure connection in production mode."""
    for environment, url in settings.GATEWAY_URLS.items():
        if not _is_gateway(url):
            hint = f"Set {environment.upper()}_GATEWAY_URL to an https address, or to an http one of this machine."
            yield Error(f"The {environment} gateway has no usable address.", hint=hint, id="connector.E006")
    if settings.GATEWAY_CA_BUNDLE and not _holds_certificates(settings.GATEWAY_CA_BUNDLE):
        hint = "Set GATEWAY_CA_BUNDLE to a file of certificates, or leave it out."
        yield Error("GATEWAY_CA_BUNDLE names no file of certificates.", hint=hint, id="connector.E007")
    if settings.GATEWAY_PROXY and not _is_proxy(settings.GATEWAY_PROXY):
        hint = (
            "Set GATEWAY_PROXY to an address like http://user:password@host:port, or leave it out. Percent-encode the "
            "special characters of a password: / as %2F, @ as %40."
        )
        yield Error("GATEWAY_PROXY is not a usable address.", hint=hint, id="connector.E008")


@register
def check_stored_values(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001
    """Every stored value opens. Other checks report a database that is down or not migrated yet."""
    with suppress(DatabaseError, InterfaceError):
        if count := count_unopened():
            text = f"{count} stored values do not open with any encryption key."
            hint = (
                "Put the key they were stored with back into ENCRYPTION_KEYS, after the newest one. Until then the "
                "pages show “undecryptable” and nothing is sent; nothing stored is lost."
            )
            yield StartWarning(text, hint=hint, id="connector.W001")


def _is_gateway(url: str) -> bool:
    parts = _parts(url)
    if not parts:
        return False
    is_here = not settings.PRODUCTION or parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return parts.scheme == "https" or (parts.scheme == "http" and is_here)


def _is_proxy(url: str) -> bool:
    parts = _parts(url if "://" in url else f"http://{url}")
    if not parts:
        return False
    # An @ after the host means that a password was not percent-encoded.
    return parts.scheme in {"http", "https"} and "@" not in parts.path + parts.query + parts.fragment


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address that has a host and a possible port, None for any other text."""
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if has_place else None


def _holds_certificates(place: str) -> bool:
    kind = "capath" if Path(place).is_dir() else "cafile"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(**{kind: place})
    except (OSError, ValueError):
        return False
    return True
