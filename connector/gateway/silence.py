"""The lines in the server's log about a gateway that did not answer, or whose certificate is not trusted."""

import logging
import threading
import time

from connector.errors import Reason

logger = logging.getLogger(__name__)
# For each gateway and reason. Every open page asks again and again, so an outage would fill the log.
ONCE_IN_S = 60
REASONS = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.TLS_FAILED})

# In memory, not in Redis: no page about a gateway may wait for Redis.
_logged_at: dict[tuple[str, Reason], float] = {}
_lock = threading.Lock()


def note(host: str, reason: Reason) -> None:
    """Log that the gateway at `host` did not answer, if `reason` means that. The line has nothing of the call."""
    if reason not in REASONS:
        return
    now = time.monotonic()
    with _lock:
        if now - _logged_at.get((host, reason), -ONCE_IN_S) < ONCE_IN_S:
            return
        _logged_at[host, reason] = now
    logger.warning("No answer from the gateway %s: %s.", host, reason.value, extra={"reason": reason.value})
