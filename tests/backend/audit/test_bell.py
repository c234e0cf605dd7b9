"""The bell and its page."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.audit.action_log import record
from backend.audit.models import LoggedAction, SeenEvents
from connector.action_log import Action
from tests.addresses import ACTION_LOG, DASHBOARD, GUIDE, NOTIFICATIONS
from tests.conftest import signed_in
from tests.factories import person
from tests.markup import text

pytestmark = pytest.mark.django_db


def happen(times: int = 1, action: Action = Action.KEYS_REMOVED) -> int:
    for _time in range(times):
        record(action, "sandbox")
    newest: int = LoggedAction.objects.latest("pk").pk
    return newest


def counter(client: Client) -> str:
    page = client.get(DASHBOARD).content.decode()
    if "bell-button" not in page:
        return "no bell"
    count = re.search(r'class="bell-count"[^>]*>\s*(\d\+?)\s', page)
    return count[1] if count else "0"


def test_it_is_for_those_whose_business_the_connection_is(as_charlie: Client, as_bob: Client, as_dana: Client) -> None:
    assert [who.get(NOTIFICATIONS).status_code for who in (as_charlie, as_bob, as_dana)] == [403, 200, 200]
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
    assert [ACTION_LOG in page for page in pages] == [False, True]


def shown(client: Client, path: str = DASHBOARD) -> str:
    """Return what the bell lists."""
    page = client.get(path).content.decode()
    return page.partition('id="notifications"')[2].partition("</section>")[0]


def test_an_event_is_listed_with_the_next_page(as_bob: Client) -> None:
    happen()
    assert shown(as_bob).count("<li") == 1
    happen(action=Action.KEYS_RESTORED)
    assert ("Keys restored" in shown(as_bob), shown(as_bob).count("<li")) == (True, 2)


def test_an_event_that_comes_late_takes_its_place(as_bob: Client) -> None:
    """Its row was written before the newest one, but its transaction ended later."""
    late = happen()
    happen(action=Action.KEYS_RESTORED)
    LoggedAction.objects.filter(pk=late).update(is_event=False)
    assert "Keys removed" not in shown(as_bob)
    LoggedAction.objects.filter(pk=late).update(is_event=True)
    assert "Keys removed" in shown(as_bob)


def test_what_is_new_to_one_person_is_not_new_to_another(as_bob: Client, as_dana: Client) -> None:
    as_bob.post(NOTIFICATIONS, {"up_to": happen()})
    assert [shown(client).count("event-new") for client in (as_bob, as_dana, as_bob)] == [0, 1, 0]


def test_it_names_no_way_to_the_log_to_those_who_may_not_see_it(as_alice: Client, as_dana: Client) -> None:
    happen()
    assert [ACTION_LOG in shown(client) for client in (as_alice, as_dana)] == [True, False]


def test_it_lists_in_the_language_of_the_person_who_asks(as_bob: Client) -> None:
    happen()
    assert "Keys removed" in shown(as_bob)
    as_bob.cookies["django_language"] = "fr"
    assert "Clés retirées" in shown(as_bob)
    as_bob.cookies["django_language"] = "en"
    assert "Keys removed" in shown(as_bob)


def test_each_form_of_it_carries_the_token_of_its_own_person(as_bob: Client, as_dana: Client) -> None:
    happen()
    forms = [re.findall('name="csrfmiddlewaretoken" value="(.*?)"', shown(client)) for client in (as_bob, as_dana)]
    assert [len(found) for found in forms] == [1, 1]
    assert forms[0] != forms[1]


def test_it_costs_one_query_on_a_page_that_was_drawn_before(
    as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    happen(20)
    as_alice.get(GUIDE)
    with django_assert_num_queries(3):  # The other two read the session and the person.
        as_alice.get(GUIDE)
