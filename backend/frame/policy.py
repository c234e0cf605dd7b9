"""The Content-Security-Policy of a page whose form leads to another host. Without it, a browser refuses to go there."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpResponse

# No user name or password, and nothing that could end the value of a header.
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?=[/?#]|$)", re.ASCII)


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`; empty where it is no web address, or names a user."""
    found = _ORIGIN.match(url)
    return found[0] if found else ""


def lead_to(response: HttpResponse, urls: Iterable[str]) -> HttpResponse:
    """Let the forms of the page `response` lead to the hosts of `urls`, and return it."""
    origins = sorted({origin_of(url) for url in urls} - {""})
    allowed = " ".join(["form-action 'self'", *origins])
    response["Content-Security-Policy"] = settings.CONTENT_SECURITY_POLICY.replace("form-action 'self'", allowed)
    return response
