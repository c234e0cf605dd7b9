"""Checks the token that signs a gateway request."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from saas.errors import Detail, jwt_is_invalid

# The constants of every merchant's token. Source: the client module magento/services-connector.
CONSTANTS = {
    "iss": "8E6307BF5D775FA00A495EF9@AdobeOrg",
    "sub": "3181519E5E2714990A495E2E@techacct.adobe.com",
    "aud": "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c",
}
LEEWAY_S = 60
MAX_LIFETIME_S = 600
MAX_TOKEN_LENGTH = 8192


def check_token(token: str, public_key: str, now: datetime) -> None:
    """Check that `token` was signed with the other half of `public_key` (PEM) and is valid now.

    The signature comes first: nothing in an unsigned token counts. `alg` is the only header that matters.

    Raises:
        RefusalError: with the detail `pair_mismatch`, `token_malformed` or `clock_skew`.
    """
    if not is_canonical(token):
        raise jwt_is_invalid(Detail.PAIR_MISMATCH)
    try:
        payload = jwt.PyJWS().decode(token, parsed_public_key(public_key), algorithms=["RS256"])
    except (jwt.PyJWTError, ValueError, RecursionError) as exc:
        raise jwt_is_invalid(Detail.PAIR_MISMATCH) from exc
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as exc:
        raise jwt_is_invalid(Detail.TOKEN_MALFORMED) from exc
    check_claims(claims, now)


def check_claims(claims: Any, now: datetime) -> None:
    """Check the claims of a token whose signature is good.

    Raises:
        RefusalError: with the detail `clock_skew` when only `exp` or `nbf` is out of range, else `token_malformed`.
    """
    if not isinstance(claims, dict) or any(claims.get(name) != value for name, value in CONSTANTS.items()):
        raise jwt_is_invalid(Detail.TOKEN_MALFORMED)
    expires_at: Any = claims.get("exp")
    starts_at: Any = claims.get("nbf", 0)
    # No `isinstance`: in Python, unlike JSON, True is a number too.
    if type(expires_at) not in {int, float} or type(starts_at) not in {int, float}:
        raise jwt_is_invalid(Detail.TOKEN_MALFORMED)
    seconds = now.timestamp()
    if not (seconds - LEEWAY_S <= expires_at <= seconds + MAX_LIFETIME_S and starts_at <= seconds + LEEWAY_S):
        raise jwt_is_invalid(Detail.CLOCK_SKEW)


def is_canonical(token: str) -> bool:
    """Check for three segments of unpadded base64url, each in the only spelling that its bytes have.

    Source: RFC 4648 section 3.5 (canonical encoding) and RFC 7515 section 2 (no padding).
    """
    if len(token) > MAX_TOKEN_LENGTH or token.count(".") != 2:  # noqa: PLR2004  (between header, payload and signature)
        return False
    try:
        decoded = [urlsafe_b64decode(f"{segment}==") for segment in token.split(".")]
    except ValueError:
        return False
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in decoded) == token


@lru_cache(maxsize=1024)
def parsed_public_key(pem: str) -> RSAPublicKey:
    """Return the key in `pem`. It is public, so it may stay in memory. Raises ValueError for another kind of key."""
    key = load_pem_public_key(pem.encode("ascii"))
    if not isinstance(key, RSAPublicKey):
        message = "The stored public key is no RSA key."
        raise ValueError(message)  # noqa: TRY004  (a wrong value in the database, not a wrong call)
    return key
