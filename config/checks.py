"""System checks: what is wrong with the place of the settings, with the remedy."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as StartWarning

THIS_HOST = frozenset({"localhost", "127.0.0.1", "::1"})


@register
def check_env_file(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001  (the framework's signature)
    """In production mode, only the owner reads `.env`, and only those who run this program can write it."""
    path = settings.BASE_DIR / ".env"
    with suppress(FileNotFoundError):
        file = path.stat()
        if settings.PRODUCTION and file.st_mode & 0o077:
            text = "Other users of this host can read or change the settings: .env is not for its owner alone."
            yield StartWarning(text, hint=f"Run: chmod 600 {path}", id="config.W001")
        # For root, the file may be that of the server's user, whom nothing here names.
        if settings.PRODUCTION and os.geteuid() and file.st_uid not in {0, os.geteuid(), path.parent.stat().st_uid}:
            text = "The file .env belongs to a user who neither runs this program nor owns its folder."
            hint = f"Give it to the user of the server, with: chown USER {path}"
            yield StartWarning(text, hint=hint, id="config.W002")


@register
def check_mail_server(app_configs: Sequence[Any] | None, **_kwargs: Any) -> Iterator[CheckMessage]:  # noqa: ARG001  (the framework's signature)
    """In production mode, the links to a new password leave this host over TLS only."""
    is_plain = settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend") and not (
        settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    )
    if settings.PRODUCTION and is_plain and settings.EMAIL_HOST not in THIS_HOST:
        text = "E-mails, and the links to a new password in them, pass the network in plain text."
        hint = "Begin EMAIL_URL with smtp+tls:// or smtp+ssl://, or send through a mail server on this host."
        yield StartWarning(text, hint=hint, id="config.W003")
