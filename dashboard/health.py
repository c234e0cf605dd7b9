"""Addresses for probes: does the process run, and can it work?"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from backend.frame import outages
from backend.frame.request_facts import log_reason
from connector.checks import count_unopened

# With less on the disk of SQLite, a save may fail at any moment.
LEAST_FREE_BYTES = 1_000_000


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  (a view)
    """Answer 200 while the process runs."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  (a view)
    """Answer 200 when the database answers, is migrated, every stored value opens, and sign-ins can be counted.

    Else the answer is 503 and names what failed.
    """
    failures = [*_of_database(), *_of_cache()]
    failed = [name for name, _reason in failures]
    log_reason("; ".join(reason for _name, reason in failures))
    return JsonResponse({"status": "failed" if failed else "ok", "failed": failed}, status=503 if failed else 200)


def _of_database() -> Iterator[tuple[str, str]]:
    """Yield the name of what fails first, and why, for the log."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            yield "migrations", "migrations"
        elif count_unopened():
            yield "stored_values", "stored_values"
        elif _is_full():
            yield "disk", "disk"
    except (DatabaseError, InterfaceError) as error:
        outage = outages.outage_of(error) or outages.DATABASE
        yield outage.name, outages.reason(outage, error)


def _is_full() -> bool:
    if connection.vendor != "sqlite":
        return False
    return shutil.disk_usage(Path(connection.settings_dict["NAME"]).parent).free < LEAST_FREE_BYTES


def _of_cache() -> Iterator[tuple[str, str]]:
    """Yield the name of the cache if it takes no count, and why, for the log."""
    try:
        # A write: Redis may be full, or a read-only copy.
        cache.set("ready", value=True, timeout=60)
    except outages.SharedCacheError as error:
        yield "cache", outages.reason(outages.CACHE, error)
