"""The bell and its page."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.audit.action_log import record
from backend.audit.actor import Actor
from backend.audit.models import LoggedAction, SeenEvents
from connector.action_log import Action
from connector.verification.causes import Cause
from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, GUIDE, NOTIFICATIONS, PAYMENT_SERVICES
from tests.conftest import signed_in
from tests.factories import person, unprotected_log
from tests.markup import links, text

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


def reject(environment: str = "sandbox", cause: Cause = Cause.KEY_REVOKED, who: Actor | None = None) -> None:
    record(Action.REJECTED, environment, after=cause, refusal=cause, who=who)


def test_what_one_did_oneself_does_not_count(as_bob: Client, as_dana: Client, bob: User) -> None:
    record(Action.KEYS_REPLACED, "sandbox", who=Actor(bob.pk, "bob", None))
    assert (counter(as_bob), counter(as_dana)) == ("0", "1")
    assert "<li" not in shown(as_bob)


def test_keys_that_do_not_work_count_even_if_the_person_found_them(as_bob: Client, bob: User) -> None:
    reject(who=Actor(bob.pk, "bob", None))
    assert counter(as_bob) == "1"
    assert "✕ Error" in text(as_bob.get(NOTIFICATIONS))
    assert "The keys for Sandbox do not work. The API key was deleted" in text(as_bob.get(NOTIFICATIONS))


def test_what_has_ended_needs_no_attention(as_bob: Client) -> None:
    reject()
    reject(cause=Cause.PAIR_MISMATCH)
    reject("production")
    assert counter(as_bob) == "2"
    happen(action=Action.VERIFIED)
    assert counter(as_bob) == "1"
    assert "Sandbox" not in shown(as_bob)


def test_somebody_who_signs_in_for_the_first_time_starts_at_zero() -> None:
    happen(3)
    erin = signed_in(person("erin", "connector.configure_connector"))
    assert counter(erin) == "0"
    assert shown(erin).count("<li") == 3
    happen()
    assert counter(signed_in(User.objects.get(username="erin"))) == "1"


def test_each_notification_leads_to_where_this_person_can_do_something(as_bob: Client, as_dana: Client) -> None:
    reject()
    assert links(as_bob.get(NOTIFICATIONS))["Open the configuration"] == f"{CONFIGURATION}#sandbox-keys"
    assert links(as_dana.get(NOTIFICATIONS))["Open Payment Services"] == PAYMENT_SERVICES


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
    assert SeenEvents.objects.get(user=bob).up_to == 0  # As when they signed in.


def test_reading_marks_nothing_as_seen(as_bob: Client) -> None:
    happen()
    assert "The keys for Sandbox were removed." in text(as_bob.get(NOTIFICATIONS))
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
    happen(action=Action.KEYS_REPLACED)
    assert shown(as_bob).count("<li") == 1
    happen(action=Action.KEYS_RESTORED)
    assert ("The former keys for Sandbox were restored." in shown(as_bob), shown(as_bob).count("<li")) == (True, 2)


def test_an_event_that_comes_late_takes_its_place(as_bob: Client) -> None:
    """Its row was written before the newest one, but its transaction ended later."""
    late = happen()
    happen(action=Action.KEYS_REPLACED)
    with unprotected_log():
        LoggedAction.objects.filter(pk=late).update(is_event=False)
    assert "The keys for Sandbox were removed." not in shown(as_bob)
    with unprotected_log():
        LoggedAction.objects.filter(pk=late).update(is_event=True)
    assert "The keys for Sandbox were removed." in shown(as_bob)


def test_what_is_new_to_one_person_is_not_new_to_another(as_bob: Client, as_dana: Client) -> None:
    as_bob.post(NOTIFICATIONS, {"up_to": happen()})
    assert [shown(client).count("event-new") for client in (as_bob, as_dana, as_bob)] == [0, 1, 0]


def test_it_names_no_way_to_the_log_to_those_who_may_not_see_it(as_alice: Client, as_dana: Client) -> None:
    happen()
    assert [ACTION_LOG in shown(client) for client in (as_alice, as_dana)] == [True, False]


def test_it_lists_in_the_language_of_the_person_who_asks(as_bob: Client) -> None:
    happen()
    assert "The keys for Sandbox were removed." in shown(as_bob)
    as_bob.cookies["django_language"] = "fr"
    assert "Les clés pour Sandbox ont été retirées." in shown(as_bob)
    as_bob.cookies["django_language"] = "en"
    assert "The keys for Sandbox were removed." in shown(as_bob)


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
