"""What a change costs, said before it is made.

Once an instance is connected to a Production data space, the name of that data space has to be typed to change the
project, the data space or a verified pair. Keys and identifier are changed one at a time. Sharing a data space with
another instance, and switching the active environment, have to be confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from backend.frame.fields import visible
from backend.frame.templates import date
from connector.action_log import Refusal
from connector.configuration.plan import SavePlan
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import RefusedError
from connector.gateway.client import LastInstance
from connector.slot import Slot

PRODUCTION_TYPE = "Production"


@dataclass(frozen=True)
class Cost:
    """What is lost when one of `stored` changes: the names of form fields, each with the value that is kept there."""

    text: str
    stored: Mapping[str, str]


@dataclass(frozen=True)
class Obstacle:
    """A reason against another active environment. With a `code` for the log it refuses the switch, else it warns."""

    text: str
    code: str = ""


_obstacles: list[Callable[[Environment, Connection], Obstacle | None]] = []


def register_obstacle(find: Callable[[Environment, Connection], Obstacle | None]) -> None:
    """Let `find` look for a reason against making an environment the active one. Call it from `AppConfig.ready`."""
    _obstacles.append(find)


def obstacle_to_switch(target: Environment, connection: Connection) -> Obstacle | None:
    """Return the first reason against making `target` the active environment, None without one."""
    if not asks_to_switch(target, connection):
        return None
    return next((obstacle for find in _obstacles if (obstacle := find(target, connection))), None)


def require_no_obstacle(target: Environment, connection: Connection) -> None:
    """Raise RefusedError where something refuses to make `target` the active environment."""
    obstacle = obstacle_to_switch(target, connection)
    if obstacle and obstacle.code:
        raise RefusedError(obstacle.code, obstacle.text, "active_environment")


def name_to_type(connection: Connection) -> str:
    """Return what has to be typed before something is lost: the Production data space's name, or an empty string."""
    # It does not depend on the keys: removing a pair first must not remove the protection.
    is_protected = bool(connection.data_space_id) and connection.data_space_type == PRODUCTION_TYPE
    return connection.data_space_name if is_protected else ""


def name_to_remove(environment: Environment, connection: Connection) -> str:
    """Return what has to be typed before the pair of `environment` is removed."""
    is_verified = connection.slots[environment].is_verified
    return (name_to_type(connection) if is_verified else "") or str(environment.label)


def is_typed(typed: str, name: str) -> bool:
    """Return whether `typed` is `name` as a page shows it, apart from case and invisible characters."""
    return visible(typed).casefold() == visible(name).casefold()


def require_typed(typed: str, name: str) -> None:
    """Raise RefusedError where `typed` is not `name`."""
    if not is_typed(typed, name):
        text = _("Type “%(name)s” here to confirm what this change costs. Nothing was changed.") % {"name": name}
        raise RefusedError(Refusal.NOT_CONFIRMED, text, "confirmation")


def text_of_removal(slot: Slot) -> str:
    """Return what it means for the pair of `slot` when it is removed."""
    if slot.is_deleted:
        text = _(
            "The %(environment)s pair is no longer used from now on. Its key was deleted in the API Portal, so it is "
            "erased."
        )
    elif not slot.becomes_former:
        text = _(
            "The %(environment)s pair is no longer used from now on. It never worked, so it is erased; the former pair "
            "stays and can be restored."
        )
    else:
        text = _(
            "The %(environment)s pair is no longer used from now on. It can be restored here for 30 days; then it is "
            "erased, and to come back you generate a new pair in the API Portal."
        )
    return text % {"environment": slot.environment.label}


def text_of_erasing_former() -> str:
    """Return what it means when a former pair is erased before its time."""
    return _(
        "Nobody can restore it afterwards. The pair in use is not touched. Erasing it here does not delete the key in "
        "the API Portal."
    )


def text_of_erasing_at_once() -> str:
    """Return what it means when a pair is erased as it is removed."""
    return _("Erase it at once, and the former pair too: then no pair of this environment can be restored.")


def cost_of_removal(environment: Environment, connection: Connection) -> str:
    """Return what stops when the pair of `environment` is removed; empty where nothing does."""
    if environment != connection.active_environment:
        return ""
    return _("This is the active environment: Payment Services stops working until it has keys again.")


def costs(connection: Connection) -> list[Cost]:
    """Return what each change would cost that has to be confirmed by the data space's name; empty if none has to."""
    if not name_to_type(connection):
        return []
    found = [
        Cost(
            cost_of_pair(environment, connection),
            {f"{environment}_api_key": slot.api_key, f"{environment}_private_key": ""},
        )
        for environment, slot in connection.slots.items()
        if slot.is_verified and slot.is_stored and not slot.is_locked
    ]
    stored = {"project_id": connection.project_id, "data_space_id": connection.data_space_id}
    free = {name: value for name, value in stored.items() if name not in connection.variables}
    return [*found, Cost(cost_of_identifier(connection), free)] if free else found


