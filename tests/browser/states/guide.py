"""The user guide."""

from tests.browser.states.making import State, at, seen_by
from tests.browser.visit import GUIDE

STATES: dict[str, State] = {
    "guide": at(GUIDE),
    "guide-cause": at(f"{GUIDE}verification-result/#pair_mismatch"),
    "guide-keys": at(f"{GUIDE}enter-the-keys/"),
    "guide-replace": at(f"{GUIDE}replace-a-key-pair/"),
    "guide-people": at(f"{GUIDE}give-people-access/"),
    "guide-not-reached": seen_by("merchant", at(f"{GUIDE}not-reached/")),
}
