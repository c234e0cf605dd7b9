"""Finds the copy of the orders of the data space that is chosen now."""

from typing import Any

from connector.connection import Connection
from connector.environment import Environment
from payments.models import OrderSource


def find(stored: Connection, environment: Environment, **more: Any) -> OrderSource:
    """Return the source of the chosen data space in `environment`; an empty row if nothing was read yet.

    `more` are annotations of the row, which an empty one does not have.
    """
    key = {"data_space_id": stored.data_space_id, "environment": environment}
    return OrderSource.objects.filter(**key).annotate(**more).first() or OrderSource(**key)
