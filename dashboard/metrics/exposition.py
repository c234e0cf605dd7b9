"""All metrics in the format of Prometheus."""

import os

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector

from dashboard.metrics.counted import REGISTRY
from dashboard.metrics.state import State

__all__ = ["CONTENT_TYPE", "text"]


def text() -> bytes:
    """Return what was counted, by all processes of the server, and what the database says."""
    counted = REGISTRY
    # gunicorn.conf.py sets it.
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    found = CollectorRegistry()
    found.register(State())
    return generate_latest(counted) + generate_latest(found)
