"""The row of a cause, applied to a pair: the words and the buttons that fit it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from connector.environment import Environment
from connector.verification.advice import Advice
from connector.verification.causes import Cause
from connector.verification.row import Button


def given(cause: Cause, **known: Any) -> Advice:
    return Advice(cause=cause, environment=Environment.SANDBOX, host="gateway.test", **known)


@pytest.mark.parametrize(("second", "shown"), [(0, "18:51"), (1, "18:52"), (59, "18:52")])
def test_the_time_of_the_next_try_is_never_too_early(second: int, shown: str) -> None:
    again_at = datetime(2026, 11, 22, 18, 51, second, tzinfo=timezone.get_current_timezone())
    assert f"repeated by itself from {shown} on." in given(Cause.RATE_LIMITED, again_at=again_at).next_step


def test_the_wrong_environment_names_the_right_one() -> None:
    assert "for Production" in given(Cause.WRONG_ENVIRONMENT).explanation


def test_a_refusal_without_a_reason_says_so_and_what_support_finds_it_by() -> None:
    said = given(Cause.REFUSED, status=403, request_id="r-1")
    assert "gave no reason that this Admin knows (status 403, request id r-1)." in said.explanation
    assert given(Cause.REFUSED, status=401).explanation.endswith("knows (status 401).")
    assert "support" in said.next_step


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_that_may_come_from_a_proxy_never_says_that_it_is_not_about_the_keys(status: int) -> None:
    said = given(Cause.GATEWAY_ERROR, status=status).explanation
    assert f"or something between this server and Commerce Services refused (status {status})" in said
    assert "says nothing" not in said


def test_the_former_pair_is_offered_only_where_it_can_be_restored() -> None:
    assert given(Cause.PAIR_MISMATCH).buttons == (Button.ENTER_KEYS,)
    said = given(Cause.PAIR_MISMATCH, may_restore=True)
    assert said.buttons == (Button.RESTORE_PAIR, Button.ENTER_KEYS)
    assert said.next_step == "Restore the former pair, which worked, or correct the keys."


@pytest.mark.parametrize(
    ("may_restore", "may_move", "buttons"),
    [
        (False, True, (Button.MOVE_PAIR,)),
        (True, True, (Button.RESTORE_PAIR, Button.MOVE_PAIR)),
        (False, False, (Button.ENTER_KEYS,)),
        (True, False, (Button.RESTORE_PAIR, Button.ENTER_KEYS)),
    ],
)
def test_a_pair_that_cannot_move_is_entered_again(
    may_restore: bool,  # noqa: FBT001  (a parameter)
    may_move: bool,  # noqa: FBT001  (a parameter)
    buttons: tuple[Button, ...],
) -> None:
    assert given(Cause.WRONG_ENVIRONMENT, may_restore=may_restore, may_move=may_move).buttons == buttons


def test_a_half_beside_a_locked_one_is_set_where_the_other_one_is() -> None:
    said = given(Cause.KEYS_MISSING, variable="CONNECTOR_SANDBOX_API_KEY").next_step
    assert said == "Set the environment variable CONNECTOR_SANDBOX_API_KEY too, and restart the server."


@pytest.mark.parametrize("cause", Cause)
def test_a_person_who_may_not_configure_gets_no_button(cause: Cause) -> None:
    assert given(cause, may_configure=False, may_restore=True).buttons == ()


@pytest.mark.parametrize("cause", [Cause.PAIR_MISMATCH, Cause.KEYS_MISSING, Cause.DATA_SPACE_UNKNOWN])
def test_who_may_not_configure_is_told_to_ask_and_not_to_do_it(cause: Cause) -> None:
    said = given(cause, may_configure=False)
    assert said.next_step.startswith("Somebody who may configure the connection has to correct this.")
    said = replace(said, may_restore=True)
    assert said.next_step.startswith("Somebody who may configure the connection can restore the former pair")


def test_who_may_not_configure_does_what_everybody_can() -> None:
    for cause in (Cause.UNDECRYPTABLE, Cause.RATE_LIMITED, Cause.CLOCK_SKEW):
        assert given(cause, may_configure=False).next_step == given(cause).next_step


def test_a_link_to_the_guide_is_not_offered_beside_a_button_that_leads_there() -> None:
    assert not given(Cause.UNDECRYPTABLE).offers_guide
    assert given(Cause.UNDECRYPTABLE, may_configure=False).offers_guide
    assert given(Cause.PAIR_MISMATCH).offers_guide
