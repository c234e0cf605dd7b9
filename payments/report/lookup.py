"""Finds an order by its number, or by the id that its store gave it."""

import re

from payments.models import Order

# One word with a digit, no longer than the field. People may write a # in front of it.
_NUMBER = re.compile(r"#?(?=\S{1,64}$)(\S*[0-9]\S*)")
MOST = 5


def number_in(text: str) -> str:
    """Return the number or id that `text` may be; empty if it is none."""
    found = _NUMBER.fullmatch(text)
    return found[1] if found else ""


def find(data_space_id: str, number: str) -> list[Order]:
    """Return the orders of a data space with exactly this number or id in either environment, the newest first.

    There are at most `MOST`, and only what names an order is loaded.
    """
    own = Order.objects.filter(source__data_space_id=data_space_id).select_related("source")
    named = own.only("number", "order_id", "ordered_at", "source__environment")
    # Each half uses its own index. For an OR, PostgreSQL reads every order.
    return list(named.filter(number=number).union(named.filter(order_id=number)).order_by("-ordered_at")[:MOST])
