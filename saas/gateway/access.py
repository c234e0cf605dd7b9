"""Who may call the gateway, and what every call has in common."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from backend.frame.bodies import AcceptedBody
from saas.caller import NOBODY, Caller
from saas.choices import KeyState
from saas.errors import Detail, RefusalError, client_id_is_invalid, not_found, registry_error
from saas.faults import answer
from saas.gateway.signature import check_token
from saas.models import ApiKey, DataSpace, Fault

API_KEY = re.compile(r"[0-9a-f]{32}")

Handler = Callable[Concatenate[HttpRequest, ApiKey, ...], HttpResponse]
View = Callable[..., HttpResponse]


def _refuse_body(status: int, text: str) -> HttpResponse:
    return registry_error(status, text).response


BODY = AcceptedBody(refuse=_refuse_body)


def gateway_call(*, signed: bool = True, body: AcceptedBody = BODY, **handlers: Handler) -> View:
    """Return the view of one gateway address, with one handler per method.

    A handler takes the request, the API key that signed it, and what the address captured. Pass `signed=False` for the
    one address whose clients have no private key. Without handlers, the address answers 404 once the keys are checked.
    """

    def view(request: HttpRequest, environment: str | None = None, **captured: str) -> HttpResponse:
        try:
            require_https(request)
            now = timezone.now()
            key = find_key(request, environment)
            fault = key.fault if key else Fault.objects.filter(environment=environment).first()
            wrong_answer = answer(fault.kind, fault.seconds, now) if fault else None
            if wrong_answer:
                return wrong_answer
            if key is None:
                raise client_id_is_invalid(Detail.API_KEY_UNKNOWN)
            accept(request, key, environment, now=now, signed=signed)
            if not handlers:
                raise not_found()
            handler = handlers.get("GET" if request.method == "HEAD" else request.method or "")
            if handler is None:
                allowed = ", ".join(sorted(handlers))
                raise registry_error(405, f"This address answers {allowed}.", {"Allow": allowed})
            return handler(request, key, **captured)
        except RefusalError as refusal:
            return refusal.response

    view.accepted_body = body  # type: ignore[attr-defined]  # as the framework marks views
    return csrf_exempt(login_not_required(view))


@csrf_exempt
@login_not_required
def other_service(_request: HttpRequest, **_captured: str) -> HttpResponse:
    """Answer for the real host's other services, which are not part of the gateway: there are none here."""
    return not_found().response


other_service.accepted_body = BODY  # type: ignore[attr-defined]


def require_https(request: HttpRequest) -> None:
    """Raise RefusalError where a call came over plain HTTP and may not. Pages are redirected instead."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure() and not settings.STAND_IN_PLAIN_HTTP:
        raise registry_error(400, "Send this call over https. Do not use its token again: others could have read it.")


def find_key(request: HttpRequest, environment: str | None) -> ApiKey | None:
    """Return the key that the request names, usable or not; None for no key or an unknown one.

    A header that was sent twice arrives as one value with a comma, which no key has.
    """
    sent = {request.headers[name] for name in ("x-api-key", "magento-api-key") if name in request.headers}
    api_key = sent.pop() if len(sent) == 1 else ""
    return ApiKey.objects.for_gateway(api_key, environment) if API_KEY.fullmatch(api_key) else None


def accept(request: HttpRequest, key: ApiKey, environment: str | None, *, now: datetime, signed: bool) -> None:
    """Check that `key` may be used here and signed the request, and record its use, or raise RefusalError."""
    wrong_token: RefusalError | None = None
    if signed:
        try:
            check_token(request.headers.get("x-gw-signature", ""), key.public_key, now)
        except RefusalError as exc:
            wrong_token = exc
    # Without a signature, anybody could claim to be this instance.
    caller = Caller.of(request) if signed else NOBODY
    if key.state(now) == KeyState.DELETED:
        if not wrong_token:
            key.record("refused", now, caller)
        raise client_id_is_invalid(Detail.KEY_REVOKED)
    if environment not in {None, key.environment}:
        # `wrong_environment` leads people to move the pair, so it is for whole pairs only.
        raise client_id_is_invalid(Detail.API_KEY_UNKNOWN if wrong_token else Detail.WRONG_ENVIRONMENT)
    if wrong_token:
        raise wrong_token
    key.record("last_used", now, caller)


def find_data_space(request: HttpRequest, key: ApiKey, environment_id: str) -> DataSpace:
    """Return the data space as it was before this request, and record which instance works in it.

    Raises:
        RefusalError: it does not exist, or belongs to another account; both get the same answer.
    """
    space = DataSpace.objects.of(key.account_id).filter(pk=parse_id(environment_id)).first()
    if space is None:
        raise not_found()
    space.record_seen(Caller.of(request), timezone.now())
    return space


def sent_object(request: HttpRequest, example: str) -> dict[str, Any]:
    """Return the JSON object in the request's body. Raises RefusalError, with an `example`, for any other body."""
    try:
        body = json.loads(request.body.decode())  # From bytes, `loads` would guess the encoding.
    except (ValueError, RecursionError) as exc:
        raise registry_error(400, f"The body is not JSON in UTF-8. Send {example}.") from exc
    return body if isinstance(body, dict) else {}


def parse_id(text: str) -> uuid.UUID:
    """Return the UUID in `text`. Raises RefusalError for any other text, as for an id that nothing has."""
    try:
        return uuid.UUID(text)
    except ValueError as exc:
        raise not_found() from exc
