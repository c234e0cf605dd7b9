"""The user guide."""

from dashboard.guide import PAGES
from tests.addresses import GUIDE
from tests.browser.states.making import State, at, seen_by

# A dialog links to its cause, and the page marks it.
LED_TO = {"verification-result": "#pair_mismatch"}

STATES: dict[str, State] = {
    "guide": at(GUIDE),
    **{f"guide-{slug}": at(f"{GUIDE}{slug}/{LED_TO.get(slug, '')}") for slug in PAGES},
    "guide-merchant": seen_by("merchant", at(f"{GUIDE}not-reached/")),
}
