"""Every cause is one row: its kind, its words, its buttons, and the page of the guide that says more."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from connector.verification.causes import ROWS, Cause
from connector.verification.row import Button, Kind
from tests.factories import said_of

BASE_DIR: Path = settings.BASE_DIR
# The places that find a cause: in what the gateway says of a pair, in the pair itself.
FINDERS = {"connector/verification/examine.py", "connector/slot.py"}
# Other decisions that depend on a cause, apart from what is said or shown.
DECISIONS = {
    "connector/configuration/projects.py",  # Whether an action that was cut off may have been done.
    "connector/configuration/forms.py",  # What a field shows of the stored pair.
    "connector/configuration/pairs.py",  # Why a pair is not moved.
    "connector/configuration/plan.py",  # Whether a replaced key is to be deleted.
    "connector/configuration/save.py",  # Where a refused pair belongs.
    "connector/command_line/stand_in.py",  # Whether the stand-in has to be started.
    "connector/models/key_pairs.py",  # Whether a replaced pair can ever work again.
    "connector/rekey/reencryption.py",  # What the log says of values that do not open.
    "payments/management/commands/payments.py",  # Whether the stand-in has to be started.
}


def test_every_cause_has_its_row() -> None:
    assert set(ROWS) == set(Cause)


def test_a_new_cause_touches_its_row_and_the_place_that_finds_it() -> None:
    named = {
        str(path.relative_to(BASE_DIR))
        for app in ("backend", "config", "connector", "dashboard", "payments", "saas")
        for path in (BASE_DIR / app).rglob("*.py")
        if re.search(r"\bCause\.[A-Z]", path.read_text(encoding="utf-8"))
    }
    assert named - FINDERS - DECISIONS == {"connector/verification/causes.py"}


def test_no_template_decides_by_a_cause() -> None:
    written = re.compile("|".join(rf"""["']{cause}["']""" for cause in Cause))
    templates = sorted((BASE_DIR / "templates").rglob("*.html"))
    assert [path.name for path in templates if written.search(path.read_text(encoding="utf-8"))] == []


def test_every_text_is_a_sentence_without_a_gap_to_fill() -> None:
    texts = [text for cause in Cause for text in (said_of(cause).explanation, str(cause.row.next_step))]
    assert [text for text in texts if not text.endswith(".") or "%" in text] == []


def test_every_cause_has_a_button_unless_asking_again_is_all_that_helps() -> None:
    without = [cause for cause in Cause if not set(cause.row.buttons) - {Button.RESTORE_PAIR}]
    assert [cause for cause in without if cause.kind is not Kind.UNKNOWN] == []


def test_where_the_former_pair_helps_it_comes_first_and_is_named() -> None:
    rows = [cause.row for cause in Cause if Button.RESTORE_PAIR in cause.row.buttons]
    named = "Restore the former pair"
    assert [row for row in rows if row.buttons[0] != Button.RESTORE_PAIR or named not in str(row.if_restorable)] == []


def test_every_cause_of_the_network_names_the_host() -> None:
    unknown = [said_of(cause).explanation for cause in Cause if cause.kind is Kind.UNKNOWN]
    assert [explanation for explanation in unknown if "gateway.test" not in explanation] == []


@pytest.mark.parametrize("cause", [Cause.KEYS_MISSING, Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN, Cause.PAIR_MISMATCH])
def test_who_alone_can_make_keys_is_said_with_the_advice_to_make_some(cause: Cause) -> None:
    assert "the account’s license owner" in str(cause.row.next_step)
