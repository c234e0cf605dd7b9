"""Addresses for probes: is the process there, and can it work."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from connector.checks import count_unopened


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  (a view)
    """Answer 200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  (a view)
    """Answer 200 when the database answers, is migrated, and every stored value opens; else 503 with the reason."""
    failed = _failed()
    return JsonResponse({"status": "failed" if failed else "ok", "failed": failed}, status=503 if failed else 200)


def _failed() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return ["migrations"]
        return ["stored_values"] if count_unopened() else []
    except (DatabaseError, InterfaceError):
        return ["database"]
