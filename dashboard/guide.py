"""The user guide: one page per task, for everybody who is signed in."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.frame import menu
from connector.environment import Environment
from connector.gateway import client
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from connector.verification.row import Kind, When
from payments import statuses
from payments.orders import rules
from payments.report.columns import LOOKS


@dataclass(frozen=True)
class Page:
    """One page of the guide; its text is the template of the same name."""

    slug: str
    title: Promise
    summary: Promise


GROUPS: tuple[tuple[Promise, tuple[Page, ...]], ...] = (
    (
        _("Set up"),
        (
            Page("get-a-key-pair", _("Get a key pair"), _("Create both keys in the API Portal and keep them safe.")),
            Page("enter-the-keys", _("Enter the keys"), _("Put both halves into the configuration and verify them.")),
            Page(
                "project-and-data-space",
                _("Choose project and data space"),
                _("Choose the place in Commerce Services that this store works in."),
            ),
        ),
    ),
    (
        _("Take payments"),
        (
            Page(
                "onboard-with-paypal",
                _("Onboard with PayPal"),
                _("Connect a PayPal account in the sandbox and live, understand each status, and go live."),
            ),
        ),
    ),
    (
        _("Understand"),
        (
            Page(
                "understand-the-report",
                _("Understand the report"),
                _("Where the money of every order is: what each column and each status says, and what the dates mean."),
            ),
            Page(
                "verification-result",
                _("Read the verification result"),
                _("Every cause by name: what it means and what to do now."),
            ),
            Page(
                "not-reached",
                _("When Commerce Services cannot be reached"),
                _("What keeps working, what is tried again, and whom to ask."),
            ),
        ),
    ),
    (
        _("Change"),
        (
            Page(
                "switch-environment",
                _("Switch between sandbox and production"),
                _("Make the other key pair the active one, or move a pair that is in the wrong section."),
            ),
            Page(
                "replace-a-key-pair",
                _("Replace a key pair"),
                _("Bring in a new pair without an outage, see who still uses the old one, or remove a pair."),
            ),
            Page(
                "give-people-access",
                _("Give people access"),
                _("Who may create keys, who may configure, and who uses Payment Services."),
            ),
        ),
    ),
)
PAGES: dict[str, Page] = {page.slug: page for _title, pages in GROUPS for page in pages}

# The kinds of statuses of an order, the rules that give them, and how the badge of each looks.
ORDER_STATUSES = (
    (_("Pay Status"), rules.PAY, LOOKS["pay_status"]),
    (_("Refund Status"), rules.REFUND, LOOKS["refund_status"]),
    (_("Disputes"), rules.DISPUTE, LOOKS["dispute"]),
)
MEANINGS: dict[Kind, Promise] = {
    Kind.REJECTED: _(
        "Commerce Services has answered, so this is certain: the keys do not work until somebody corrects it."
    ),
    Kind.LOCAL: _("Nothing was sent to Commerce Services: the problem is on this server."),
    Kind.INPUT: _("You see these at the field when you save. What you entered is not stored."),
    Kind.UNKNOWN: _(
        "It is not known at the moment whether the keys work. Pages go on showing the last certain state with its age, "
        "and the check is repeated."
    ),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the pages of the guide."""
    return render(request, "dashboard/guide/index.html", {"groups": GROUPS})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page of the guide."""
    if slug not in PAGES:
        raise Http404
    slugs = list(PAGES)
    following = slugs[slugs.index(slug) + 1 :]
    context = {
        "page": PAGES[slug],
        "next_page": PAGES[following[0]] if following else None,
        "groups": GROUPS,
        "portal_url": settings.API_PORTAL_URL,
        "hosts": {environment: client.host_of(settings.GATEWAY_URLS[environment]) for environment in Environment},
        "sandbox": Environment.SANDBOX.label,
        "production": Environment.PRODUCTION.label,
        "configuration": trail("connector:configuration"),
        "payment_services": trail("payments:home"),
        "users": trail("users"),
        "roles": trail("roles"),
        "order_statuses": ORDER_STATUSES,
        "time_zone": settings.TIME_ZONE,
        "statuses": [(status, row.labels, row.text) for status, row in statuses.ROWS.items()],
        "kinds": [{"kind": kind, "meaning": meaning, "causes": _causes_of(kind)} for kind, meaning in MEANINGS.items()],
    }
    return render(request, f"dashboard/guide/{slug.replace('-', '_')}.html", context)


def trail(url_name: str) -> str:
    """Return the path through the menu to its page `url_name`."""
    path = next(path for path, entry in menu.entries() if entry.url_name == url_name)
    return " › ".join(str(title) for title in path)


def _causes_of(kind: Kind) -> list[dict[str, Any]]:
    host = client.host_of(settings.GATEWAY_URLS[Environment.SANDBOX])
    causes = []
    for cause in Cause:
        if cause.kind is kind:
            advice = Advice(cause=cause, environment=Environment.SANDBOX, host=host, may_move=True)
            refused = replace(advice, status=HTTPStatus.FORBIDDEN)
            of_refusal = refused.explanation if When.REFUSED in cause.row.cases else ""
            causes.append({"advice": advice, "of_refusal": of_refusal, "help": PAGES[cause.row.help]})
    return causes
