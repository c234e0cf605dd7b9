"""Addresses of the report, with filters in them."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.http import urlencode

from connector.environment import Environment


def report(environment: Environment, filters: Mapping[str, str | Sequence[str]] | None = None) -> str:
    """Return the address of the report for one environment.

    An empty `start` or `end` among the `filters` lifts that bound; left out, it is the report's own.
    """
    query = urlencode({"source": environment.value} | dict(filters or {}), doseq=True)
    return f"{reverse('payments:orders')}?{query}"
