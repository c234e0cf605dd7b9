"""The user guide: one page per task, served to everybody who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from connector.environment import Environment
from connector.gateway import client
from connector.verification.causes import Action, Cause, Kind
from dashboard.menu import MENU


@dataclass(frozen=True)
class Page:
    """One page of the guide; its text is the template of the same name."""

    slug: str
    title: Promise
    summary: Promise

    @property
    def template(self) -> str:
        """The template with the page's text."""
        return f"dashboard/guide/{self.slug.replace('-', '_')}.html"


GROUPS: tuple[tuple[Promise, tuple[Page, ...]], ...] = (
    (
        _("Set up"),
        (
            Page("get-a-key-pair", _("Get a key pair"), _("Create both keys in the API Portal and keep them safe.")),
            Page("enter-the-keys", _("Enter the keys"), _("Put both halves into the configuration and verify them.")),
            Page(
                "project-and-data-space",
                _("Choose project and data space"),
                _("Say which place in Commerce Services this store works in."),
            ),
        ),
    ),
    (
        _("Understand"),
        (
            Page(
                "verification-result",
                _("Read the verification result"),
                _("Every cause by name: what it means and what to do now."),
            ),
            Page(
                "not-reached",
                _("When Commerce Services cannot be reached"),
                _("What goes on working, what is tried again, and whom to ask."),
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

# Where the guide says more about what a cause asks for.
HELP_FOR: dict[Action, str] = {
    Action.RESTORE_KEY: "replace-a-key-pair",
    Action.RESTORE_PAIR: "replace-a-key-pair",
    Action.OPEN_PORTAL: "get-a-key-pair",
    Action.ENTER_KEYS: "enter-the-keys",
    Action.CHECK_NETWORK: "not-reached",
    Action.WAIT: "not-reached",
    Action.RETRY: "not-reached",
    Action.SET_CLOCK: "not-reached",
    Action.MOVE_PAIR: "switch-environment",
    Action.CHOOSE_DATA_SPACE: "project-and-data-space",
}
MEANINGS: dict[Kind, Promise] = {
    Kind.REJECTED: _("Commerce Services has answered, and it is certain: the keys do not work until this is mended."),
    Kind.LOCAL: _("Nothing was sent: what is missing is missing on this server."),
    Kind.INPUT: _("You meet these at the field while you save. What was entered is not stored."),
    Kind.UNKNOWN: _(
        "Nobody knows at the moment whether the keys work. The last state that was certain stays on show with its "
        "age, and the check is repeated."
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
    shown = PAGES[slug]
    return render(request, shown.template, {"page": shown, "next_page": _after(shown), "groups": GROUPS, **_facts()})


def trail(url_name: str) -> str:
    """Return where the menu has the page `url_name`, as a person follows it; empty where it has none."""
    for item in MENU:
        for title, entries in item.groups:
            for entry in entries:
                if entry.url_name == url_name:
                    return f"{item.title} › {title} › {entry.title}"
    return ""


def _facts() -> dict[str, Any]:
    """Return what the texts say of this installation, so that they cannot differ from it."""
    return {
        "portal_url": settings.API_PORTAL_URL,
        "hosts": {one: client.host_of(settings.GATEWAY_URLS[one]) for one in Environment},
        "sandbox": Environment.SANDBOX.label,
        "production": Environment.PRODUCTION.label,
        "configuration": trail("connector:configuration"),
        "payment_services": trail("payments:home"),
        "users": trail("admin:auth_user_changelist"),
        "roles": trail("admin:auth_group_changelist"),
        "kinds": [{"kind": kind, "meaning": meaning, "causes": _causes_of(kind)} for kind, meaning in MEANINGS.items()],
    }


def _causes_of(kind: Kind) -> list[dict[str, Any]]:
    host = client.host_of(settings.GATEWAY_URLS[Environment.SANDBOX])
    return [
        {
            "cause": cause,
            "explanation": cause.explain(Environment.SANDBOX, host),
            "of_refusal": cause.explain(Environment.SANDBOX, host, status=403) if cause is Cause.GATEWAY_ERROR else "",
            "help": PAGES[HELP_FOR[cause.action]],
        }
        for cause in Cause
        if cause.kind is kind
    ]


def _after(shown: Page) -> Page | None:
    slugs = list(PAGES)
    following = slugs[slugs.index(shown.slug) + 1 :]
    return PAGES[following[0]] if following else None
