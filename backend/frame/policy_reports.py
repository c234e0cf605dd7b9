"""Takes the reports of browsers that refused something because of the Content-Security-Policy.

Anybody can send one. So a line of the log has a view of this program, a directive and a host, and nothing else of it.
"""

import json
import logging
import re
from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backend.frame import proxy
from backend.frame.policy import origin_of

logger = logging.getLogger(__name__)
MAX_BYTES = 16 * 1024
# In a minute, from an address. A page that is broken for everybody says so soon enough.
LIMIT = 10
_NAME = re.compile(r"[a-z-]{1,40}", re.ASCII)


@csrf_exempt
@login_not_required
@require_POST
def policy_report(request: HttpRequest) -> HttpResponse:
    """Log what a browser refused; 429 after ten reports in a minute from one address."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    try:
        reports = _reports(json.loads(request.body))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    source = _source(request)
    for report in reports:
        if not _counts(source):
            return HttpResponse(status=429)
        page, directive, refused = _page(report), _directive(report), _refused(report)
        logger.warning("A browser refused %s on the page %s: %s.", refused, page, directive)
    return HttpResponse(status=204)


def _source(request: HttpRequest) -> str:
    """Return whose report it is: that of an address, or of a network of IPv6, all of which one machine may have."""
    address = proxy.client_address(request)
    return truncate_ip(address) if address else "unknown"


def _counts(source: str) -> bool:
    """Count a report of `source`, and return whether it may be logged."""
    key = f"policy-reports:{source}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) <= LIMIT
    except ValueError:
        # The minute ended between the two lines.
        return True


def _reports(body: Any) -> list[dict[str, Any]]:
    """Return the reports in `body`: one as `report-uri` sends it, or a list as `report-to` does."""
    found = [entry.get("body") for entry in body if isinstance(entry, dict)] if isinstance(body, list) else [body]
    if isinstance(body, dict) and "csp-report" in body:
        found = [body["csp-report"]]
    return [report for report in found if isinstance(report, dict)]


def _text(report: dict[str, Any], *names: str) -> str:
    value = next((report[name] for name in names if name in report), "")
    return value if isinstance(value, str) else ""


def _directive(report: dict[str, Any]) -> str:
    """Return the directive that was violated, if it looks like one."""
    directive = _text(report, "effective-directive", "effectiveDirective", "violated-directive").partition(" ")[0]
    return directive if _NAME.fullmatch(directive) else "unknown directive"


def _refused(report: dict[str, Any]) -> str:
    """Return scheme and host of what was refused, or a word such as `inline`."""
    address = _text(report, "blocked-uri", "blockedURL")
    return origin_of(address) or (address if _NAME.fullmatch(address) else "something")


def _page(report: dict[str, Any]) -> str:
    """Return the name of the view whose page it was: an address can hold what is secret."""
    try:
        path = urlsplit(_text(report, "document-uri", "documentURL")).path
    except ValueError:
        return "unknown"
    match = is_valid_path(f"/{path.removeprefix(settings.URL_PREFIX).lstrip('/')}")
    return match.view_name if match and match.view_name else "unknown"
