"""Saves as the configuration page does: it asks what the page asks, and says what the page says."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.forms import Form

from backend.frame.leaks import holds_key
from backend.frame.withheld import REFUSED
from connector import connection
from connector.action_log import Refusal
from connector.command_line import state
from connector.command_line.console import Console, ExitCode
from connector.configuration import outcome, protection
from connector.configuration.outcome import Outcome
from connector.configuration.plan import SavePlan
from connector.configuration.save import save
from connector.environment import Environment
from connector.errors import RefusedError


@dataclass(frozen=True)
class Question:
    """What the page asks before it saves: `name`, or one of `others`, confirms the `cost`.

    `answer` is what the plan has then.
    """

    name: str
    cost: str
    answer: Mapping[str, Any]
    others: tuple[str, ...] = ()


# What was given is refused by a form. It is not logged: nothing was tried.
INVALID = "invalid"


def save_plan(console: Console, plan: SavePlan) -> ExitCode:
    """Save what `plan` changes, once what the page asks is confirmed. Raises as `save`."""
    if plan.is_empty:
        say(console, outcome.unchanged(replace(plan, insist=False)))
        return ExitCode.DONE
    plan = confirmed(console, plan)
    with console.waiting("Verifying and saving"):
        saved = save(plan, None)
    return report(console, outcome.saved(saved), saved.findings)


def report(console: Console, said: Outcome, asked: Iterable[Environment]) -> ExitCode:
    """Print an outcome, and of each pair that was `asked` about why it is not verified."""
    say(console, said)
    stored = connection.load()
    slots = [stored.slots[environment] for environment in asked]
    for text in filter(None, map(state.advice, slots)):
        console.print(text)
    return max(map(state.exit_code, slots), default=ExitCode.DONE)


def confirmed(console: Console, plan: SavePlan) -> SavePlan:
    """Return `plan` with what the page asks to confirm. Raises RefusedError."""
    require_allowed(plan)
    for question in questions(plan):
        console.confirm(question.name, question.cost, *question.others)
        plan = replace(plan, **question.answer)
    return plan


def require_allowed(plan: SavePlan) -> None:
    """Raise RefusedError where the page would refuse `plan`, whatever is confirmed."""
    protection.require_allowed(replace(plan, confirmation=protection.name_to_type(plan.stored), switches=True))


def questions(plan: SavePlan) -> Iterator[Question]:
    """Yield what the page asks to confirm before it saves `plan`, as far as that is known without Commerce Services."""
    stored = plan.stored
    name = protection.name_to_type(stored)
    costs = [protection.cost_of_pair(of, stored) for of in plan.pairs if stored.slots[of].is_verified]
    costs += [protection.cost_of_identifier(stored)] if plan.changes_identifier else []
    if name and costs:
        yield Question(name, " ".join(costs), {"confirmation": name})
    target = plan.active_environment
    if protection.asks_to_switch(target, stored):
        # Where the data space is changed too, the chosen one counts.
        is_chosen = plan.changes_identifier and bool(plan.identifier.data_space_id)
        after = replace(stored, data_space_id=plan.identifier.data_space_id) if is_chosen else stored
        cost = protection.cost_of_switch(stored, protection.obstacle_to_switch(target, after))
        yield Question(str(target.label), cost, {"switches": True}, (target,))
    if other := protection.occupant(replace(plan, listed=stored.data_spaces)):
        yield Question(other.title, protection.cost_of_sharing(other), {"shares": True})


def say(console: Console, said: Outcome | None) -> None:
    """Print each sentence of an outcome."""
    for sentence in said.sentences if said else ():
        console.print(sentence)


def require_unlocked(form: Form, sent: Collection[str]) -> None:
    """Raise RefusedError if an environment variable sets a field of `sent`: the stored value would not be used."""
    for name in sent:
        field = form.fields.get(name)
        if field and field.disabled:
            raise RefusedError(Refusal.LOCKED, f"{field.label}: {field.locked_reason}", name)  # type: ignore[attr-defined]


def require_valid(form: Form) -> None:
    """Raise RefusedError with what `form` refuses, in the words of the page; key fields look for keys themselves."""
    require_no_key(*(value for name, value in form.data.items() if not name.endswith(("_api_key", "_private_key"))))
    if form.is_valid():
        return
    texts = [
        f"{form.fields[name].label}: {error}" if name in form.fields and form.fields[name].label else str(error)
        for name, errors in form.errors.items()
        for error in errors
    ]
    raise RefusedError(INVALID, " ".join(texts))


def require_no_key(*given: object) -> None:
    """Raise RefusedError where a text may be part of a private key: it would be sent on and shown as a name."""
    if any(holds_key(text) for text in given if isinstance(text, str)):
        raise RefusedError(INVALID, str(REFUSED))
