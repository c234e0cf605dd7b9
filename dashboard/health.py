"""Addresses for probes: does the process run, and can it work?"""

import shutil
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
    failed, reasons = [], []
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            failed = ["migrations"]
        elif count_unopened():
            failed = ["stored_values"]
    except (DatabaseError, InterfaceError) as error:
        outage = outages.outage_of(error) or outages.DATABASE
        failed, reasons = [outage.name], [outages.reason(outage, error)]
    if not failed and connection.vendor == "sqlite":
        free = shutil.disk_usage(Path(connection.settings_dict["NAME"]).parent).free
        failed = ["disk"] if free < LEAST_FREE_BYTES else []
    try:
        # A write: Redis may be full, or a read-only copy.
        cache.set("ready", value=True, timeout=60)
    except outages.SharedCacheError as error:
        failed.append("cache")
        reasons.append(outages.reason(outages.CACHE, error))
    log_reason("; ".join(reasons or failed))
    return JsonResponse({"status": "failed" if failed else "ok", "failed": failed}, status=503 if failed else 200)
