"""Looks at everything that support would ask about: checks, each with what it found and what to do about it.

No text holds a secret, a name of a person or an organisation, or the value of a setting; of an address it has the host.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import DatabaseError, InterfaceError, connections

from backend.frame.leaks import without_keys

# Longer than the deadline of the calls to a gateway.
PATIENCE_S = 10.0


class State(StrEnum):
    """Whether something is as it should be."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What was found, in a sentence, and what to do about it; nothing where it is as it should be."""

    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A check by its name, which programs know. `look` yields what it finds, and may raise anything."""

    name: str
    look: Callable[[], Iterable[Finding]]
    needs_database: bool = False


def fine(text: str) -> Finding:
    return Finding(State.OK, text)


def wrong(text: str, remedy: str) -> Finding:
    return Finding(State.WRONG, text, remedy)


def unknown(text: str, remedy: str = "") -> Finding:
    return Finding(State.UNKNOWN, text, remedy)


_registered: list[Check] = []


def register(*checks: Check) -> None:
    """Add checks of a higher room. Call it from `AppConfig.ready`."""
    _registered.extend(checks)


def registered() -> Sequence[Check]:
    """Return the checks that others have registered."""
    return _registered


def take(
    checks: Iterable[Check],
    waiting: Callable[[str], AbstractContextManager[object]] = nullcontext,
    patience_s: float = PATIENCE_S,
) -> list[tuple[str, Finding]]:
    """Return what each check finds, with its name. `waiting` shows meanwhile which one looks.

    If the check `database` finds at first that it does not answer, those that need one are not tried.
    """
    taken: list[tuple[str, Finding]] = []
    is_down = False
    for check in checks:
        with waiting(f"Looking at {check.name}"):
            if check.needs_database and is_down:
                found = [unknown("Not looked at: the database does not answer.")]
            else:
                found = _look(check, patience_s)
        if check.name == "database":
            is_down = found[0].state is not State.OK
        taken += [
            (check.name, replace(finding, text=_line(finding.text), remedy=_line(finding.remedy))) for finding in found
        ]
    return taken


def _look(check: Check, patience_s: float) -> list[Finding]:
    """Look in a thread of its own: nothing else bounds the time of a database that hangs, or of a name look-up."""
    future: Future[list[Finding]] = Future()

    def look() -> None:
        try:
            future.set_result(list(check.look()))
        except Exception as exc:  # noqa: BLE001  (it is raised again in the thread that waits)
            future.set_exception(exc)
        finally:
            connections.close_all()

    threading.Thread(target=look, name=f"doctor {check.name}", daemon=True).start()
    done, _pending = wait([future], timeout=patience_s)
    if not done:
        return [unknown(f"It took longer than {patience_s:.0f} seconds, so the check was left.")]
    try:
        return future.result()
    except (DatabaseError, InterfaceError):
        # The text of such an error may have values of the database.
        return [unknown("The database did not give an answer.", "See the findings about the database.")]
    except Exception as exc:  # noqa: BLE001  (one check must not end the others)
        text = f"The check itself failed: {type(exc).__name__}."
        return [unknown(text, "See the findings about the settings; otherwise report this.")]


def _line(text: str) -> str:
    """Return `text` as one line. What others write into a text could hold a key."""
    return without_keys(" ".join(text.split()))
