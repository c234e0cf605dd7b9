"""The action log as people read it: orders and conditions of a query by the labels of the page, not by their codes."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Lower

from backend.audit import actions, actor
from backend.audit.actions import Result

_IS_SYSTEM = Q(user_name="", address__isnull=True)
_IS_UNKNOWN = Q(user_name="", address__isnull=False)


def by_action() -> Case:
    """Return the order by the label of the action, in the language of the page."""
    ranks = [When(action=code, then=rank) for rank, (code, _label) in enumerate(actions.choices())]
    return Case(*ranks, default=len(ranks))


def by_subject() -> Lower:
    """Return the order by the item as people read it: a name, or the label of a code."""
    labels = [When(subject=code, then=Value(str(label))) for code, label in actions.labels()]
    return Lower(Case(*labels, default=F("subject")))


def by_person() -> Lower:
    """Return the order by who did it: a name, or the word for the system or an unknown person."""
    system = When(_IS_SYSTEM, then=Value(str(actions.SYSTEM)))
    unknown = When(_IS_UNKNOWN, then=Value(str(actions.UNKNOWN)))
    return Lower(Case(system, unknown, default=F("user_name")))


def read_with(word: str) -> Q:
    """Return the condition that a code of the row, or the text that people read in its place, holds `word`."""

    def codes(labels: Iterable[tuple[str, Any]]) -> list[str]:
        return [code for code, label in labels if word.casefold() in f"{code} {label}".casefold()]

    labelled = codes(actions.labels())
    found = Q(action__in=codes(actions.choices())) | Q(result__in=codes(Result.choices)) | Q(cause__in=labelled)
    for column in ("subject", "before", "after"):
        found |= Q((f"{column}__in", labelled))
    for name in codes(actions.FACTS.items()):
        found |= Q(before__contains=f"{name}: ") | Q(after__contains=f"{name}: ")
    for title, is_so in ((actions.SYSTEM, _IS_SYSTEM), (actions.UNKNOWN, _IS_UNKNOWN)):
        found |= is_so if word.casefold() in str(title).casefold() else Q()
    if word.casefold() in str(actor.SHELL_LABEL).casefold():
        found |= Q(user_name__endswith=actor.SHELL)
    return found


def done_by(name: str) -> Q:
    """Return the condition that the row shows `name`: a person's, or the word for the system or an unknown person."""
    found = Q(user_name=actor.stored(name))
    for title, is_so in ((actions.SYSTEM, _IS_SYSTEM), (actions.UNKNOWN, _IS_UNKNOWN)):
        found |= is_so if name.casefold() == str(title).casefold() else Q()
    return found
