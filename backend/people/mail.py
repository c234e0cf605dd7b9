"""Sends e-mails in a thread: no page waits for the mail server, and the time of a page does not show who exists."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connections
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.http import is_same_domain

logger = logging.getLogger(__name__)

NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
# Beyond this number of waiting jobs, somebody is asking for too many, or the mail server hangs.
MOST_WAITING = 100

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
_waiting: set[Future[None]] = set()


def is_set_up() -> bool:
    """Return whether e-mails can be sent."""
    return bool(settings.EMAIL_BACKEND != NOWHERE)


def message(subject: str, text: str, to: str, headers: dict[str, str] | None = None) -> EmailMessage:
    """Return an e-mail of plain text. Its header keeps programs that answer while people are away from answering it."""
    subject = " ".join(subject.strip().splitlines())
    headers = {"Auto-Submitted": "auto-generated", **(headers or {})}
    return EmailMessage(subject, f"{text.strip()}\n", settings.DEFAULT_FROM_EMAIL, [to], headers=headers)


def public_host(request: HttpRequest) -> str:
    """Return the host of `request` for a link in an e-mail, without a port that may belong to another program.

    The framework compares the name with `ALLOWED_HOSTS` and accepts any port. We keep the port if this server listens
    there with no proxy in front, or if `CSRF_TRUSTED_ORIGINS` has the origin.
    """
    host = request.get_host()
    name, port = split_domain_port(host)
    if not port or (not settings.ALLAUTH_TRUSTED_PROXY_COUNT and port == request.META["SERVER_PORT"]):
        return host
    for scheme, _separator, trusted in (origin.partition("://") for origin in settings.CSRF_TRUSTED_ORIGINS):
        if scheme == request.scheme and is_same_domain(host, trusted.lstrip("*")):
            return host
    _warn_of_port()
    return name


@cache
def _warn_of_port() -> None:
    """Log once per process why a link may not work."""
    logger.warning(
        "A link in an e-mail has no port: nothing says that the port of the request is one of this Admin. If people "
        "use it, add the origin to CSRF_TRUSTED_ORIGINS."
    )


def later(job: Callable[[], object]) -> None:
    """Do `job` in the thread that sends e-mails. A failure is logged by its kind: its text may name people."""
    if len(_waiting) >= MOST_WAITING:
        logger.error(
            "An e-mail was not sent: %s others are waiting. Check EMAIL_URL and the mail server.", MOST_WAITING
        )
        return
    future = _sender.submit(copy_context().run, _with_own_connections, job)
    _waiting.add(future)
    future.add_done_callback(_note_end)


def _with_own_connections(job: Callable[[], object]) -> None:
    try:
        job()
    finally:
        connections.close_all()


def _note_end(future: Future[None]) -> None:
    _waiting.discard(future)
    if error := future.exception():
        logger.error("An e-mail was not sent: %s. Check EMAIL_URL and the mail server.", type(error).__name__)
