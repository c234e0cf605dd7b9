"""All metrics in the format of Prometheus."""

import fcntl
import os
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector

from dashboard.metrics.counted import REGISTRY
from dashboard.metrics.state import State

__all__ = ["CONTENT_TYPE", "text"]


def text() -> bytes:
    """Return what was counted, by all processes of the server, and what the database says."""
    found = CollectorRegistry()
    found.register(State())
    return _counted() + generate_latest(found)


def _counted() -> bytes:
    # gunicorn.conf.py makes this folder, and the lock in it.
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY)
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all, folder)  # type: ignore[no-untyped-call]
    with Path(folder, "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        return generate_latest(of_all)
