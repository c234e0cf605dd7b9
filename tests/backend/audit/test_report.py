"""System › Action Logs › Report."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.action_log import record
from backend.audit.actions import Action as LogAction
from backend.audit.models import LoggedAction
from backend.people.actions import Action as PeopleAction
from connector.action_log import Action
from tests.addresses import ACTION_LOG, DASHBOARD
from tests.conftest import signed_in
from tests.factories import empty_log, person, unprotected_log
from tests.markup import text

pytestmark = pytest.mark.django_db
EXPORT = f"{ACTION_LOG}export/"
SEE_LOG = "audit.view_action_log"


@pytest.fixture
def as_erin() -> Client:
    """Erin's role may see the log and nothing else."""
    return signed_in(person("erin", SEE_LOG))


def add(**values: Any) -> None:
    LoggedAction.objects.create(**{"action": Action.PROJECT_RENAMED, "result": "done"} | values)


def found(client: Client, query: str) -> list[str]:
    rows = client.get(f"{ACTION_LOG}?{query}").context["grid"].page
    return [row.subject for row in rows if row.subject]


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    body = b"".join(parts(client, query)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def parts(client: Client, query: str = "") -> list[bytes]:
    answer: Any = client.get(f"{EXPORT}?{query}")
    assert answer.streaming
    return list(answer.streaming_content)


@pytest.mark.parametrize("query", ["key_revoked", "was+deleted", "API+deleted"])
def test_the_shown_reason_is_searched(as_erin: Client, query: str) -> None:
    add(subject="sandbox", result="refused", cause="key_revoked")
    add(subject="production", result="refused", cause="stale")
    assert found(as_erin, f"q={query}") == ["sandbox"]


def test_the_reason_is_searched_in_the_language_of_the_page(as_erin: Client) -> None:
    add(subject="sandbox", result="refused", cause="key_revoked")
    page = as_erin.get(f"{ACTION_LOG}?q=supprimée", headers={"accept-language": "fr"})
    assert [row.subject for row in page.context["grid"].page] == ["sandbox"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Keys removed", ["removed"]),
        ("refused", ["refused"]),
        ("production", ["refused"]),
        ("fingerprint", ["removed"]),
        ("system", ["renamed"]),
        ("unknown", ["refused"]),
    ],
)
def test_every_column_is_searched_for_what_people_read(as_erin: Client, words: str, expected: list[str]) -> None:
    with unprotected_log():
        LoggedAction.objects.all().update(user_name="erin")
    add(action=Action.KEYS_REMOVED, subject="removed", user_name="alice", before="fingerprint: abc")
    add(subject="refused", result="refused", address="192.0.2.1", after="production")
    add(subject="renamed")
    assert found(as_erin, f"q={words}") == expected


@pytest.mark.parametrize(("name", "expected"), [("System", ["by itself"]), ("unknown", ["from outside"])])
def test_who_did_it_is_filtered_by_the_word_that_the_page_has(as_erin: Client, name: str, expected: list[str]) -> None:
    add(subject="by itself")
    add(subject="from outside", address="192.0.2.1")
    add(subject="by alice", user_name="alice")
    assert found(as_erin, f"person={name}") == expected


@pytest.mark.parametrize("query", ["q=ligne+de+commande", "q=command+line", "person=root+%28ligne+de+commande%29"])
def test_who_ran_a_command_is_read_and_found_in_the_language_of_the_page(as_erin: Client, query: str) -> None:
    add(user_name="root (command line)", subject="Luma")
    add(user_name="erin", subject="Venia")
    page = as_erin.get(f"{ACTION_LOG}?{query}", headers={"accept-language": "fr"})
    assert [row.subject for row in page.context["grid"].page] == ["Luma"]
    assert "root (ligne de commande)" in text(page)


def test_actions_and_items_sort_by_their_labels_in_the_language_of_the_page(as_erin: Client) -> None:
    empty_log()
    add(action=Action.KEYS_REMOVED, subject="sandbox")  # Keys removed · Clés retirées
    add(action=PeopleAction.USER_CREATED, subject="alice")  # User created · Utilisateur créé
    add(action=LogAction.LOG_EXPORTED, subject="production")  # Action log exported · Journal des actions exporté
    french = {"accept-language": "fr"}
    rows = as_erin.get(f"{ACTION_LOG}?sort=action", headers=french).context["rows"]
    assert [row[2][2] for row in rows] == ["Clés retirées", "Journal des actions exporté", "Utilisateur créé"]
    rows = as_erin.get(f"{ACTION_LOG}?sort=-action").context["rows"]
    assert [row[2][2] for row in rows] == ["User created", "Keys removed", "Action log exported"]
    rows = as_erin.get(f"{ACTION_LOG}?sort=subject").context["rows"]
    assert [row[2][3] for row in rows] == ["alice", "Production", "Sandbox"]


def test_the_filter_offers_the_actions_by_the_alphabet(as_erin: Client) -> None:
    page = as_erin.get(ACTION_LOG, headers={"accept-language": "fr"})
    labels = [label for value, label in page.context["search"].fields["action"].choices if value]
    assert labels.index("Déconnexion") < labels.index("Échec de la connexion") < labels.index("Projet créé")


