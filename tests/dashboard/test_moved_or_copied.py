"""The Dashboard asks whether an instance that is opened at another address moved or is a copy."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.action_log import Action, Refusal
from connector.gateway.client import Credentials
from connector.models import Instance, KeyPair
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES, SETTINGS
from tests.factories import connect, dump, failed_check, set_instance, stored
from tests.gateways import JWT_INVALID, SANDBOX, Outside
from tests.markup import text

pytestmark = pytest.mark.django_db
MOVED, ALSO_HERE, COPY = "/admin/moved/", "/admin/moved/also-here/", "/admin/moved/copy/"
SHOP, HERE = "https://shop.example", "http://testserver"
SEEN = f"This Admin was connected from {SHOP}, and you opened it at {HERE}."
QUESTION = "Has this Admin moved, or is it a copy?"


@pytest.fixture
def elsewhere(pair: Credentials) -> None:
    """Connect the instance at another address than the tests open it at."""
    connect(pair)
    set_instance(served_at=[SHOP], name="Luma live")


def instance() -> Instance:
    row: Instance = Instance.objects.current()
    return row


def seen(**more: str) -> dict[str, str]:
    return {"seen_revision": str(instance().revision), **more}


def test_it_says_what_was_seen_and_asks(elsewhere: None, no_sockets: None, as_alice: Client, as_bob: Client) -> None:
    for somebody in (as_alice, as_bob):
        said = text(somebody.get(DASHBOARD))
        assert QUESTION in said
        assert SEEN in said
        assert "It has moved" in said
        assert "This is a copy" in said


@pytest.mark.parametrize("known", [[], [HERE], ["https://testserver"], [SHOP, HERE]])
def test_it_does_not_ask_where_all_is_well(as_alice: Client, connected: None, known: list[str]) -> None:
    set_instance(served_at=known)
    for path in (DASHBOARD, CONFIGURATION, PAYMENT_SERVICES):
        assert "was connected from" not in text(as_alice.get(path))


@pytest.mark.parametrize("path", [CONFIGURATION, PAYMENT_SERVICES, SETTINGS])
def test_the_other_pages_lead_to_the_question(elsewhere: None, as_alice: Client, path: str) -> None:
    page = as_alice.get(path)
    assert f"{SEEN} Say on the Dashboard" in text(page)
    assert f'<a href="{DASHBOARD}">Say on the Dashboard' in page.content.decode()


@pytest.mark.usefixtures("elsewhere")
def test_noticing_costs_no_query(as_alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    as_alice.get(DASHBOARD)  # What the bell lists is drawn once.
    for path, queries in ((DASHBOARD, 7), (CONFIGURATION, 5), (PAYMENT_SERVICES, 6)):
        with django_assert_max_num_queries(queries):
            as_alice.get(path)


def test_who_may_not_configure_sees_who_can(elsewhere: None, as_dana: Client, bob: User) -> None:
    said = text(as_dana.get(DASHBOARD))
    assert SEEN in said
    assert f"These people may configure it: {bob.username}." in said
    assert "It has moved" not in said


def test_somebody_without_a_role_is_not_asked(elsewhere: None, as_charlie: Client) -> None:
    assert "shop.example" not in text(as_charlie.get(DASHBOARD))


def test_not_now_is_asked_again_the_next_time(elsewhere: None, as_alice: Client) -> None:
    assert f'href="{DASHBOARD}?later"' in as_alice.get(DASHBOARD).content.decode()
    assert QUESTION not in text(as_alice.get(f"{DASHBOARD}?later"))
    assert QUESTION in text(as_alice.get(DASHBOARD))


@pytest.mark.parametrize("revision", ["", "0", "x", "9" * 20])
@pytest.mark.parametrize("path", [MOVED, ALSO_HERE, COPY])
def test_an_answer_to_an_older_state_is_refused(elsewhere: None, as_alice: Client, path: str, revision: str) -> None:
    before = stored()
    said = text(as_alice.post(path, {"seen_revision": revision, "confirmation": "Staging"}, follow=True))
    assert "the configuration was saved again after you opened it" in said
    assert stored() == before
    assert LoggedAction.objects.latest("pk").cause == Refusal.STALE


def test_moved_takes_the_new_address_for_the_old(elsewhere: None, as_bob: Client) -> None:
    before = instance()
    said = text(as_bob.post(MOVED, seen(), follow=True))
    after = instance()
    assert "this Admin has moved to http://testserver" in said
    assert QUESTION not in said
    assert after.served_at == [HERE]
    assert after.revision == before.revision + 1
    kept = ("instance_id", "name", "project_id", "data_space_id", "active_environment")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def test_one_installation_may_have_several_addresses(elsewhere: None, as_bob: Client) -> None:
    as_bob.post(ALSO_HERE, seen())
    assert instance().served_at == [SHOP, HERE]
    assert QUESTION not in text(as_bob.get(DASHBOARD))
    assert connection.load().is_connected


def test_a_copy_is_an_instance_of_its_own(elsewhere: None, as_bob: Client, accepted: None) -> None:
    before, pairs = instance(), list(KeyPair.objects.values())
    answer = as_bob.post(COPY, seen(confirmation=" staging "))
    after = instance()
    assert answer["Location"] == CONFIGURATION
    assert after.instance_id != before.instance_id
    assert (after.project_id, after.data_space_id, after.name, after.served_at) == ("", "", "", [HERE])
    assert list(KeyPair.objects.values()) == pairs
    assert connection.load().active.is_verified


def test_a_copy_is_led_to_its_own_data_space(elsewhere: None, as_bob: Client, accepted: None) -> None:
    said = text(as_bob.post(COPY, seen(confirmation="Staging"), follow=True))
    assert "This is an installation of its own now" in said
    assert "Commerce Services is not configured yet" in said
    assert "was connected from" not in said


@pytest.mark.usefixtures("elsewhere")
def test_a_copy_whose_gateway_does_not_answer_is_one_all_the_same(as_bob: Client, outside: Outside) -> None:
    outside.answer_all(SANDBOX, status=500)
    as_bob.post(COPY, seen(confirmation="Staging"))
    assert instance().data_space_id == ""
    assert failed_check() is Cause.GATEWAY_ERROR


@pytest.mark.parametrize("typed", ["", "Live"])
def test_a_copy_is_confirmed_by_the_name_of_what_it_leaves(elsewhere: None, as_bob: Client, typed: str) -> None:
    before = dump()
    page = as_bob.post(COPY, seen(confirmation=typed))
    assert page.status_code == 200
    assert 'id="copy-error"' in page.content.decode()
    assert dump() == before


def test_without_a_data_space_there_is_no_name_to_type(elsewhere: None, as_bob: Client, accepted: None) -> None:
    set_instance(data_space_id="", project_id="", data_space_name="", project_name="")
    assert "Type the name" not in text(as_bob.get(COPY))
    before = instance().instance_id
    as_bob.post(COPY, seen())
    assert instance().instance_id != before


def test_a_copy_at_the_same_address_can_be_declared(as_bob: Client, accepted: None, pair: Credentials) -> None:
    connect(pair)
    set_instance(served_at=[HERE])
    assert f'href="{COPY}"' in as_bob.get(CONFIGURATION).content.decode()
    assert "Make this a copy?" in text(as_bob.get(COPY))
    as_bob.post(COPY, seen(confirmation="Staging"))
    assert instance().data_space_id == ""


def test_a_copy_whose_data_space_an_environment_variable_sets_is_warned(
    elsewhere: None, as_bob: Client, accepted: None, settings: Settings
) -> None:
    settings.LOCKED_VALUES = settings.LOCKED_VALUES | {"project_id": "p", "data_space_id": "d"}
    said = text(as_bob.post(COPY, seen(confirmation="Staging"), follow=True))
    assert "Change CONNECTOR_PROJECT_ID and CONNECTOR_DATA_SPACE_ID, and restart" in said


def test_every_answer_is_in_the_action_log(elsewhere: None, as_bob: Client, outside: Outside) -> None:
    outside.refuse(SANDBOX, JWT_INVALID)
    old = instance().instance_id
    as_bob.post(ALSO_HERE, seen())
    as_bob.post(MOVED, seen())
    as_bob.post(COPY, seen(confirmation="Staging"))
    rows = {row.action: row for row in LoggedAction.objects.filter(user_name="bob")}
    assert rows[Action.ADDRESS_ADDED].after == f"instance_id: {old}\naddresses: {SHOP}, {HERE}"
    assert (rows[Action.INSTANCE_MOVED].subject, rows[Action.INSTANCE_MOVED].is_event) == (HERE, True)
    assert rows[Action.INSTANCE_COPIED].before == f"instance_id: {old}\naddresses: {HERE}"
    assert rows[Action.INSTANCE_COPIED].after == f"instance_id: {instance().instance_id}\naddresses: {HERE}"
    assert "name: Staging" in rows[Action.DATA_SPACE_CLEARED].before


@pytest.mark.usefixtures("elsewhere")
def test_an_answer_that_came_too_late_is_logged_as_refused(as_bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = connection.load()
    Instance.objects.advance(stored.instance.revision)
    monkeypatch.setattr(connection, "load", lambda: stored)
    as_bob.post(MOVED, {"seen_revision": str(stored.instance.revision)})
    row = LoggedAction.objects.get(action=Action.INSTANCE_MOVED)
    assert (row.is_done, row.cause) == (False, Refusal.STALE)


def test_no_more_than_20_addresses_are_remembered(elsewhere: None, as_alice: Client) -> None:
    set_instance(served_at=[f"https://shop{number}.example" for number in range(20)])
    said = text(as_alice.post(ALSO_HERE, seen(), follow=True))
    assert "Nothing was changed: this Admin has as many addresses as are remembered." in said
    assert len(instance().served_at) == 20
    row = LoggedAction.objects.get(action=Action.ADDRESS_ADDED)
    assert (row.is_done, row.cause) == (False, Refusal.TOO_MANY_ADDRESSES)
    as_alice.post(MOVED, seen())
    assert instance().served_at == [HERE]


def test_a_port_that_does_not_exist_is_refused(elsewhere: None, as_alice: Client) -> None:
    for path in (DASHBOARD, CONFIGURATION):
        assert as_alice.get(path, headers={"host": f"testserver:{'9' * 5000}"}).status_code == 400
    answer = as_alice.post(ALSO_HERE, seen(), headers={"host": "testserver:65536"})
    assert answer.status_code == 400
    assert instance().served_at == [SHOP]
