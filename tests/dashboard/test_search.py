"""The search of the header."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from connector.gateway.client import Credentials
from connector.keys import keyring
from dashboard import guide
from dashboard.search import Hit
from saas.models import Account, ApiKey
from tests.addresses import ACTION_LOG, CONFIGURATION, PAYMENT_SERVICES, PORTAL, SEARCH, USERS
from tests.backend.frame.pages import addresses
from tests.factories import store
from tests.gateways import PRODUCTION
from tests.markup import text


def hits(client: Client, query: str) -> dict[str, str]:
    """Return address and title of everything found, by what a person reads."""
    groups = client.get(SEARCH, {"q": query}).context["groups"]
    return {hit.title: hit.url for _title, found in groups for hit in found}


def test_it_finds_a_page_by_any_of_its_words(as_alice: Client) -> None:
    assert hits(as_alice, "payment")["Payment Services"] == PAYMENT_SERVICES


@pytest.mark.parametrize("query", ["DASHBOARD", "dashbóard", "  dash  "])
def test_case_accents_and_space_do_not_matter(as_alice: Client, query: str) -> None:
    assert "Dashboard" in hits(as_alice, query)


def test_all_words_have_to_be_there(as_alice: Client) -> None:
    assert list(hits(as_alice, "private sandbox")) == ["Sandbox private key"]


@pytest.mark.parametrize("query", ["data project choose", "CHOOSE dátà", "place works"])
def test_a_task_is_found_by_words_of_its_title_or_summary_in_any_order(as_charlie: Client, query: str) -> None:
    assert "Choose project and data space" in hits(as_charlie, query)


@pytest.mark.parametrize("query", ["paire de cles", "CLÉ PAIRE", "l'espace"])
def test_french_is_found_without_its_accents(as_alice: Client, query: str) -> None:
    as_alice.cookies["django_language"] = "fr"
    assert hits(as_alice, query)


def test_what_begins_with_the_words_comes_first(as_alice: Client) -> None:
    found = list(hits(as_alice, "settings"))
    assert found.index("Settings") < found.index("Configuration")
    hit = Hit("Rename user", "System", "/")
    assert [hit.rank(words) for words in (["user"], ["ser"], ["system", "user"], ["role"])] == [0, 1, 2, None]


def test_a_key_of_the_portal_is_found_by_its_name_and_its_end(
    as_alice: Client, as_charlie: Client, alice: User, pair: Credentials
) -> None:
    account = Account.objects.create_with_owner(alice)
    key, _pair = ApiKey.objects.issue(account, alice, environment="sandbox", name="Luma Éclair")
    for query in ("eclair luma", key.api_key[-4:], f"sandbox {key.api_key[-6:]} luma"):
        assert hits(as_alice, query)["Luma Éclair"] == f"{PORTAL}?q={key.api_key}"
        assert "Luma Éclair" not in hits(as_charlie, query)
    assert key.public_key.splitlines()[1][:30] not in text(as_alice.get(SEARCH, {"q": "luma"}))


def test_a_field_leads_to_its_place(as_alice: Client) -> None:
    assert hits(as_alice, "sandbox private key")["Sandbox private key"] == f"{CONFIGURATION}#sandbox_private_key"


def test_every_place_it_leads_to_is_on_the_configuration_page(as_alice: Client, pair_stored: None) -> None:
    page = as_alice.get(CONFIGURATION).content.decode()
    places = [url.partition("#")[2] for word in ("e", "s") for url in hits(as_alice, word).values() if "#" in url]
    assert len(set(places)) == 11
    assert [place for place in places if f'id="{place}"' not in page] == []


@pytest.mark.parametrize("query", ["a" * 4, "a" * 32, "AAAA", " aaaa "])
def test_it_finds_a_key_pair_by_a_part_of_its_public_key(as_alice: Client, pair: Credentials, query: str) -> None:
    store(PRODUCTION, pair)
    assert hits(as_alice, query) == {pair.api_key: f"{CONFIGURATION}#production_api_key"}


@pytest.mark.parametrize("query", ["aaa", "a" * 33, "bbbb", "aaaa bbbb"])
def test_it_finds_no_key_pair_by_less_or_by_something_else(as_alice: Client, pair: Credentials, query: str) -> None:
    store(PRODUCTION, pair)
    assert pair.api_key not in hits(as_alice, query)


def test_a_pair_that_does_not_open_is_not_found(as_alice: Client, pair: Credentials, settings: Settings) -> None:
    store(PRODUCTION, pair)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert hits(as_alice, "aaaa") == {}


def test_a_role_finds_only_what_it_may_see(as_dana: Client, as_charlie: Client, pair: Credentials) -> None:
    store(PRODUCTION, pair)
    assert list(hits(as_dana, "payment services"))[:3] == ["Payment Services", "Order payment status", "Settings"]
    assert hits(as_dana, "aaaa") == {}
    assert not hits(as_charlie, "payment services").keys() & {"Payment Services", "Settings"}


# What a menu entry, a link on a page or the address of another page leads to.
PLACES = {
    "Account Setting": "account_setting",
    "Notifications": "notifications",
    "Settings": "payments:settings",
    "Order payment status": "payments:orders",
    "New User": "user_add",
    "New Role": "role_add",
    "User guide": "guide",
    "API Portal": "saas:api_portal",
    "Fault switch": "saas:faults",
    "Switch Accounts": "saas:home",
    "Create an account": "saas:create_account",
}


def test_it_finds_the_pages_beside_the_menu(as_alice: Client) -> None:
    found = {title: hits(as_alice, title).get(title) for title in PLACES}
    assert found == {title: reverse(name) for title, name in PLACES.items()}


def test_it_finds_every_task_of_the_guide_by_its_title(as_charlie: Client) -> None:
    tasks = {str(task.title): reverse("guide_page", args=[task.slug]) for task in guide.PAGES.values()}
    assert {title: hits(as_charlie, title).get(title) for title in tasks} == tasks


def test_every_page_without_an_object_is_found(as_alice: Client) -> None:
    """Dialogs are left out: each belongs to something that another page shows."""
    found = {url for word in "aeiou" for url in hits(as_alice, word).values()}
    pages = {path for path in addresses() if "<" not in path}
    opened = {path for path in pages if _is_page(as_alice, path)}
    above = (CONFIGURATION, reverse("encryption_key"), reverse("mfa_index"), "/admin/moved/")
    asked_for = {path for path in opened if path.startswith(("/admin/reauthenticate/", "/admin/password/"))}
    dialogs = {path for path in opened if path.startswith(above) and path not in above}
    assert opened - dialogs - asked_for - {SEARCH, "/admin/logout/"} <= found


def _is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 200 and "html" in answer["Content-Type"]


def test_a_page_that_a_role_may_not_open_is_not_found(as_charlie: Client) -> None:
    closed = ("New User", "New Role", "Notifications", "Settings", "Fault switch")
    assert [title for title in closed if title in hits(as_charlie, title)] == []


def test_my_account_is_not_found_without_the_stand_in(as_charlie: Client, settings: Settings) -> None:
    settings.STAND_IN = False
    assert "API Portal" not in hits(as_charlie, "api portal")
    assert "Fault switch" not in hits(as_charlie, "fault")


def test_nothing_found_says_what_to_do(as_alice: Client) -> None:
    assert "Try fewer or other words" in text(as_alice.get(SEARCH, {"q": "zebra"}))


@pytest.mark.parametrize("sent", [{}, {"q": ""}, {"q": "   "}, {"other": "key"}])
def test_an_empty_search_asks_what_for(as_alice: Client, sent: dict[str, str]) -> None:
    page = as_alice.get(SEARCH, sent)
    assert page.status_code == 200
    assert "four or more characters of a public API key" in text(page)
    assert page.context["groups"] == []


@pytest.mark.parametrize("query", ["x" * 101, "x" * 100_000, "a\x00b"])
def test_a_query_that_cannot_be_is_refused_at_the_field(as_alice: Client, query: str) -> None:
    page = as_alice.get(SEARCH, {"q": query})
    assert page.status_code == 200
    assert 'id="id_q_error"' in page.content.decode()


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", '"><img src=x>', "' OR 1=1 --", "%", "\\", "(.*", "𐏿"])
def test_a_hostile_query_is_text_like_any_other(as_alice: Client, query: str) -> None:
    page = as_alice.get(SEARCH, {"q": query})
    assert page.context["groups"] == []
    assert not re.search(r"<script>|<img", page.content.decode())


@pytest.mark.parametrize("path", [SEARCH, ACTION_LOG, USERS])
def test_a_part_of_a_key_is_not_searched_for_and_a_browser_does_not_send_it(
    as_alice: Client, pair: Credentials, path: str
) -> None:
    part = pair.private_key.pem.splitlines()[3]
    page = as_alice.get(path, {"q": part})
    fields = re.findall(r'<input [^>]*name="q"[^>]*>', page.content.decode())
    assert fields
    assert not any(part in field for field in fields)
    for field in fields:
        pattern = re.search(r'pattern="([^"]*)"', field)
        assert pattern
        assert not re.fullmatch(unescape(pattern[1]), part)
        assert re.fullmatch(unescape(pattern[1]), f"{'a' * 32} Fabrikam")
        assert re.fullmatch(unescape(pattern[1]), pair.private_key.fingerprint)


def test_the_field_in_the_header_costs_no_query(
    as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    as_alice.get(CONFIGURATION)
    with django_assert_num_queries(4):  # The session, the person, the bell, and who owns the keys in the API Portal.
        as_alice.get(SEARCH, {"q": "payment"})
