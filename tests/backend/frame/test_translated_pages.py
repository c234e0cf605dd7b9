"""No page stays partly English in another language, and people choose their language."""

import csv
import re
from collections.abc import Iterable
from datetime import timedelta
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from backend.frame.days import day_of
from backend.frame.error_pages import ways_on
from backend.frame.proxy import changed_origin, without_address
from connector.gateway.client import Credentials
from connector.models import Instance
from connector.verification.causes import Cause
from payments.report.chart import KINDS
from tests.addresses import (
    ACCOUNT,
    ACCOUNT_SETTING,
    ACTION_LOG,
    CONFIGURATION,
    CREATE_ACCOUNT,
    DASHBOARD,
    FAULTS,
    GUIDE,
    LOGIN,
    ORDERS,
    PAYMENT_SERVICES,
    PORTAL,
    ROLES,
    USERS,
)
from tests.backend.frame.pages import addresses, fill, filled_in
from tests.factories import connect, know_order, know_source, learn, store
from tests.gateways import LIVE_ID, PROJECT_ID, SANDBOX

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
each_language = pytest.mark.parametrize("language", LANGUAGES)
LANGUAGE = "/admin/language/"
SHOWN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title", "data-keep"}
# What may read the same in another language.
PRODUCTS = (
    "Adobe Commerce|Catalog Service|Commerce Admin|Commerce Services Connector|Live Search|Magento Open Source|MageID"
    "|Payment Services|Product Recommendations"
)
# Environments and types of data spaces by their names in Commerce Services, and a scope by its name in Commerce.
WIRE = (
    "Sandbox|Production|Testing|sandbox|production|[global]|Payment Services (sandbox)|Payment Services (production)"
    "|Payment Services, sandbox|Payment Services, production"
)
# The menu lists each language under its own name.
TONGUES = "English|Français"
# Words that French writes as English does.
WORDS = (
    "Action|Active|Canada|Cause|Code|Configuration|France|Id|Instance|Menu|Notifications"
    "|Notifications / Commerce Admin|Pages|Portugal|Service|Services|Sessions|Standard|Type|Version"
)
ALIKE = {*f"{PRODUCTS}|{WIRE}|{TONGUES}|{WORDS}".split("|"), *Cause.values}
# Names given by people and by Commerce Services, and the addresses, codes and times in technical details.
DATA = re.compile(
    r"(alice|bob|Role of bob|Luma|Luma shop|Luma EU / \w+( \d)?|Fabrikam|Fabrikam EU|Fabrikam US|Live|Staging|West)"
    r"( \((Testing|Production|MAG\d+)\))?"
    r"|…[a-f0-9]{4}|[a-f0-9-]{8,}|MAG\d+|SHA256:.*|https?://\S+|[\w.]+\.(test|io)|Commerce Admin \d.*"
    r"|EUR|processing"
    r"|Fabrikam EU › \w+ \(\w+\)|\(MAG\d+\)|testing-1|live-1|CREATED|STARTED|UNVERIFIED|COMPLETED|REVOKED"
    r"|Phone|[A-Z2-7]{32}"
    r"|admin\.example\.com|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
)


