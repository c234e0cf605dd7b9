"""Sends e-mails in a thread: no page waits for the mail server, and the time of a page does not show who exists."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connections

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