def cost_of_pair(environment: Environment, connection: Connection) -> str:
    """Return what it costs when another pair, or none, takes the place of the one of `environment`."""
    text = _("Another %(environment)s pair: other programs that use the present pair have to change to it too.") % {
        "environment": environment.label
    }
    if environment != connection.active_environment:
        return text
    more = _(
        "Payment Services uses it at once. If it belongs to another account, it has no access to “%(name)s”, "
        "and payments stop."
    )
    return f"{text} {more % {'name': connection.data_space_name}}"


def cost_of_identifier(connection: Connection) -> str:
    """Return what it costs to choose another project or data space, or none."""
    return _(
        "Another project or data space: onboarding, payment settings and everything that Commerce Services has stored "
        "stay in “%(name)s” and do not come along. Payments stop until the new data space is set up."
    ) % {"name": connection.data_space_name}


def cost_of_clean_up(connection: Connection) -> str:
    """Return what is lost when the data space in use is cleaned up."""
    cost = _(
        "“%(name)s” becomes as empty as a new data space: onboarding, orders and all else that Commerce Services "
        "has stored of it is deleted for good, and payments stop until it is set up again. Its name and ids stay."
    ) % {"name": connection.data_space_name}
    space, instance_id = connection.data_space, connection.identity.instance_id
    if other := space.occupant(instance_id, connection.now) if space else None:
        cost += " " + _("“%(name)s” works in this data space too.") % {"name": other.title}
    return cost


def require_allowed(plan: SavePlan) -> None:
    """Refuse what cannot be done at once, or costs something that was not confirmed.

    Raises:
        RefusedError: keys would be replaced and the chosen data space left in one save; something would be lost, and
            the data space's name was not typed; another environment would become active, and that was not confirmed.
    """
    replaced = [plan.stored.slots[environment] for environment in plan.pairs]
    is_stored = any(slot.is_stored for slot in replaced)
    if plan.stored.data_space_id and is_stored and plan.changes_identifier:
        text = _(
            "Keys and project or data space are not changed in one save: if payments stopped, nobody could tell which "
            "of them it was. Nothing was saved. Save the keys first, then choose the project or data space."
        )
        raise RefusedError(Refusal.ONE_AT_A_TIME, text)
    name = name_to_type(plan.stored)
    loses = plan.changes_identifier or any(slot.is_verified for slot in replaced)
    if name and loses:
        require_typed(plan.confirmation, name)
    # Where the data space is changed too, the chosen one counts.
    is_changed = plan.stored.data_space_id and plan.changes_identifier
    after = replace(plan.stored, data_space_id=plan.identifier.data_space_id) if is_changed else plan.stored
    require_no_obstacle(plan.active_environment, after)
    if asks_to_switch(plan.active_environment, plan.stored) and not plan.switches:
        text = _("Tick the box to confirm the switch, then save again.")
        raise RefusedError(Refusal.SWITCH_NOT_CONFIRMED, text, "switches")


def require_free(plan: SavePlan) -> None:
    """Raise RefusedError where another instance works in the data space that is chosen, unless it is to be shared."""
    if (found := occupant(plan)) and not plan.shares:
        way = _("Nothing was saved: choose another data space, or choose this one below and confirm that you mean it.")
        raise RefusedError(Refusal.OCCUPIED, f"{cost_of_sharing(found)} {way}", "data_space_id")


def occupant(plan: SavePlan) -> LastInstance | None:
    """Return the other instance that works in the data space that `plan` chooses."""
    space = next((space for space in plan.listed if space.id == plan.identifier.data_space_id), None)
    if space is None or space.id == plan.stored.data_space_id:
        return None
    return space.occupant(plan.stored.identity.instance_id, plan.stored.now)


def cost_of_sharing(other: LastInstance) -> str:
    """Return what it means to work in the data space of the instance `other` too."""
    text = _(
        "“%(name)s” works in this data space; it was last seen there on %(time)s. Two instances in one data space "
        "overwrite each other’s data."
    )
    return text % {"name": other.title, "time": date(other.seen_at)}


def asks_to_switch(target: Environment, connection: Connection) -> bool:
    """Return whether making `target` the active environment has to be confirmed.

    Without a data space no payment is taken, so nothing has to be confirmed.
    """
    return target != connection.active_environment and bool(connection.data_space_id)


def cost_of_switch(connection: Connection, obstacle: Obstacle | None) -> str:
    """Return what happens when the other environment becomes the active one; `obstacle` is the reason against it."""
    target = connection.inactive
    cost = _("Production → Sandbox: your shop stops taking real payments.")
    if target.environment is Environment.PRODUCTION:
        cost = _("Sandbox → Production: real cards are charged from now on.")
    sentences = [cost]
    if target.is_whole and target.is_blocked:
        text = _("The %(environment)s pair does not work: without another one, Payment Services stops working.")
        sentences.append(text % {"environment": target.environment.label})
    if obstacle:
        sentences = [obstacle.text] if obstacle.code else [*sentences, obstacle.text]
    return " ".join(sentences)
