"""Asks people again who they are before they open what could do harm.

A view says so with `reauthentication_required`. `backend.people` answers the exception that it raises.
"""

import time
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise

CONFIRMED_AT = "confirmed_at"
# A form that opened in time can be sent for this much longer, so that nobody types it twice.
GRACE_S = 300
METHODS = frozenset({"GET", "HEAD", "POST"})

View = Callable[..., HttpResponseBase]


def confirm(request: HttpRequest) -> None:
    """Note that the person of this session has just shown who they are."""
    request.session[CONFIRMED_AT] = int(time.time())


def is_confirmed(request: HttpRequest) -> bool:
    """Return whether the person signed in, or showed again who they are, a short time ago."""
    allowed_s: int = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    if request.method == "POST":
        allowed_s += GRACE_S
    since_s: float = time.time() - request.session.get(CONFIRMED_AT, 0)
    return since_s < allowed_s


def reauthentication_required(
    purpose: Promise, *, methods: Collection[str] = METHODS, has_page: bool = True
) -> Callable[[View], View]:
    """Make a view ask again who the person is; `purpose` is the sentence that says what for.

    After a view that has no page, such as a download, the person goes back to where they came from.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods and not is_confirmed(request):
                raise ReauthenticationRequired
            return view(request, *args, **kwargs)

        asking.reauthentication_purpose = purpose  # type: ignore[attr-defined]  # the page that asks reads both
        asking.has_page = has_page  # type: ignore[attr-defined]
        return asking

    return decorator
