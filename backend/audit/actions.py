"""What the action log can hold, and how it reads: every app registers its own actions and labels."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.audit import actor
from backend.frame.normal_form import normal_form


class Action(models.TextChoices):
    """What is done to the log itself, and what any page may refuse."""

    LOG_EXPORTED = "log_exported", _("Action log exported")
    LOG_SHORTENED = "log_shortened", _("Old rows of the action log deleted")
    PAGE_DENIED = "page_denied", _("Page opened")


class Refusal(models.TextChoices):
    """Why any page may be refused."""

    NOT_ALLOWED = "not_allowed", _("No role of the person allows it")


class Result(models.TextChoices):
    """How it ended."""

    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class Severity(models.TextChoices):
    """How much something needs attention."""

    ERROR = "error", _("Error")
    WARNING = "warning", _("Warning")
    NOTICE = "notice", _("Notice")


@dataclass(frozen=True)
class Event:
    """How the bell shows an action: `text` has a place for its subject, and so has `anchor`, which leads to it.

    It needs no attention any more once one of the actions `ended_by` was done to the same subject. `url_name` is a page
    of its own, and `way` what the link to it says; without it, the link leads to the page of the person's permission.
    """

    severity: Severity
    text: Promise
    anchor: str = ""
    ended_by: tuple[str, ...] = ()
    url_name: str = ""
    way: Promise | None = None


# Who did it, where that is no person: this system itself, or somebody who was not signed in.
SYSTEM, UNKNOWN = _("System"), _("Unknown")

_actions: dict[str, Promise | str] = {}
_results = dict(Result.choices)
# By action, and whether it was refused.
_events: dict[tuple[str, bool], Event] = {}
_ends: set[str] = set()
# The label of each code that may be a reason, a subject or part of a text.
_labels: dict[str, Promise | str] = {}

# The names that a fact may have in the texts of before and after; a name that is not here is shown as it is.
FACTS: dict[str, Promise] = {
    "api_key": _("API key"),
    "fingerprint": _("Fingerprint"),
    "id": _("Id"),
    "name": _("Name"),
    "type": _("Type"),
    "instance_id": _("Instance id"),
    "addresses": _("Addresses"),
    "user_name": _("User name"),
    "email": _("Email"),
    "active": _("Active"),
    "administrator": _("Administrator"),
    "roles": _("Roles"),
    "resources": _("Resources"),
    "password": _("Password"),
    "filter": _("Filter"),
    "q": _("Search by keyword"),
    "action": _("Action"),
    "result": _("Result"),
    "person": _("Username"),
    "start": _("From"),
    "end": _("To"),
    "number": _("Number"),
    "digest": _("Digest"),
}

# What some facts say. Like their names, it is stored as a code and read in the language of the page.
_ANSWERS = {"yes": _("yes"), "no": _("no")}
VALUES: dict[str, Mapping[str, Promise | str]] = {
    "active": _ANSWERS,
    "administrator": _ANSWERS,
    "password": {"changed": _("changed")},
    "second_factor": {"required": _("required")},
    "action": _actions,
    "result": _results,
}


def facts(**values: object) -> str:
    """Return the text of before or after: a line `name: value` for each of `values` that is not empty."""
    lines = (f"{name}: {' '.join(str(value).split())}" for name, value in values.items() if value not in {None, ""})
    return "\n".join(lines)


def register(
    actions: type[models.TextChoices],
    *,
    events: Mapping[str, Event] | None = None,
    refused_events: Mapping[str, Event] | None = None,
    labels: Iterable[type[models.TextChoices]] = (),
    facts: Mapping[str, Promise] | None = None,
) -> None:
    """Add `actions` to the log.

    `labels` are reasons for refusals and other codes that its texts may have, `facts` further names of facts. The bell
    shows `events` that were done, and `refused_events` that were refused. Call it from `AppConfig.ready`.
    """
    _actions.update((action.value, action.label) for action in actions)
    for is_refused, shown in ((False, events or {}), (True, refused_events or {})):
        for action, event in shown.items():
            _events[action, is_refused] = event
            _ends.update(event.ended_by)
    FACTS.update(facts or {})
    _labels.update((choice.value, choice.label) for choices in labels for choice in choices)


def choices() -> list[tuple[str, str]]:
    """Return every action with its label, for a filter: in the order of the labels."""
    labels = [(code, str(label)) for code, label in _actions.items()]
    return sorted(labels, key=lambda choice: _alphabetical(choice[1]))


def _alphabetical(label: str) -> str:
    """Return what `label` is sorted by: without capitals and accents."""
    letters = normal_form("NFKD", label.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def is_event(action: str, *, is_refused: bool) -> bool:
    """Return whether the bell reads `action`: it is an event, or ends another one."""
    return (action, is_refused) in _events or (action in _ends and not is_refused)


def event(action: str, *, is_refused: bool) -> Event | None:
    """Return how the bell shows `action`, if it does."""
    return _events.get((action, is_refused))


def labels() -> list[tuple[str, Promise | str]]:
    """Return every code that may be a reason, a subject or part of a text, with its label."""
    return list(_labels.items())


class Words:
    """The codes of the log as people read them, in the language of the page. Each is looked up once."""

    def __init__(self) -> None:
        self.action = cache(lambda code: str(_actions.get(code, code)))
        self.result = cache(lambda code: str(_results.get(code, code)))
        # A subject, a reason, or a code in a text.
        self.label = cache(lambda code: str(_labels.get(code, code)))
        self._value = cache(lambda name, value: str(VALUES[name][value]))
        self._fact = cache(lambda name: str(FACTS.get(name, name)))
        # French has a space before the colon.
        self._line = gettext("%(name)s: %(value)s")
        self._system, self._unknown = str(SYSTEM), str(UNKNOWN)

    def person(self, name: str, address: str | None) -> str:
        """Return who did it, from an `address` or none."""
        return actor.shown(name) or (self._unknown if address else self._system)

    def read(self, text: str) -> str:
        """Return the text of before or after with the names that people know: a fact a line."""
        lines = []
        for line in text.splitlines():
            name, colon, value = line.partition(": ")
            shown = self._value(name, value) if value in VALUES.get(name, ()) else value
            lines.append(self._line % {"name": self._fact(name), "value": shown} if colon else self.label(name))
        return "\n".join(lines)
