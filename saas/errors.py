"""The errors of the stand-in, for pages and on the wire."""

import secrets
from enum import StrEnum
from typing import Any

from django.http import JsonResponse


class Detail(StrEnum):
    """Why a request was refused: what our gateway adds to the bare messages of the real one."""

    API_KEY_UNKNOWN = "api_key_unknown"
    KEY_REVOKED = "key_revoked"
    WRONG_ENVIRONMENT = "wrong_environment"
    PAIR_MISMATCH = "pair_mismatch"
    CLOCK_SKEW = "clock_skew"
    TOKEN_MALFORMED = "token_malformed"  # noqa: S105  (the name of a cause)


class SaasError(Exception):
    """Base of every error of this app."""


class AlreadyIssuedError(SaasError):
    """The form was sent before; its key exists, and nothing can show the private key again."""


class ProjectLimitError(SaasError):
    """The account has as many projects as its license allows: `limit` of them."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class RefusalError(SaasError):
    """A gateway request that is answered with an error. `body` is the JSON object on the wire."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self) -> JsonResponse:
        """Return the answer to send."""
        return JsonResponse(self.body, status=self.status, headers=self.headers)


def jwt_is_invalid(detail: Detail | None = None) -> RefusalError:
    """Return the refusal of a signature; without `detail` it is that of the real gateway."""
    body: dict[str, Any] = {"message": "JWT is invalid"}
    return RefusalError(401, body | {"detail": detail} if detail else body)


def client_id_is_invalid(detail: Detail | None = None) -> RefusalError:
    """Return the refusal of an API key; without `detail` it is that of the real gateway."""
    body: dict[str, Any] = {"error": {"message": "Client ID is invalid"}}
    return RefusalError(403, body | {"detail": detail} if detail else body)


def registry_error(status: int, status_text: str, message: str, headers: dict[str, str] | None = None) -> RefusalError:
    """Return an error in the registry's shape; its client reads `status` in the body and `message`."""
    body = {"status": status, "statusText": status_text, "message": message, "requestId": secrets.token_hex(16)}
    return RefusalError(status, body, headers)


def not_found() -> RefusalError:
    """Return the registry's answer to what does not exist or belongs to another account."""
    return registry_error(404, "Not Found", "Merchant registry not found")


def bad_request(message: str) -> RefusalError:
    """Return the registry's answer to a value that it cannot use. `message` says what to send instead."""
    return registry_error(400, "Bad Request", message)


def conflict(message: str) -> RefusalError:
    """Return the registry's answer to what the account's state forbids. `message` says what to do instead."""
    return registry_error(409, "Conflict", message)


def method_not_allowed(allowed: list[str]) -> RefusalError:
    """Return the answer to a method that the address does not know."""
    listed = ", ".join(sorted(allowed))
    return registry_error(405, "Method Not Allowed", f"This address answers {listed}.", {"Allow": listed})
