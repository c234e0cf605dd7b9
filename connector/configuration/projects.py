"""Projects and data spaces of the account: created and renamed at Commerce Services, with the active pair."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connector import connection
from connector.action_log import Action, Refusal
from connector.configuration import log
from connector.configuration.log import Entry
from connector.configuration.save import changing
from connector.configuration.verify_now import verify
from connector.connection import Connection
from connector.errors import GatewayError, PairMissingError, RefusedError
from connector.gateway.client import Client, Deadline, connect
from connector.models import Identifier, Instance
from connector.models.names import Names
from connector.verification.advice import clock_time
from connector.verification.causes import Cause
from connector.verification.examine import cause_of


def create_project(name: str, stored: Connection) -> bool:
    """Create a project with the active pair, and choose it unless the instance is configured: then it stays as it is.

    Returns whether it was chosen.
    The revision is claimed before the gateway is asked, so that a form sent twice makes one project. The log says that
    it begins: should the process end meanwhile, nothing else shows that there may be a project.
    Raises PairMissingError, RefusedError, StaleRevisionError.
    """
    deadline = Deadline()
    with asking(Entry(Action.PROJECT_CREATED, name), stored, deadline) as client:
        stored.require_unlocked("project_id")
        with transaction.atomic(durable=True):
            log.advance(stored, Entry(Action.PROJECT_BEGUN, name))
        try:
            new = client.create_project(name)[0]
        except GatewayError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            # Another instance may have created the project that is in the way: list it.
            verify(connection.load(stored.now), [stored.active_environment], deadline)
            listed = {space.project_id for space in connection.load(stored.now).data_spaces}
            raise _no_room(max(1, len(listed))) from error
        return _choose(Identifier(new.project_id, new.project_name), stored)


def _no_room(count: int) -> RefusedError:
    """Return what is wrong where the account has `count` projects, at least one, and its license allows no more."""
    text = ngettext(
        "No project was created: this account has %(count)d project, and its license allows no more. Choose that "
        "one under Project, or ask the license owner to extend the license.",
        "No project was created: this account has %(count)d projects, and its license allows no more. Choose one "
        "of them under Project, or ask the license owner to extend the license.",
        count,
    )
    return RefusedError(Refusal.LICENSE, text % {"count": count}, "project_id")


def _choose(new: Identifier, stored: Connection) -> bool:
    """Log the project of `new`, and choose it where that takes nothing away; return whether it was chosen."""
    entries = [Entry(Action.PROJECT_CREATED, new.project_name, after=log.named(new.project_id, new.project_name))]
    with transaction.atomic(durable=True):
        is_chosen = not stored.is_configured and Instance.objects.advance(
            stored.instance.revision + 1, **stored.instance.choosing(new, stored.now)
        )
        if is_chosen:
            entries += log.choosing(stored.instance, new)
        for entry in entries:
            entry.record()
    return is_chosen


def rename_project(name: str, stored: Connection) -> None:
    """Give the project in use another name; no id changes.

    Raises PairMissingError, RefusedError, StaleRevisionError.
    """
    before, after = log.named(stored.project_id, stored.project_name), log.named(stored.project_id, name)
    entry = Entry(Action.PROJECT_RENAMED, name, before, after)
    names = Names(projects={stored.project_id: name})
    _rename("project_id", Client.rename_project, entry, names, stored)


def rename_data_space(name: str, stored: Connection) -> None:
    """Give the data space in use another name; no id changes. Raises as `rename_project`."""
    before, after = log.named(stored.data_space_id, stored.data_space_name), log.named(stored.data_space_id, name)
    entry = Entry(Action.DATA_SPACE_RENAMED, name, before, after)
    names = Names(data_spaces={stored.data_space_id: name})
    _rename("data_space_id", Client.rename_data_space, entry, names, stored)


def _rename(
    field: str, call: Callable[[Client, str, str], object], entry: Entry, names: Names, stored: Connection
) -> None:
    """Rename at Commerce Services, by `call`, what `field` names; then store and log the new name."""
    with asking(entry, stored, Deadline()) as client:
        require_chosen(field, stored)
        call(client, getattr(stored, field), entry.subject)
        with transaction.atomic(durable=True):
            names.store()
            entry.record()


def require_chosen(field: str, stored: Connection) -> None:
    """Raise RefusedError where no project, or no data space, is chosen."""
    if not getattr(stored, field):
        text = _("There is no project or data space to change. Choose one and save first.")
        raise RefusedError(Refusal.IDENTIFIER, text, field)


@contextmanager
def asking(entry: Entry, stored: Connection, deadline: Deadline) -> Iterator[Client]:
    """Yield a client with the active pair, keep other changes away meanwhile, and verify again afterwards.

    What is refused is logged as `entry`. Raises PairMissingError, StaleRevisionError, and RefusedError where the
    gateway fails.
    """
    credentials = stored.active.credentials
    with log.refusals_of(entry), changing(stored.instance, stored.now):
        if credentials is None:
            raise PairMissingError
        try:
            yield connect(stored.active_environment, credentials, deadline, stored.identity)
        except GatewayError as error:
            raise _not_done(error, stored.now) from error
    verify(connection.load(stored.now), [stored.active_environment], deadline)


def _not_done(error: GatewayError, now: datetime) -> RefusedError:
    cause = cause_of(error, now)
    if cause is Cause.RATE_LIMITED:
        text = _("Nothing was changed: %(cause)s. Try again at %(time)s or later.")
        again_at = now + timedelta(seconds=error.retry_after_s or 0)
        return RefusedError(cause, text % {"cause": cause.label, "time": clock_time(again_at)})
    text = _("Nothing was changed: %(cause)s. %(next_step)s")
    if cause in {Cause.TIMEOUT, Cause.GATEWAY_ERROR}:
        text = _("%(cause)s, so it is not known whether it was done. Look at the list before you repeat it.")
    return RefusedError(cause, text % {"cause": cause.label, "next_step": cause.row.next_step})
