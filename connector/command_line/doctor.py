"""`connector doctor`: everything that support would ask about, with what to do about it, and no secret."""

import json
import os
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone

from connector.command_line.arguments import add_json
from connector.command_line.console import Console, ExitCode
from connector.doctor import gateways, pairs, server, storage, upkeep
from connector.doctor.findings import Check, Finding, State, registered, take
from connector.environment import Environment

HELP = (
    "look at everything that support would ask about; exits with 1 if something is wrong, 2 if something is not known"
)

CHECKS = (
    Check("version", server.version),
    Check("mode", server.mode),
    Check("database", storage.database),
    Check("migrations", storage.migrations, needs_database=True),
    Check("tables", storage.tables, needs_database=True),
    Check("database file", storage.database_file, needs_database=True),
    Check("settings", server.system_checks),
    Check("cache", server.cache_works),
    Check("static files", server.static_files),
    Check("limits", server.limits),
    Check("clock", server.clock),
    Check("certificates", gateways.certificates),
    *(Check(f"{environment} gateway", partial(gateways.gateway, environment)) for environment in Environment),
    Check("instance", pairs.instance, needs_database=True),
    Check("key pairs", pairs.pairs, needs_database=True),
    Check("encryption keys", pairs.key_ring, needs_database=True),
    Check("former pairs", pairs.former_pairs, needs_database=True),
    Check("people", upkeep.people, needs_database=True),
    Check("sessions", upkeep.sessions, needs_database=True),
    Check("action log", upkeep.action_log, needs_database=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--bundle", metavar="FILE", help="write it all to a new file as well, to send to support")
    add_json(parser)
    # What the checks before a command complain about is what somebody runs the doctor for.
    parser.set_defaults(skip_checks=True)


def run(console: Console, options: dict[str, Any]) -> ExitCode:
    """Look, print, and write the bundle. Raises CommandError where that file cannot be made."""
    bundle = options["bundle"]
    if bundle and os.path.lexists(bundle):
        message = f"{bundle} exists already. Name a new file."
        raise CommandError(message, returncode=ExitCode.REFUSED)
    findings = take([*CHECKS, *registered()], console.waiting)
    states = [finding.state for _name, finding in findings]
    state = next((state for state in (State.WRONG, State.UNKNOWN) if state in states), State.OK)
    report = {
        "product": "Commerce Admin",
        "version": settings.VERSION,
        "checked_at": timezone.now().isoformat(timespec="seconds"),
        "state": state.value,
        "findings": [{"check": name, **vars(finding)} for name, finding in findings],
    }
    if options["json"]:
        console.json(report)
    else:
        _print(console, findings)
        console.print(f"{states.count(State.WRONG)} wrong, {states.count(State.UNKNOWN)} not known.")
    if bundle:
        _write(bundle, json.dumps(report, indent=2, ensure_ascii=False))
        console.warn(f"Written to {bundle}. It holds no secret; read it before you send it.")
    return {State.OK: ExitCode.DONE, State.WRONG: ExitCode.REFUSED, State.UNKNOWN: ExitCode.UNKNOWN}[state]


def _print(console: Console, findings: list[tuple[str, Finding]]) -> None:
    if not console.out.isatty():
        rows = [[finding.state, name, finding.text, finding.remedy] for name, finding in findings]
        console.table(["state", "check", "found", "to do"], rows)
        return
    rows = []
    before = ""
    for name, finding in findings:
        text = f"{finding.text}\nTo do: {finding.remedy}" if finding.remedy else finding.text
        state = finding.state.value if finding.state is State.OK else finding.state.value.upper()
        rows.append([state, "" if name == before else name, text])
        before = name
    console.table(["State", "Check", "Found, and to do"], rows)


def _write(name: str, text: str) -> None:
    """Write a file that only this user can read. Raises CommandError."""
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is not the name of a file"
        message = f"{name} cannot be written: {why}. Name a new file in a folder that this user may write."
        raise CommandError(message, returncode=ExitCode.REFUSED) from error
