"""System checks: facts about the configuration that a process says at start, each with its remedy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as StartWarning
from django.db import DatabaseError, InterfaceError

from connector import keyring, pem, rekey
from connector.environment import Environment
from connector.errors import ApiKeyError, KeyringError, PemError

UNOPENED = (
    "Put the key they were stored with back into ENCRYPTION_KEYS, after the newest one. Until then the pages show "
    "“undecryptable” and nothing is sent; nothing stored is lost."
)


def count_unopened() -> int:
    """Return how many stored values do not open with any key of the ring. Raises DatabaseError."""
    return sum(not value.opens for value in rekey.values())


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
        text = locked[f"{environment}_private_key"]
        if text and not _is_usable(text):
            name = f"CONNECTOR_{environment.upper()}_PRIVATE_KEY"
            hint = "Set it to the whole private key that the API Portal gave, from its BEGIN to its END line."
            found.append(Error(f"{name} holds no usable private key.", hint=hint, id="connector.E004"))
        text = locked[f"{environment}_api_key"]
        if text and not _is_api_key(text):
            name = f"CONNECTOR_{environment.upper()}_API_KEY"
            hint = "Set it to the public key that the API Portal lists: 32 hexadecimal digits."
            found.append(Error(f"{name} holds no API key.", hint=hint, id="connector.E005"))
    return found


@register
def check_gateways(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The gateways can be asked: addresses that are some, over a secure connection in production mode."""
    found: list[CheckMessage] = []
    for environment, url in settings.GATEWAY_URLS.items():
        if not _is_safe(url):
            hint = f"Set {environment.upper()}_GATEWAY_URL to an https address, or to an http one of this machine."
            found.append(Error(f"The {environment} gateway has no usable address.", hint=hint, id="connector.E006"))
    bundle = settings.GATEWAY_CA_BUNDLE
    if bundle and not Path(bundle).exists():
        hint = "Set GATEWAY_CA_BUNDLE to a file of certificates, or leave it out."
        found.append(Error("GATEWAY_CA_BUNDLE names no file.", hint=hint, id="connector.E007"))
    return found


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_here = not settings.PRODUCTION or parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def _is_api_key(text: str) -> bool:
    try:
        pem.parse_api_key(text)
    except ApiKeyError:
        return False
    return True


def _is_usable(text: str) -> bool:
    try:
        pem.parse(text)
    except PemError:
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