class Texts(HTMLParser):
    """Collects what a page shows: each piece of text, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.found += [" ".join(text.split()) for name, text in attrs if name in SHOWN_ATTRIBUTES and text]

    def handle_data(self, data: str) -> None:
        if self.inside not in {"script", "style", "code"}:
            self.found.append(" ".join(data.split()))


def shown(page: str) -> set[str]:
    """Return the pieces of text on `page` that have a word in them."""
    texts = Texts()
    texts.feed(page)
    return {text.strip(" :·.,/›") for text in texts.found if re.search(r"[^\W\d_]{2}", text)}


def left(english: str, other: str) -> set[str]:
    """Return the texts that `other` shares with `english` although they should be translated."""
    return {text for text in shown(english) & shown(other) if text not in ALIKE and not DATA.fullmatch(text)}


@pytest.fixture
def filled(alice: User, bob: User) -> None:
    fill(alice)


def pages(client: Client, language: str, below: str) -> dict[str, str]:
    """Return every page below an address that a GET shows, by its address."""
    found = {}
    asked = {"accept-language": language}
    for path in [page for address in addresses() for page in filled_in(address) if page.startswith(below)]:
        answer = client.get(path, headers=asked)
        if answer.status_code != 405 and "html" in answer.get("Content-Type", "") and not answer.has_header("Location"):
            found[path] = answer.content.decode()
    return found


def compared(client: Client, language: str, below: str = "/") -> dict[str, set[str]]:
    """Return what is left in English, by page."""
    english, other = pages(client, "en", below), pages(client, language, below)
    assert english.keys() == other.keys()
    assert english
    return {path: rest for path, page in other.items() if (rest := left(english[path], page))}


def test_it_knows_the_pages_of_every_part(filled: None, as_alice: Client, connected: None) -> None:
    found = pages(as_alice, "en", "/")
    assert {DASHBOARD, CONFIGURATION, PAYMENT_SERVICES, GUIDE, ACCOUNT} <= found.keys()
    assert len(found) > 25


@each_language
def test_no_page_stays_english_before_anything_is_set_up(filled: None, as_alice: Client, language: str) -> None:
    assert compared(as_alice, language) == {}


@each_language
def test_no_page_stays_english_when_it_is_connected(
    filled: None, as_alice: Client, language: str, pair: Credentials, other_pair: Credentials
) -> None:
    store(SANDBOX, other_pair)
    connect(pair, data_space_id=LIVE_ID)
    Instance.objects.update(former_identifier={"project_id": PROJECT_ID}, identifier_replaced_at=timezone.now())
    assert compared(as_alice, language) == {}


@each_language
@pytest.mark.parametrize("below", ["/admin/sales/", "/admin/stores/"])
@pytest.mark.parametrize("cause", [Cause.PAIR_MISMATCH, Cause.TIMEOUT])
def test_no_page_stays_english_when_it_is_not_connected(
    filled: None, as_alice: Client, language: str, connected: None, cause: Cause, below: str
) -> None:
    learn(SANDBOX, cause)
    assert compared(as_alice, language, below) == {}


@each_language
@pytest.mark.parametrize("zone", ["UTC", "Africa/Cairo"])
def test_no_page_stays_english_with_orders(
    filled: None, as_alice: Client, language: str, connected: None, zone: str
) -> None:
    day = str(day_of(timezone.now()))
    earlier = timezone.now() - timedelta(days=25)
    source = know_source(received_at=earlier, zone=zone, days={day: {kind.status: 1 for kind in KINDS}})
    know_order(source, pay_status="capture_failed", refund_status="refund_failed", dispute="open")
    know_order(source, pay_status="authorized", ordered_at=earlier)
    assert compared(as_alice, language, PAYMENT_SERVICES) == {}


FORMS: list[tuple[str, dict[str, Any]]] = [
    (CONFIGURATION, {"sandbox_api_key": "short", "sandbox_private_key": "-----BEGIN PUBLIC KEY-----"}),
    (CONFIGURATION, {"revision": "0", "active_environment": "production"}),
    (f"{CONFIGURATION}create-project/", {}),
    (f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "x"}),
    (PORTAL, {"name": "a\nb"}),
    (CREATE_ACCOUNT, {}),
    (FAULTS, {"seconds": "x"}),
    (f"{USERS}add/", {"email": "x", "password": "x", "password_again": "y"}),
    (f"{USERS}add/", {"username": "b b", "password": "12345678", "password_again": "12345678"}),
    (f"{USERS}add/", {"username": "b", "password": "Commerce2026", "password_again": "Commerce2026"}),
    (f"{USERS}add/", {"username": "b", "password": "cheeseburger", "password_again": "cheeseburger"}),
    (f"{USERS}add/", {"username": "b", "password": "x" * 129, "password_again": "x" * 129}),
    (f"{ROLES}add/", {}),
    (ACCOUNT_SETTING, {"email": "x", "present_password": "x"}),
    (LOGIN, {"login": "nobody", "password": "x"}),
]


@each_language
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("path", "sent"), FORMS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_form_refuses_is_not_left_in_english(
    as_alice: Client, client: Client, language: str, connected: None, path: str, sent: dict[str, Any]
) -> None:
    person = client if "login" in path else as_alice
    english, other = (
        person.post(path, sent, headers={"accept-language": code}, follow=True).content.decode()
        for code in ("en", language)
    )
    assert left(english, other) == set()


QUERIES = [
    "start=2026-12-01&end=2026-11-01&min_amount=x&max_amount=x&pay_status=x&refund_status=x&dispute=x&store_view=x",
    "min_amount=2&max_amount=1&start=x",
    "start=&end=&pay_status=voided",
    "start=&end=&refund_status=refunded&dispute=open&per_page=50",
    "source=production",
]


@each_language
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("query", QUERIES)
def test_nothing_about_filters_is_left_in_english(
    as_alice: Client, language: str, pair: Credentials, query: str
) -> None:
    connect(pair, data_space_id=LIVE_ID)
    english, other = (
        as_alice.get(f"{ORDERS}?{query}", headers={"accept-language": code}).content.decode()
        for code in ("en", language)
    )
    assert left(english, other) == set()


@each_language
def test_no_page_of_a_failure_stays_english(language: str) -> None:
    said: dict[str, list[str]] = {}
    request = RequestFactory().post("/x/", headers={"origin": "https://elsewhere.test"})
    for code in ("en", language):
        with translation.override(code):
            for name in (path.stem for path in (settings.BASE_DIR / "templates").glob("[45]*.html")):
                context = {"ways": ways_on(request), "is_opened": True, "host": "elsewhere.test"}
                context |= {"sentences": changed_origin(request), "text": without_address()}
                shown = render_to_string(f"{name}.html", context)
                said.setdefault(name, []).append(shown)
    assert {name: rest for name, pages in said.items() if (rest := left(*pages))} == {}


@each_language
def test_the_names_in_the_export_are_translated(as_alice: Client, language: str) -> None:
    heads = {
        code: b"".join(as_alice.get(f"{ACTION_LOG}export/", headers={"accept-language": code})).decode()
        for code in ("en", language)
    }
    titles = {code: set(next(csv.reader(StringIO(table.removeprefix("\ufeff"))))) for code, table in heads.items()}
    assert titles["en"] & titles[language] <= ALIKE


@pytest.mark.parametrize("path", [DASHBOARD, ACCOUNT, PAYMENT_SERVICES])
def test_the_menu_changes_it_and_comes_back_to_the_page(as_alice: Client, path: str) -> None:
    assert 'name="language"' in as_alice.get(path, follow=True).content.decode()
    answer = as_alice.post(LANGUAGE, {"language": "fr"}, headers={"referer": f"http://testserver{path}"})
    assert (answer.status_code, answer["Location"]) == (302, f"http://testserver{path}")
    assert 'lang="fr"' in as_alice.get(path, headers={"accept-language": "en"}, follow=True).content.decode()


def test_the_menu_marks_the_language_in_use(as_alice: Client) -> None:
    page = as_alice.get(DASHBOARD, headers={"accept-language": "fr"}).content.decode()
    assert re.findall(r'value="(\w+)"\s+lang="\w+"\s+aria-current="true"', page) == ["fr"]


@pytest.mark.parametrize("language", ["", "xx", "../fr", "fr\n", "f" * 600])
def test_it_keeps_no_language_that_there_is_not(as_alice: Client, language: str) -> None:
    answer = as_alice.post(LANGUAGE, {"language": language})
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize("address", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(as_alice: Client, address: str) -> None:
    assert as_alice.post(LANGUAGE, {"language": "fr"}, headers={"referer": address})["Location"] == "/"
    assert as_alice.post(LANGUAGE, {"language": "fr", "next": address})["Location"] == "/"
