"""The errors of the stand-in, for pages and on the wire."""

import secrets
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

# What the real gateway says.
JWT_IS_INVALID = {"message": "JWT is invalid"}
CLIENT_ID_IS_INVALID = {"error": {"message": "Client ID is invalid"}}


class Detail(StrEnum):
    """Why a request was refused: what our gateway adds to the bare messages of the real one."""

    API_KEY_UNKNOWN = "api_key_unknown"
    KEY_REVOKED = "key_revoked"
    WRONG_ENVIRONMENT = "wrong_environment"
    PAIR_MISMATCH = "pair_mismatch"
    CLOCK_SKEW = "clock_skew"
    NOT_ENTITLED = "not_entitled"
    TOKEN_MALFORMED = "token_malformed"  # noqa: S105  (the name of a cause)


class AlreadyIssuedError(Exception):
    """The form was sent before; its key exists, and nothing can show the private key again."""


class LastOwnerError(Exception):
    """An account needs a license owner, and this is the last one."""


class ProjectLimitError(Exception):
    """The account has as many projects as its license allows: `limit` of them."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class RefusalError(Exception):
    """A gateway request that is answered with an error, in JSON."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.response = JsonResponse(body, status=status, headers=headers)


def jwt_is_invalid(detail: Detail) -> RefusalError:
    """Return the refusal of a signature."""
    return RefusalError(401, {**JWT_IS_INVALID, "detail": detail})


def client_id_is_invalid(detail: Detail) -> RefusalError:
    """Return the refusal of an API key."""
    return RefusalError(403, {**CLIENT_ID_IS_INVALID, "detail": detail})


def registry_error(status: int, message: str, headers: Mapping[str, str] | None = None) -> RefusalError:
    """Return an error in the registry's shape. `message` says what to do instead; the client reads it and `status`."""
    text = HTTPStatus(status).phrase
    body = {"status": status, "statusText": text, "message": message, "requestId": secrets.token_hex(16)}
    return RefusalError(status, body, headers)


def not_found() -> RefusalError:
    """Return the registry's answer to what does not exist or belongs to another account."""
    return registry_error(404, "Merchant registry not found")
