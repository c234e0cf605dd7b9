"""What the policy of the pages makes a browser refuse, and that the server learns of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.addresses import CONFIGURATION, DASHBOARD, LOGIN
from tests.browser.states.sessions import sign_in_as
from tests.browser.visit import Visit, wait_for_scripts

ADD = "document.body.append(Object.assign(document.createElement({}), {{ {}: {} }}))"
INJECTED = {
    "a script": ADD.format("'script'", "text", "'window.broken = 1'"),
    "a script of another host": ADD.format("'script'", "src", "'https://evil.test/'"),
    "a frame": ADD.format("'iframe'", "srcdoc", "'<p>x'"),
    "markup": "document.body.innerHTML += '<img src=x>'",
    "a handler": "document.body.setAttribute('onclick', 'window.broken = 1'), document.body.click()",
    "an address": "location.assign('javascript:window.broken = 1')",
}


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    """Yield a page whose console complains."""
    page = visit.tab()
    sign_in_as(page, "admin")
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    yield page
    # Each test makes the browser refuse something.
    assert visit.complaints
    visit.complaints.clear()


@pytest.mark.parametrize("code", INJECTED.values(), ids=INJECTED)
def test_nothing_that_is_put_into_a_page_runs(page: Page, code: str) -> None:
    page.evaluate(f"() => {{ try {{ {code} }} catch {{ window.refused = 1 }} }}")
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.broken") is None
    assert page.locator("img[src=x]").count() == 0


def test_the_server_learns_what_was_refused(page: Page) -> None:
    with page.expect_request("**/admin/csp-report/") as sent:
        page.evaluate('() => document.body.setAttribute("style", "color: red")')
    response = sent.value.response()
    assert response
    assert response.status == 204


def test_signing_out_forgets_what_the_scripts_kept(visit: Visit) -> None:
    page = visit.tab()
    sign_in_as(page, "admin")
    page.evaluate('() => localStorage.setItem("section:x", "open")')
    page.goto(DASHBOARD)
    page.get_by_role("button", name="admin").click()
    page.get_by_role("button", name="Sign Out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    assert page.url.endswith(LOGIN)
    assert page.evaluate("() => localStorage.length") == 0
