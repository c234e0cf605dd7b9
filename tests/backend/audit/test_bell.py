"""The bell and its page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.audit.action_log import record
from backend.audit.models import LoggedAction, SeenEvents
from connector.action_log import Action
from tests.conftest import signed_in
from tests.factories import person, text

pytestmark = pytest.mark.django_db
NOTIFICATIONS = "/admin/notifications/"


def happen(times: int = 1, action: Action = Action.KEYS_REMOVED) -> int:
    for _time in range(times):
        record(action, "sandbox")
    newest: int = LoggedAction.objects.latest("pk").pk
    return newest


def counter(client: Client) -> str:
    bell = client.get("/admin/").context.get("bell")
    return "no bell" if bell is None else bell.new_label


def test_it_is_for_those_whose_business_the_connection_is(as_charlie: Client, as_bob: Client, as_dana: Client) -> None:
    assert [who.get(NOTIFICATIONS).status_code for who in (as_charlie, as_bob, as_dana)] == [403, 200, 200]
    assert as_charlie.post(NOTIFICATIONS, {"up_to": "1"}).status_code == 403
    assert (counter(as_charlie), counter(as_dana)) == ("no bell", "0")


def test_it_counts_connection_events_only(as_bob: Client) -> None:
    happen(2)
    happen(3, Action.PROJECT_RENAMED)
    record(Action.KEYS_REPLACED, "sandbox", refusal="stale")
    assert counter(as_bob) == "2"


def test_it_stops_counting_at_nine(as_bob: Client) -> None:
    happen(9)
    assert counter(as_bob) == "9"
    happen()
    assert counter(as_bob) == "9+"


def test_seeing_is_each_persons_own(as_bob: Client, as_dana: Client) -> None:
    newest = happen(2)
    assert as_bob.post(NOTIFICATIONS, {"up_to": newest})["Location"] == NOTIFICATIONS
    assert (counter(as_bob), counter(as_dana)) == ("0", "2")


def test_what_comes_after_the_page_was_drawn_stays_new(as_bob: Client) -> None:
    shown = happen()
    happen()
    as_bob.post(NOTIFICATIONS, {"up_to": shown})
    assert counter(as_bob) == "1"


def test_nobody_sees_the_future(as_bob: Client) -> None:
    happen()
    as_bob.post(NOTIFICATIONS, {"up_to": 2**63 - 1})
    happen()
    assert counter(as_bob) == "1"


def test_a_script_is_answered_without_a_page(as_bob: Client) -> None:
    answer = as_bob.post(NOTIFICATIONS, {"up_to": happen()}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 204


@pytest.mark.parametrize("up_to", ["", "0", "-1", "x", "9" * 40])
def test_it_refuses_what_is_no_event(as_bob: Client, bob: User, up_to: str) -> None:
    assert as_bob.post(NOTIFICATIONS, {"up_to": up_to}).status_code == 400
    assert not SeenEvents.objects.filter(user=bob).exists()


def test_reading_marks_nothing_as_seen(as_bob: Client) -> None:
    happen()
    assert "Keys removed: Sandbox" in text(as_bob.get(NOTIFICATIONS))
    assert counter(as_bob) == "1"


def test_it_leads_to_the_log_only_who_may_see_it(as_bob: Client) -> None:
    erin = signed_in(person("erin", "connector.configure_connector", "audit.view_action_log"))
    pages = [client.get(NOTIFICATIONS).content.decode() for client in (as_bob, erin)]
    assert ["/admin/system/action-logs/" in page for page in pages] == [False, True]


def test_it_costs_one_query(as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    happen(20)
    with django_assert_num_queries(3):  # The session and the person besides.
        as_alice.get(NOTIFICATIONS)
