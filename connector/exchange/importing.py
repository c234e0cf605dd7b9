"""What an import would change: the form of the configuration page, filled in from a file."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connector.configuration.forms import ConfigurationForm
from connector.configuration.plan import SavePlan
from connector.connection import Connection
from connector.exchange import paths
from connector.exchange.paths import ConfigurationPath
from connector.exchange.reading import File, UnusableFileError
from connector.keys.diagnosis import ENCRYPTED

_MASKED = re.compile(r"\*{3,}|•{3,}")


@dataclass(frozen=True)
class Change:
    """A path whose value changes."""

    path: str
    now: str
    after: str


@dataclass(frozen=True)
class Import:
    """The plan of an import, with what changes and what is only said. `has_secret` means that the file holds keys."""

    plan: SavePlan
    changes: list[Change]
    remarks: list[str]
    has_secret: bool


def prepare(stored: Connection, file: File, *, insists: bool) -> Import:
    """Return what the import of `file` into `stored` would do; `insists` ticks the box of the page of that name.

    Raises UnusableFileError that names every path that cannot be imported.
    """
    known = paths.known()
    given = {path: file.values[name] for name, path in known.items() if name in file.values}
    problems = dict(_secrets_of_a_store(given))
    data = {path.field: value for path, value in given.items() if path.field}
    form = ConfigurationForm(stored, data | ({"insist": "on"} if insists else {}))
    form.full_clean()
    for name, path in known.items():
        if path.field and name not in problems and (text := _problem(form, path, given.get(path))):
            problems[name] = text
    of_environment = [path for path in given if path.field == "active_environment"]
    if len({given[path] for path in of_environment}) > 1:
        names = " and ".join(path.name for path in of_environment)
        problems[names] = "these two differ. Here one active environment is for everything: leave one of them out."
    if problems:
        message = f"Nothing was imported: {len(problems)} of the file’s lines cannot be."
        raise UnusableFileError(message, problems)
    plan = form.plan()
    if plan.project_id is not None and plan.data_space_id is None and data.get("data_space_id"):
        # The file names the data space that is chosen now, and it has to be one of the new project.
        plan = replace(plan, data_space_id=data["data_space_id"])
    after = _after(plan)
    changes = [
        Change(name, now, then)
        for name, path in known.items()
        if (now := path.value(stored)) != (then := path.value(after))
    ]
    has_secret = any(path.is_secret and value for path, value in given.items())
    return Import(plan, changes, list(_remarks(file, given, after)), has_secret)


def require_listed(plan: SavePlan) -> None:
    """Raise RefusedError where the last verification did not find the project or data space of `plan`."""
    if plan.active_environment in plan.pairs:
        # It may belong to another account, whose projects are not known.
        return
    slot = plan.stored.slots[plan.active_environment]
    if not slot.credentials or slot.verification.answered_at:
        plan.looked_up(slot.verification if slot.credentials else None)


def _secrets_of_a_store(given: Mapping[ConfigurationPath, str]) -> Iterator[tuple[str, str]]:
    """Yield the path of every secret that only the store can read, and what to do instead."""
    for path, value in given.items():
        what = ""
        if _MASKED.search(value):
            what = "is masked: a store shows no secrets."
        elif path.is_secret and ENCRYPTED.search(value):
            what = "is encrypted with a key that only the store has."
        if path.is_secret and what:
            environment = path.field.partition("_")[0]
            yield (
                path.name,
                f"{what} Take the line out, and set the pair with: manage.py connector keys set {environment}",
            )


def _problem(form: ConfigurationForm, path: ConfigurationPath, value: str | None) -> str:
    """Return why `value` cannot be imported; empty if it can, or changes nothing. None means that the file has none."""
    field = form.fields[path.field]
    if field.disabled:
        is_same = not value or (not path.is_secret and value == path.value(form.connection))
        return "" if is_same else str(field.locked_reason)  # type: ignore[attr-defined]  # of `fields.lock`
    if path.field == "active_environment" and value == "":
        return str(field.error_messages["invalid_choice"])
    # A half of a pair that is missing is an error of a line that is not there.
    is_concerned = value is not None or path.is_secret
    return " ".join(map(str, form.errors.get(path.field) or ())) if is_concerned else ""


def _after(plan: SavePlan) -> Connection:
    """Return the connection as `plan` makes it, as far as that is known before Commerce Services were asked."""
    stored, identifier = plan.stored, plan.identifier
    instance = copy.copy(stored.instance)
    for name, value in vars(identifier).items():
        setattr(instance, name, value)
    slots = dict(stored.slots)
    for environment, pair in plan.pairs.items():
        slots[environment] = replace(slots[environment], api_key=pair.api_key, private_key=pair.private_key)
    return replace(
        stored,
        instance=instance,
        slots=slots,
        active_environment=plan.active_environment,
        project_id=identifier.project_id if plan.changes_identifier else stored.project_id,
        data_space_id=identifier.data_space_id if plan.changes_identifier else stored.data_space_id,
    )


def _remarks(file: File, given: Mapping[ConfigurationPath, str], after: Connection) -> Iterator[str]:
    """Yield what the person should know of the file, a line for each thing that is not imported."""
    compared: dict[str, list[str]] = {}
    for path, value in given.items():
        here = path.value(after)
        if path.setting and value.rstrip("/") != here.rstrip("/"):
            # What comes before an @ in an address is a secret.
            shown = "another address" if "@" in value else value or "none"
            text = f"not imported, since a setting decides here ({here}). For {shown}, set {path.setting} and restart"
            yield f"{path.name}: {text} the server."
        elif path.remark and value not in {"", here}:
            compared.setdefault(path.remark, []).append(path.name)
    yield from (f"Not imported, since {why}: {', '.join(names)}." for why, names in compared.items())
    yield from (f"{name}: more than once in the file; the last one counts." for name in file.repeated)
    if file.scoped:
        yield f"Not imported, since it is of a website or store view: {', '.join(file.scoped)}."
    if file.unread:
        yield f"Left out, since there is no path: {file.unread} of the file’s lines."