def test_a_fact_is_set_as_the_language_sets_it(as_erin: Client) -> None:
    add(after="name: Luma EU")
    page = as_erin.get(ACTION_LOG, headers={"accept-language": "fr"})
    assert "Nom\u00a0: Luma EU" in page.content.decode()


def test_the_menu_leads_to_it(as_erin: Client) -> None:
    assert f'href="{ACTION_LOG}"' in as_erin.get(DASHBOARD).content.decode()


def test_it_shows_who_did_what(as_erin: Client) -> None:
    record(Action.KEYS_REMOVED, "sandbox", before="fingerprint: abc")
    page = text(as_erin.get(ACTION_LOG))
    assert "Keys removed Sandbox Done" in page
    assert "Fingerprint: abc" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=first", ["first"]),
        ("q=one+erin", ["second"]),
        ("action=keys_removed", ["second"]),
        ("result=refused", ["first"]),
        ("person=erin", ["second"]),
        ("sort=person", ["first", "second"]),
        ("sort=-person", ["second", "first"]),
        ("action=nonsense", ["second", "first"]),
        ("sort=nonsense&page=x&per_page=7", ["second", "first"]),
        ("start=abc", ["second", "first"]),
        ("start=9999-12-31&end=0001-01-01", ["second", "first"]),
        ("q=%00", ["second", "first"]),
        ("page=99999999999999999999", ["second", "first"]),
    ],
)
def test_it_is_searched_filtered_and_sorted(as_alice: Client, query: str, expected: list[str]) -> None:
    with unprotected_log():
        LoggedAction.objects.all().update(subject="")
    add(subject="first", user_name="alice", result="refused", cause="stale")
    add(subject="second", user_name="erin", action=Action.KEYS_REMOVED, before="name: One")
    assert found(as_alice, query) == expected


def test_days_are_those_of_the_time_zone_and_both_included(as_alice: Client) -> None:
    for hour in (0, 23):
        add(subject=f"at {hour}", at=datetime(2026, 3, 1, hour, 30, tzinfo=ZoneInfo("UTC")))
    add(subject="later", at=datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("UTC")))
    assert found(as_alice, "start=2026-03-01&end=2026-03-01") == ["at 23", "at 0"]


@pytest.mark.parametrize(
    ("zone", "day", "lasts"),
    [
        # Clocks skip midnight.
        ("Africa/Cairo", "2026-04-24", ("2026-04-23T22:00+00:00", "2026-04-24T21:00+00:00")),
        ("America/Santiago", "2026-09-06", ("2026-09-06T04:00+00:00", "2026-09-07T03:00+00:00")),
        # They show the last hour of the day twice, or the first.
        ("Africa/Cairo", "2026-10-29", ("2026-10-28T21:00+00:00", "2026-10-29T22:00+00:00")),
        ("America/Havana", "2026-11-01", ("2026-11-01T04:00+00:00", "2026-11-02T05:00+00:00")),
    ],
)
def test_no_moment_of_a_day_is_lost_where_clocks_change(
    as_alice: Client, settings: Settings, zone: str, day: str, lasts: tuple[str, str]
) -> None:
    settings.TIME_ZONE = zone
    start, end = map(datetime.fromisoformat, lasts)
    moment = timedelta(microseconds=1)
    for subject, at in (("before", start - moment), ("first", start), ("last", end - moment), ("after", end)):
        add(subject=subject, at=at)
    assert found(as_alice, f"start={day}&end={day}") == ["last", "first"]
    assert [row["Item"] for row in exported(as_alice, f"start={day}&end={day}")] == ["last", "first"]


@pytest.mark.parametrize("sent", ["31.12.2026x", "12/31/2026", "31/12/2026", "Dec 31 2026"])
def test_what_is_not_a_date_is_named_because_its_control_cannot_show_it(as_alice: Client, sent: str) -> None:
    add(subject="first")
    page = as_alice.get(ACTION_LOG, {"start": sent})
    assert f"“{sent}” is not a date. Choose one in the field, or empty it." in page.content.decode()
    assert found(as_alice, urlencode({"start": sent})) == ["first"]


def test_only_the_beginning_of_a_long_text_that_is_not_a_date_is_repeated(as_alice: Client) -> None:
    page = as_alice.get(ACTION_LOG, {"start": "every day of the last year"})
    assert "“every day of the la…” is not a date." in page.content.decode()


def test_a_day_without_leading_zeros_filters_and_shows_in_its_control(as_alice: Client) -> None:
    page = as_alice.get(ACTION_LOG, {"end": "2026-1-2"}).content.decode()
    assert 'name="end" value="2026-01-02"' in page


def test_days_that_are_the_wrong_way_round_are_refused(as_alice: Client) -> None:
    add(subject="first")
    page = as_alice.get(ACTION_LOG, {"start": "2026-03-02", "end": "2026-03-01"})
    assert "This is before the first day. Swap the two days, or empty one." in page.content.decode()
    assert [row.subject for row in page.context["grid"].page if row.subject] == ["first"]


