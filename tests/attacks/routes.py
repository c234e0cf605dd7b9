"""Every address of the project, those for programs included, from the URL configuration."""

import re
from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.backend.frame.pages import addresses, filled_in

# An address that any regular expression of the gateway matches, by a part of the expression.
EXAMPLES = {
    "(?:payment|vault)": "payments/payment/1",
    "(?:merchant-registry": "payments/nothing",
    "(?:exports": "ims/x",
}


def _below(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for entry in patterns:
        part = str(entry.pattern)
        part = next((example for sign, example in EXAMPLES.items() if sign in part), part)
        if isinstance(entry, URLResolver):
            yield from _below(entry.url_patterns, before + part)
        else:
            yield f"/{before}{part}"


def for_programs() -> list[str]:
    """Return the addresses that no person opens: the gateway in its three places, and the probes."""
    pages = {*addresses()}
    return [address for address in _below(get_resolver().url_patterns) if address not in pages]


def pages() -> dict[str, list[str]]:
    """Return the addresses of all pages, each with what it is once its parameter is filled in."""
    return {address: list(filled_in(address)) for address in addresses()}


def is_of_gateway(address: str) -> bool:
    """Return whether the stand-in's gateway answers at an address."""
    return re.match(r"/(gateway|merchant-registry|payments|exports|feeds|cabp-org|ims)(/|$)", address) is not None
