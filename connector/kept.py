"""What was typed into the configuration form, kept in the browser while its person signs in again."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "kept_configuration"
SALT = "connector.kept"
LASTS_S = 30 * 60
# Never a private key. A value that is no single short word is not kept either: a secret may stand in the wrong field.
NAMES = ("revision", "active_environment", "sandbox_api_key", "production_api_key", "project_id", "data_space_id")
_WORD = re.compile(r"[A-Za-z0-9_-]{0,40}", re.ASCII)


def keep(response: HttpResponse, typed: Mapping[str, Any]) -> None:
    """Give the browser the values of `typed` that are no secrets; it shows them to the configuration page only."""
    values = {name: str(typed[name]).strip() for name in NAMES if name in typed}
    response.set_cookie(
        COOKIE,
        signing.dumps({name: value for name, value in values.items() if _WORD.fullmatch(value)}, salt=SALT),
        max_age=LASTS_S,
        path=reverse("connector:configuration"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def read(request: HttpRequest) -> dict[str, str] | None:
    """Return what was kept within the last 30 minutes, or None where there is nothing, or nothing of ours."""
    try:
        values: dict[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS_S)
    except signing.BadSignature:
        return None
    return values


def forget(response: HttpResponse) -> None:
    """Take it from the browser again."""
    response.delete_cookie(COOKIE, path=reverse("connector:configuration"), samesite="Strict")
