"""The request that is being answered, as its log lines, its error page and its calls of a gateway name it."""

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

HEADER = "X-Request-ID"
_SENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


@dataclass
class RequestFacts:
    """A request with its id, and the address of the client. `refusal` is why it was refused, or failed."""

    request: HttpRequest
    request_id: str
    address: str | None = None
    refusal: str = ""

    @property
    def person(self) -> str:
        """The name of the person who is signed in, or just signed in or out.

        It is empty while nothing has looked it up: a log line asks no database.
        """
        known = vars(self.request)
        # Signing in sets a person, signing out nobody. Until then, the framework looks up whose session it is.
        for user in (known.get("user"), known.get("_cached_user")):
            if user is not None and type(user) is not SimpleLazyObject and user.is_authenticated:
                return str(user.get_username())
        return ""


# Where a thread answers no request, as in a command, there are none.
in_hand: ContextVar[RequestFacts | None] = ContextVar("request_facts", default=None)


def request_id() -> str:
    """Return the id of the request that is being answered; empty outside a request."""
    facts = in_hand.get()
    return facts.request_id if facts else ""


def id_for(request: HttpRequest) -> str:
    """Return the id that a trusted proxy gave `request`, else a new one."""
    sent = request.headers.get(HEADER, "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return sent if _SENT_ID.fullmatch(sent) else uuid.uuid4().hex


def log_reason(reason: str) -> None:
    """Let the line of the request in the log say why it was not answered as it was asked."""
    if facts := in_hand.get():
        facts.refusal = reason
