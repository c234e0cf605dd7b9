"""Checks the signature of a gateway request and tells whose it is."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Concatenate, TypeGuard

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from saas.caller import NOBODY, Caller
from saas.choices import KeyState
from saas.errors import Detail, RefusalError, client_id_is_invalid, jwt_is_invalid, method_not_allowed, not_found
from saas.faults import wrong_answer
from saas.models import ApiKey, Fault

# The constants of every merchant's token. Source: the client module magento/services-connector.
ISSUER = "8E6307BF5D775FA00A495EF9@AdobeOrg"
SUBJECT = "3181519E5E2714990A495E2E@techacct.adobe.com"
AUDIENCE = "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c"
LEEWAY_S = 60
MAX_LIFETIME_S = 600
MAX_TOKEN_LENGTH = 8192

API_KEY = re.compile(r"[0-9a-f]{32}")
SEGMENT = re.compile(r"[A-Za-z0-9_-]+")

Handler = Callable[Concatenate[HttpRequest, ApiKey, ...], HttpResponse]
View = Callable[..., HttpResponse]


def answers(*, signed: bool = True, **handlers: Handler) -> View:
    """Return the view of one gateway address, with one handler per method.

    Each handler gets the request, the API key that signed it and what the address captured. `signed` is False for the
    one address whose clients have no private key. Without handlers there is no such call: the caller is checked all the
    same, so that wrong keys are refused at every address.
    """

    def view(request: HttpRequest, environment: str | None = None, **captured: str) -> HttpResponse:
        try:
            now = timezone.now()
            key = find_key(request, environment)
            fault = wrong_answer(*fault_for(key, environment), now)
            if fault is not None:
                return fault
            caller = accept(request, key, environment, now=now, signed=signed)
            if not handlers:
                raise not_found()
            handler = handlers.get("GET" if request.method == "HEAD" else request.method or "")
            if handler is None:
                raise method_not_allowed(list(handlers))
            return handler(request, caller, **captured)
        except RefusalError as refusal:
            return refusal.response()

    return csrf_exempt(login_not_required(view))


def find_key(request: HttpRequest, environment: str | None) -> ApiKey | None:
    """Return the key that the request names, whether it may be used or not; None for no key or an unknown one.

    A header that was sent twice arrives as one value with a comma, which no key is.
    """
    sent = {request.headers[name] for name in ("x-api-key", "magento-api-key") if name in request.headers}
    if len(sent) != 1:
        return None
    api_key = sent.pop()
    if not API_KEY.fullmatch(api_key):
        return None
    return ApiKey.objects.for_gateway(environment).filter(api_key=api_key).first()


def fault_for(key: ApiKey | None, environment: str | None) -> tuple[str | None, int | None]:
    """Return kind and seconds of the fault that meets this request; an unknown key at the root meets none."""
    if key is not None:
        return getattr(key, "fault_kind", None), getattr(key, "fault_seconds", None)
    if environment is None:
        return None, None
    fault = Fault.objects.filter(environment=environment).first()
    return (fault.kind, fault.seconds) if fault else (None, None)


def accept(request: HttpRequest, key: ApiKey | None, environment: str | None, *, now: datetime, signed: bool) -> ApiKey:
    """Return `key` where it may be used here and signed the request; its use is recorded.

    Raises:
        RefusalError: in the words of the real gateway, with our `detail`.
    """
    if key is None:
        raise client_id_is_invalid(Detail.API_KEY_UNKNOWN)
    if key.state(now) == KeyState.DELETED:
        note_refusal(request, key, now=now, signed=signed)
        raise client_id_is_invalid(Detail.KEY_REVOKED)
    is_elsewhere = environment is not None and key.environment != environment
    if signed:
        _check_signature(request, key, now, is_elsewhere=is_elsewhere)
    if is_elsewhere:
        raise client_id_is_invalid(Detail.WRONG_ENVIRONMENT)
    key.record_use(now, Caller.of(request) if signed else NOBODY)
    return key


def _check_signature(request: HttpRequest, key: ApiKey, now: datetime, *, is_elsewhere: bool) -> None:
    """Check the request's token; a gateway that the key is not for knows no key by which a token could be wrong.

    So `wrong_environment` is told of whole pairs only: it leads to moving them.
    """
    try:
        check_token(request.headers.get("x-gw-signature", ""), key.public_key, now)
    except RefusalError as refusal:
        if is_elsewhere:
            raise client_id_is_invalid(Detail.API_KEY_UNKNOWN) from refusal
        raise


def note_refusal(request: HttpRequest, key: ApiKey, *, now: datetime, signed: bool) -> None:
    """Remember that the deleted `key` is still used; by whom, only its private key can make us believe."""
    try:
        if signed:
            check_token(request.headers.get("x-gw-signature", ""), key.public_key, now)
    except RefusalError:
        return
    key.record_refusal(now, Caller.of(request) if signed else NOBODY)


def check_token(token: str, public_key: str, now: datetime) -> None:
    """Check that `token` was signed with the other half of `public_key` (PEM) and is meant for us now.

    The signature comes first, so that nothing of an unsigned token is judged. No header of the token but `alg` matters.

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
    expected = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE}
    if not isinstance(claims, dict) or any(claims.get(name) != value for name, value in expected.items()):
        raise jwt_is_invalid(Detail.TOKEN_MALFORMED)
    expires_at, starts_at = claims.get("exp"), claims.get("nbf", 0)
    if not is_time(expires_at) or not is_time(starts_at):
        raise jwt_is_invalid(Detail.TOKEN_MALFORMED)
    seconds = now.timestamp()
    if not (seconds - LEEWAY_S <= expires_at <= seconds + MAX_LIFETIME_S and starts_at <= seconds + LEEWAY_S):
        raise jwt_is_invalid(Detail.CLOCK_SKEW)


def is_time(value: Any) -> TypeGuard[float]:
    """Tell whether `value` is a number of seconds, as JSON has them."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_canonical(token: str) -> bool:
    """Tell whether `token` is three segments of unpadded base64url, each in the one spelling that its bytes have.

    Source: RFC 4648 section 3.5 (canonical encoding) and RFC 7515 section 2 (no padding).
    """
    if len(token) > MAX_TOKEN_LENGTH:
        return False
    segments = token.split(".")
    return len(segments) == 3 and all(map(is_canonical_segment, segments))  # noqa: PLR2004  (header, payload, signature)


def is_canonical_segment(segment: str) -> bool:
    """Tell whether decoding and encoding again gives `segment` itself."""
    if not SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        return False
    decoded = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    return urlsafe_b64encode(decoded).rstrip(b"=") == segment.encode("ascii")


@lru_cache(maxsize=1024)
def parsed_public_key(pem: str) -> RSAPublicKey:
    """Return the key in `pem`. Public, hence free to stay in memory.

    Raises:
        ValueError: it is no RSA key.
    """
    key = load_pem_public_key(pem.encode("ascii"))
    if not isinstance(key, RSAPublicKey):
        message = "The stored public key is no RSA key."
        raise ValueError(message)  # noqa: TRY004  (a wrong value in the database, not a wrong call)
    return key
