"""System checks: facts about the configuration that a process says at start, each with its remedy."""

import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as StartWarning
from django.db import DatabaseError, InterfaceError

from connector.environment import Environment
from connector.errors import KeyringError
from connector.keys import keyring, pem
from connector.keys.mistakes import ApiKeyError, PemError
from connector.rekey import reencryption

UNOPENED = (
    "Put the key they were stored with back into ENCRYPTION_KEYS, after the newest one. Until then the pages show "
    "“undecryptable” and nothing is sent; nothing stored is lost."
)

_CORRECT = "Correct this environment variable, its line in .env, or the file that it names, and start again."
_HALVES = (("private_key", pem.parse, "connector.E004"), ("api_key", pem.parse_api_key, "connector.E005"))


def count_unopened() -> int:
    """Return how many stored values do not open with any key of the ring. Raises DatabaseError."""
    return sum(not value.opens for value in reencryption.values())


@register
def check_encryption_keys(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  (the framework's signature)
    """Each key of the ring can be used."""
    try:
        keyring.default()
    except KeyringError as error:
        hint = "Make a key with: python manage.py rekey --generate"
        return [Error(str(error), hint=hint, id="connector.E001")]
    return []


@register
def check_locked_pairs(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Where the environment sets values, they are usable: an environment that exists, a data space with its project."""
    found: list[CheckMessage] = []
    locked = settings.LOCKED_VALUES
    if locked["active_environment"] not in {"", *Environment.values}:
        hint = "Set it to sandbox or production, or leave it out."
        found.append(Error("CONNECTOR_ACTIVE_ENVIRONMENT names no environment.", hint=hint, id="connector.E002"))
    if locked["data_space_id"] and not locked["project_id"]:
        text = "CONNECTOR_DATA_SPACE_ID is set without CONNECTOR_PROJECT_ID."
        hint = "Set CONNECTOR_PROJECT_ID to the project of that data space."
        found.append(Error(text, hint=hint, id="connector.E003"))
    for environment in Environment:
        for half, parse, check_id in _HALVES:
            text = locked[f"{environment}_{half}"]
            mistake = _mistake(parse, text) if text else ""
            if mistake:
                name = f"CONNECTOR_{environment}_{half}".upper()
                found.append(Error(f"{name}: {mistake}", hint=_CORRECT, id=check_id))
    return found


@register
def check_gateways(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The gateways can be asked: addresses that are some, over a secure connection in production mode."""
    found: list[CheckMessage] = []
    for environment, url in settings.GATEWAY_URLS.items():
        if not _is_safe(url):
            hint = f"Set {environment.upper()}_GATEWAY_URL to an https address, or to an http one of this machine."
            found.append(Error(f"The {environment} gateway has no usable address.", hint=hint, id="connector.E006"))
    if settings.GATEWAY_CA_BUNDLE and not _holds_certificates(settings.GATEWAY_CA_BUNDLE):
        hint = "Set GATEWAY_CA_BUNDLE to a file of certificates, or leave it out."
        found.append(Error("GATEWAY_CA_BUNDLE names no file of certificates.", hint=hint, id="connector.E007"))
    if settings.GATEWAY_PROXY and not _is_proxy(settings.GATEWAY_PROXY):
        hint = (
            "Set GATEWAY_PROXY to an address like http://user:password@host:port, or leave it out. Percent-encode the "
            "special characters of a password: / as %2F, @ as %40."
        )
        found.append(Error("GATEWAY_PROXY is not a usable address.", hint=hint, id="connector.E008"))
    return found


def _mistake(parse: Callable[[str], object], text: str) -> str:
    """Return what is wrong with a half of a pair, in the words of the configuration page; empty if nothing is."""
    try:
        parse(text)
    except (PemError, ApiKeyError) as error:
        return str(error.text)
    return ""


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_here = not settings.PRODUCTION or parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return has_place and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # An @ after the host means that a password was not percent-encoded.
    return has_place and parts.scheme in {"http", "https"} and "@" not in parts.path + parts.query + parts.fragment


def _holds_certificates(place: str) -> bool:
    kind = "capath" if Path(place).is_dir() else "cafile"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(**{kind: place})
    except (OSError, ValueError):
        return False
    return True


@register
def check_stored_values(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Every stored value opens. A database that is down or not migrated yet is not this check's business."""
    try:
        count = count_unopened()
    except (DatabaseError, InterfaceError):
        return []
    if not count:
        return []
    return [
        StartWarning(f"{count} stored values do not open with any encryption key.", hint=UNOPENED, id="connector.W001")
    ]
