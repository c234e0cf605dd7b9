"""Every cause has its kind, its words and its button."""

from datetime import datetime

import pytest
from django.utils import timezone

from connector.environment import Environment
from connector.verification.causes import Action, Cause, Kind


@pytest.mark.parametrize("cause", Cause)
def test_it_explains_itself_in_whole_sentences(cause: Cause) -> None:
    explanation = cause.explain(Environment.SANDBOX, "gateway.test")
    assert explanation.endswith(".")
    assert "%" not in explanation


@pytest.mark.parametrize("cause", Cause)
def test_it_has_one_next_step_without_a_gap_to_fill(cause: Cause) -> None:
    assert str(cause.next_step).endswith(".")
    assert "%" not in str(cause.next_step)
    assert isinstance(cause.action, Action)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.kind is Kind.UNKNOWN])
def test_a_cause_of_the_network_names_the_host(cause: Cause) -> None:
    assert "gateway.test" in cause.explain(Environment.SANDBOX, "gateway.test")


@pytest.mark.parametrize(("second", "shown"), [(0, "18:51"), (1, "18:52"), (59, "18:52")])
def test_the_time_of_the_next_try_is_never_told_too_early(second: int, shown: str) -> None:
    again_at = datetime(2026, 11, 22, 18, 51, second, tzinfo=timezone.get_current_timezone())
    assert f"repeated by itself from {shown} on." in Cause.RATE_LIMITED.advise(again_at)


def test_the_wrong_environment_names_the_right_one() -> None:
    assert "for Production" in Cause.WRONG_ENVIRONMENT.explain(Environment.SANDBOX, "gateway.test")


def test_a_refusal_without_a_reason_says_so_and_what_support_finds_it_by() -> None:
    said = Cause.REFUSED.explain(Environment.SANDBOX, "gateway.test", status=403, request_id="r-1")
    assert "gave no reason that this Admin knows (status 403, request id r-1)." in said
    said = Cause.REFUSED.explain(Environment.SANDBOX, "gateway.test", status=401)
    assert said.endswith("knows (status 401).")
    assert "support" in str(Cause.REFUSED.next_step)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_that_may_come_from_a_proxy_never_says_that_it_is_not_about_the_keys(status: int) -> None:
    said = Cause.GATEWAY_ERROR.explain(Environment.SANDBOX, "gateway.test", status=status)
    assert f"or something between this server and Commerce Services refused (status {status})" in said
    assert "says nothing" not in said


@pytest.mark.parametrize("cause", [Cause.KEYS_MISSING, Cause.KEY_REVOKED, Cause.API_KEY_UNKNOWN, Cause.PAIR_MISMATCH])
def test_who_alone_can_make_keys_is_said_with_the_advice_to_make_some(cause: Cause) -> None:
    assert "the account's license owner" in str(cause.next_step)


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
