"""Reads the numbers of an order: amounts and quantities."""

import json
import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from connector.gateway.responses import MAX_TEXT_CHARACTERS

# SQLite keeps 15 digits of a number, so a longer amount goes into neither database.
_COLUMN = Context(prec=15, rounding=ROUND_HALF_UP)
_PLACES = Decimal("0.0001")
_NUMBER = re.compile(r"-?[0-9]{1,255}(\.[0-9]{1,255})?([eE][+-]?[0-9]{1,3})?", re.ASCII)


def rounded(value: object) -> Decimal | None:
    """Return `value` as a number of four decimals; None if it is not one, or too large.

    Stores calculate with floating point and send 0.30000000000000004 for 0.3, so further decimals are rounded. Gateways
    send amounts as text. A number in JSON counts as it is written.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = repr(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    try:
        # Added to zero, because what is left of a tiny negative number would have its sign.
        return Decimal(value).quantize(_PLACES, context=_COLUMN) + 0
    except InvalidOperation:
        return None


def as_sent(value: object) -> str:
    """Return `value` as people read it: a text as it is, anything else in JSON."""
    return (value if isinstance(value, str) else json.dumps(value))[:MAX_TEXT_CHARACTERS]
