"""Every cause is one row: its kind, its words, its buttons, and the page of the guide that says more."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from connector.verification.causes import ROWS, Button, Cause, Kind, When
from tests.factories import said_of

BASE_DIR: Path = settings.BASE_DIR
# The places that find a cause: in a failed call, in what the gateway says of a pair, in the pair itself.
FINDERS = {"connector/verification/failed_call.py", "connector/verification/examine.py", "connector/slot.py"}
# What else a program decides by a cause, not what it says or shows.
DECISIONS = {
    "connector/configuration/projects.py",  # Whether an action that was cut off may have been done.
    "connector/configuration/forms.py",  # What a field shows of the stored pair.
    "connector/configuration/plan.py",  # Whether a replaced key is to be deleted.
    "connector/configuration/save.py",  # Where a refused pair belongs.
    "connector/management/commands/verify.py",  # Whether the stand-in has to be started.
    "connector/models/key_pairs.py",  # Whether a replaced pair can ever work again.
    "connector/rekey/reencryption.py",  # What the log says of values that do not open.
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


@pytest.mark.parametrize("cause", Cause)
def test_it_explains_itself_in_whole_sentences(cause: Cause) -> None:
    explanation = said_of(cause).explanation
    assert explanation.endswith(".")
    assert "%" not in explanation


@pytest.mark.parametrize("cause", Cause)
def test_it_has_one_next_step_without_a_gap_to_fill(cause: Cause) -> None:
    assert str(cause.row.next_step).endswith(".")
    assert "%" not in str(cause.row.next_step)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.kind is not Kind.UNKNOWN])
def test_it_has_a_button_unless_asking_again_is_all_that_helps(cause: Cause) -> None:
    assert set(cause.row.buttons) - {Button.RESTORE_PAIR}


@pytest.mark.parametrize("cause", [cause for cause in Cause if Button.RESTORE_PAIR in cause.row.buttons])
def test_where_the_former_pair_helps_it_comes_first_and_is_named(cause: Cause) -> None:
    assert cause.row.buttons[0] is Button.RESTORE_PAIR
    assert cause.row.has(When.RESTORABLE)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.kind is Kind.UNKNOWN])
def test_a_cause_of_the_network_names_the_host(cause: Cause) -> None:
    assert "gateway.test" in said_of(cause).explanation


@pytest.mark.parametrize("cause", [Cause.KEYS_MISSING, Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN, Cause.PAIR_MISMATCH])
def test_who_alone_can_make_keys_is_said_with_the_advice_to_make_some(cause: Cause) -> None:
    assert "the account's license owner" in str(cause.row.next_step)


def test_only_a_refusal_is_a_fact_about_the_account() -> None:
    rejected = {cause.value for cause in Cause if cause.kind is Kind.REJECTED}
    assert rejected == {
        "wrong_environment",
        "key_revoked",
        "api_key_unknown",
        "pair_mismatch",
        "account_mismatch",
        "data_space_unknown",
        "refused",
    }