@pytest.mark.parametrize("query", ["start=31.12.2026x", "action=nonsense", "start=2026-03-02&end=2026-03-01"])
def test_nothing_is_exported_with_a_filter_that_cannot_be_read(as_erin: Client, query: str) -> None:
    answer = as_erin.get(f"{EXPORT}?{query}", follow=True)
    assert answer.redirect_chain == [(f"{ACTION_LOG}?{query}", 302)]
    assert "Nothing was exported, because a filter cannot be read." in text(answer)
    assert not LoggedAction.objects.filter(action=LogAction.LOG_EXPORTED).exists()


def test_pages_have_as_many_rows_as_asked_for(as_alice: Client) -> None:
    for number in range(25):
        add(subject=str(number))
    assert len(found(as_alice, "per_page=20")) == 20
    assert len(found(as_alice, "per_page=30")) == 25
    page = as_alice.get(f"{ACTION_LOG}?q=&per_page=20&page=2").content.decode()
    assert "2 of 2" in page
    assert 'href="?q=&amp;per_page=20&amp;page=1"' in page


def test_what_a_fact_says_is_in_the_language_of_the_page(as_erin: Client) -> None:
    add(action=PeopleAction.USER_CHANGED, before="user_name: yes\nactive: yes", after="active: no\npassword: changed")
    page = as_erin.get(ACTION_LOG, headers={"accept-language": "fr"}).content.decode()
    assert "<p>Nom d’utilisateur\xa0: yes<br>Actif\xa0: oui</p>" in page
    assert "<p>Actif\xa0: non<br>Mot de passe\xa0: modifié</p>" in page


def test_a_text_without_one_to_compare_it_with_is_shown_at_once(as_erin: Client) -> None:
    add(action=PeopleAction.SIGNED_IN, after="passkey_alone")
    add(action=PeopleAction.SECOND_FACTOR_REMOVED, before="totp")
    add(action=PeopleAction.USER_CREATED, after="user_name: dana\nactive: yes")
    assert as_erin.get(ACTION_LOG).content.decode().count("<summary>") == 2


def test_the_details_do_not_repeat_the_action(as_erin: Client) -> None:
    add(action=Action.VERIFIED, after="verified")
    row = as_erin.get(ACTION_LOG).content.decode().split("<tbody")[1]
    assert row.count("Key pair verified") == 1


def test_the_head_shows_how_it_is_sorted(as_alice: Client) -> None:
    page = as_alice.get(f"{ACTION_LOG}?sort=action").content.decode()
    assert page.count('aria-sort="ascending"') == 1
    assert 'href="?sort=-action"' in page


def test_an_empty_search_says_what_to_do(as_alice: Client) -> None:
    assert "Change the search or the filters." in text(as_alice.get(f"{ACTION_LOG}?q=nothing-like-this"))


def test_the_export_holds_what_was_filtered_and_is_logged(as_erin: Client) -> None:
    add(subject="first", user_name="alice", address="192.0.2.1", before="name: A", after="name: B")
    add(subject="second", user_name="bob")
    rows = exported(as_erin, "person=alice")
    assert [(row["Item"], row["Before"], row["After"]) for row in rows] == [("first", "Name: A", "Name: B")]
    note = LoggedAction.objects.get(action=LogAction.LOG_EXPORTED)
    assert (note.user_name, note.after) == ("erin", "person: alice")


def test_the_export_reads_like_the_page_and_has_its_order(as_erin: Client) -> None:
    add(subject="b", address="192.0.2.1")
    add(subject="a")
    rows = exported(as_erin, "sort=subject&action=project_renamed")
    assert [(row["Username"], row["IP Address"], row["Item"]) for row in rows] == [
        ("System", "", "a"),
        ("Unknown", "192.0.2.1", "b"),
    ]
    shown = ["Time", "IP Address", "Username", "Action", "Item", "Result", "Reason", "Before", "After"]
    assert list(rows[0]) == [*shown, "Number", "Digest", "Record"]


def test_the_row_of_an_export_says_in_words_what_was_filtered(as_erin: Client) -> None:
    exported(as_erin, "action=keys_removed&result=refused&person=alice")
    page = as_erin.get(ACTION_LOG).content.decode()
    assert "Action: Keys removed<br>Result: Refused<br>Username: alice" in page


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@A1", "\t=1", "\n1", " =1", "\uff1d1+1", "\uff20A1"])
def test_the_export_holds_no_formula(as_alice: Client, name: str) -> None:
    add(subject=name)
    assert f"'{name}" in [row["Item"] for row in exported(as_alice)]


def test_the_export_is_sent_in_parts(as_alice: Client) -> None:
    LoggedAction.objects.bulk_create(
        LoggedAction(action=PeopleAction.SIGNED_IN, result="done", subject=str(number)) for number in range(2001)
    )
    assert len(parts(as_alice)) == 4


def test_it_takes_three_queries_of_its_own_however_long_the_log_is(
    alice: User, as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        add(subject=str(number), user_id=alice.pk, at=timezone.now() - timedelta(minutes=number))
    with django_assert_num_queries(6):  # The other three read the session, the person and the bell.
        as_alice.get(f"{ACTION_LOG}?per_page=50&q=a")
