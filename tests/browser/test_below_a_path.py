"""The Admin below a path: no page, script, redirect or cookie leads outside it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from dashboard import demo
from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, GUIDE, ORDERS, PAYMENT_SERVICES, PORTAL, SEARCH
from tests.browser.store import Store
from tests.browser.test_onboarding import answer
from tests.browser.visit import Visit, paste_private_key
from tests.factories import PASSWORD
from tests.operations.gunicorn import gunicorn

PREFIX = "/shop/payments"
# Every address of this server that a page names.
ADDRESSES = """() => [...document.querySelectorAll("[href], [src], [action], [formaction], meta[name=module]")]
  .map((element) => element.href || element.src || element.action || element.content)
  .filter((address) => typeof address === "string" && new URL(address, location).origin === location.origin)"""


@pytest.fixture
def below(
    transactional_db: None, browser: Browser, settings: Settings, tmp_path: Path
) -> Iterator[tuple[Visit, Store]]:
    """Yield a visitor and the store of a server below a path, whose gateway is its own stand-in there."""
    # The other process knows no faster hashes than these.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    demo.make_people(PASSWORD)
    with gunicorn(tmp_path, URL_PREFIX=PREFIX) as server:
        visit = Visit(browser, f"http://127.0.0.1:{server.port}")
        yield visit, Store(User.objects.get(username="admin"), visit.url, settings)
        visit.close()
        assert visit.complaints == []
        assert "Traceback" not in server.said


def paths_of(page: Page) -> set[str]:
    """Return the paths that the page names."""
    return {urlsplit(address).path for address in page.evaluate(ADDRESSES)}


def sign_in(page: Page) -> None:
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def save_keys(page: Page, store: Store) -> None:
    key, pair = store.new_key()
    page.get_by_label("Sandbox API key").fill(key.api_key)
    paste_private_key(page, "Sandbox", pair.private_key)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()


def onboard(page: Page) -> None:
    """Go to PayPal, and come back."""
    page.goto(PREFIX + PAYMENT_SERVICES)
    page.get_by_role("button", name="Sandbox onboarding").click()
    answer(page, "Leave")
    expect(page.get_by_text("Sandbox payments pending")).to_be_visible()


@pytest.mark.slow
def test_nothing_leads_outside_the_path(below: tuple[Visit, Store]) -> None:
    visit, store = below
    page, named = visit.tab(), set[str]()
    page.context.on("request", lambda request: named.add(urlsplit(request.url).path))
    page.goto(PREFIX + GUIDE)
    sign_in(page)
    expect(page).to_have_url(visit.url + PREFIX + GUIDE)
    page.get_by_role("main").get_by_role("link", name="Get a key pair").click()
    named |= paths_of(page)
    store.choose_data_space()
    store.take_orders()
    page.goto(PREFIX + CONFIGURATION)
    save_keys(page, store)
    onboard(page)
    for path in (PORTAL, DASHBOARD, PAYMENT_SERVICES, ORDERS, f"{SEARCH}?q=key", ACTION_LOG):
        page.goto(PREFIX + path)
        visit.settle(page)
        named |= paths_of(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    assert "127.0.0.1" in Path(download.value.path()).read_text(encoding="utf-8")
    assert {path for path in named if not path.startswith(f"{PREFIX}/")} == set()
    assert {cookie["path"] for cookie in page.context.cookies()} == {PREFIX}
