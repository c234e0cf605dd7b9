"""`connector switch`: make the pair of the other environment the active one."""

from argparse import ArgumentParser
from typing import Any

from connector import connection
from connector.command_line import saving, state
from connector.command_line.arguments import add_confirm, environment
from connector.command_line.console import Console, ExitCode
from connector.configuration import outcome, pairs, protection
from connector.environment import Environment
from connector.errors import PairMissingError, RefusedError

HELP = "make an environment the active one, whose pair Payment Services uses"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("environment", type=environment, metavar="sandbox|production")
    add_confirm(parser)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    """Ask for the name of the environment where payments depend on it, and switch. Raises as `switch_environment`."""
    stored, target = connection.load(), Environment(options["environment"])
    if target != stored.active_environment:
        obstacle = protection.obstacle_to_switch(target, stored)
        is_refused = obstacle is not None and bool(obstacle.code)
        is_possible = stored.slots[target].is_whole and "active_environment" not in stored.variables
        if is_possible and not is_refused and protection.asks_to_switch(target, stored):
            console.confirm(str(target.label), protection.cost_of_switch(stored, obstacle), target)
        try:
            pairs.switch_environment(target, stored)
        except PairMissingError as error:
            raise RefusedError(error.code, state.advice(stored.slots[target])) from error
    saving.say(console, outcome.switched(target))
    return ExitCode.DONE
