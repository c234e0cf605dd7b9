"""What the pages do beyond their forms: each behaviour is one module of scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from backend.audit.action_log import record
from connector import connection
from connector.action_log import Action
from saas.models import ApiKey
from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, LOGIN, NOTIFICATIONS, USERS
from tests.browser.states import STATES
from tests.browser.states.payments import ERROR_DIALOG, pair_mismatch, technical_details
from tests.browser.store import Store, session_of
from tests.browser.visit import Visit, paste_private_key, wait_for_scripts
from tests.factories import set_instance


def stay(page: Page) -> list[str]:
    """Answer *no* to every question of the browser; return the list in which their kinds are noted."""
    asked: list[str] = []

    def answer(question: Dialog) -> None:
        asked.append(question.type)
        question.dismiss()

    page.on("dialog", answer)
    return asked


def test_a_password_can_be_shown_and_is_hidden_when_it_is_sent(page: Page) -> None:
    page.context.clear_cookies()
    page.goto(LOGIN)
    password = page.get_by_label("Password")
    password.fill("typed by a person")
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_js_property("spellcheck", value=False)
    page.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show password").click()
    page.route("**/login/", lambda route: route.fulfill(status=204))
    page.get_by_label("User name").fill("admin")
    page.get_by_role("button", name="Sign in").click()
    expect(password).to_have_attribute("type", "password")
    expect(password).to_have_value("typed by a person")


def test_a_password_may_be_pasted(page: Page) -> None:
    page.goto(f"{USERS}add/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('nobody else has these words')")
    for label in ("Password", "Password, again"):
        page.get_by_label(label, exact=True).press("Control+V")
        expect(page.get_by_label(label, exact=True)).to_have_value("nobody else has these words")


def test_the_new_private_key_is_copied(new_key: Page) -> None:
    new_key.context.grant_permissions(["clipboard-read", "clipboard-write"])
    new_key.get_by_role("button", name="Copy private key").click()
    expect(new_key.get_by_role("button", name="Copy private key ✓")).to_be_visible()
    copied = new_key.evaluate("navigator.clipboard.readText()")
    assert copied == new_key.get_by_label("Private key").input_value()


def test_what_support_asks_for_is_copied_without_any_key(page: Page, store: Store) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    technical_details(store, page)
    page.get_by_role("button", name="Copy for support").click()
    expect(page.get_by_role("button", name="Copy for support ✓")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Cause: pair_mismatch\nEnvironment: sandbox\nGateway: localhost:")
    assert ApiKey.objects.count() == 2
    assert not any(key.api_key in copied for key in ApiKey.objects.all())


def test_the_request_id_of_a_page_that_failed_is_copied(page: Page, store: Store) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = page.goto("/admin/nowhere/")
    assert answer
    page.get_by_role("button", name="Copy for support").click()
    expect(page.get_by_role("button", name="Copy for support ✓")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == answer.headers["x-request-id"]


def test_the_cause_is_seen_first_on_a_small_screen(page: Page, store: Store) -> None:
    page.set_viewport_size({"width": 320, "height": 480})
    pair_mismatch(store, page)
    expect(page.get_by_role("dialog").get_by_role("heading", name="Your account")).to_be_in_viewport()


def test_the_dialog_opens_again_from_the_page(page: Page, store: Store) -> None:
    pair_mismatch(store, page)
    expect(page.locator(f"{ERROR_DIALOG}:modal")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Technical details").click()
    expect(page.get_by_role("dialog", name="Your account was not verified")).to_be_visible()


def test_the_new_private_key_is_downloaded(new_key: Page) -> None:
    with new_key.expect_download() as saved:
        new_key.get_by_role("button", name="Download private key").click()
    api_key = new_key.get_by_label("Public key").input_value()
    assert saved.value.suggested_filename == f"sandbox-{api_key}.pem"
    assert Path(saved.value.path()).read_text() == new_key.get_by_label("Private key").input_value()


def test_the_private_key_is_gone_after_its_dialog(new_key: Page) -> None:
    private_key = new_key.get_by_label("Private key").input_value()
    new_key.get_by_role("link", name="API Portal").last.evaluate("(link) => location.assign(link.href)")
    expect(new_key.locator("#new-key")).to_have_count(0)
    assert private_key.splitlines()[1] not in new_key.content()
    assert ApiKey.objects.count() == 1


def test_replace_opens_the_field_of_another_private_key(configuration: Page) -> None:
    field = configuration.get_by_label("Sandbox private key")
    expect(field).to_be_hidden()
    replace = configuration.locator("#sandbox-keys .replace > summary")
    replace.press("Enter")
    expect(field).to_be_focused()
    field.fill("half a key")
    replace.get_by_text("Keep the stored key").click()
    expect(field).to_be_hidden()
    expect(field).to_have_value("")


def test_a_private_key_is_replaced_without_a_script(visit: Visit, store: Store) -> None:
    store.connect()
    key, pair = store.new_key()
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill("short")
    paste_private_key(page, "Sandbox", pair.private_key)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_label("Sandbox private key")).to_have_value("")
    expect(page.get_by_text("A private key is never sent back: paste it again.")).to_be_visible()
    page.get_by_label("Sandbox API key").fill(key.api_key)
    page.get_by_label("Sandbox private key").fill(pair.private_key)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()


def test_leaving_with_unsaved_changes_asks_first(configuration: Page) -> None:
    configuration.get_by_label("Production API key").fill("half a key")
    asked = stay(configuration)
    with configuration.expect_event("dialog"):
        configuration.get_by_role("link", name="Dashboard").click()
    expect(configuration.get_by_label("Production API key")).to_have_value("half a key")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("path", [CONFIGURATION, f"{USERS}add/"])
def test_leaving_a_refused_form_asks_first(page: Page, store: Store, path: str) -> None:
    store.connect()
    page.goto(path)
    field = page.get_by_label("Sandbox API key" if path == CONFIGURATION else "User name")
    field.fill("a key")
    page.get_by_role("button", name="Save").first.click()
    expect(field).to_be_focused()
    field.click()  # A browser asks only where a person did something.
    asked = stay(page)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Dashboard").click()
    expect(field).to_be_visible()
    assert asked == ["beforeunload"]


def test_leaving_an_untouched_form_asks_nothing(configuration: Page) -> None:
    configuration.get_by_label("Production API key").click()  # A browser asks only where a person did something.
    asked = stay(configuration)
    configuration.get_by_role("link", name="Dashboard").click()
    expect(configuration).to_have_url(re.compile(f"{DASHBOARD}$"))
    assert asked == []


def test_a_double_click_saves_once(page: Page, store: Store) -> None:
    key, pair = store.new_key()
    page.goto(CONFIGURATION)
    wait_for_scripts(page)
    page.get_by_label("Sandbox API key").fill(key.api_key)
    page.get_by_label("Sandbox private key").fill(pair.private_key)
    sent = []

    def note(request: Request) -> None:
        sent.append((request.method, request.url))

    page.on("request", note)
    page.get_by_role("button", name="Save Config").dblclick()
    expect(page.get_by_text("Sandbox: the key pair was verified")).to_be_visible()
    assert sent.count(("POST", page.url)) == 1


def test_the_data_spaces_follow_the_project(page: Page, store: Store) -> None:
    store.enter_new_key()
    store.choose_data_space("Luma US")
    store.choose_data_space("Luma EU")
    store.verify()
    page.goto(CONFIGURATION)
    spaces = page.get_by_label("Data space", exact=True)
    expect(spaces.locator("option:checked")).to_have_text("Testing 2 (Testing)")
    page.get_by_label("Project", exact=True).select_option(label="Luma US")
    expect(spaces).to_have_value("")
    offered = {option.get_attribute("data-value") for option in spaces.locator("option:enabled[data-value]").all()}
    assert offered == {page.get_by_label("Project", exact=True).input_value()}


def test_a_refused_form_starts_at_its_first_mistake(page: Page, store: Store) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.locator("#production-keys > summary").click()
    page.locator("#production-keys").evaluate("(section) => (section.open = false)")
    page.get_by_label("Sandbox API key").fill("not a key")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_label("Sandbox API key")).to_be_focused()


def test_configure_commerce_services_leads_to_the_first_field_that_is_missing(page: Page, store: Store) -> None:
    page.goto(CONFIGURATION)
    page.get_by_role("link", name="Configure Commerce Services").click()
    expect(page.get_by_label("Sandbox API key")).to_be_focused()
    store.enter_new_key()
    store.verify()
    page.goto(CONFIGURATION)
    page.get_by_role("link", name="Configure Commerce Services").click()
    expect(page.get_by_role("link", name="Create Project")).to_be_focused()
    space = store.choose_data_space()
    set_instance(project_id="", data_space_id="")
    store.verify()
    page.goto(CONFIGURATION)
    page.get_by_role("link", name="Configure Commerce Services").click()
    expect(page.get_by_label("Project", exact=True)).to_be_focused()
    set_instance(project_id=str(space.project_id), data_space_id="")
    page.goto(CONFIGURATION)
    for _time in range(2):
        page.get_by_role("link", name="Configure Commerce Services").click()
        expect(page.get_by_label("Data space", exact=True)).to_be_focused()


def test_a_refused_dialog_starts_at_its_mistake(page: Page, store: Store) -> None:
    STATES["portal-delete-refused"](store, page)
    expect(page.get_by_label("Name of the key")).to_be_focused()


def test_the_menu_gives_the_focus_back(page: Page) -> None:
    page.goto(DASHBOARD)
    wait_for_scripts(page)
    sales = page.get_by_role("button", name="Sales")
    sales.click()
    expect(sales).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(sales).to_have_attribute("aria-expanded", "false")
    expect(sales).to_be_focused()


def test_an_untouched_form_changes_nothing(page: Page, store: Store) -> None:
    store.connect()
    before = connection.load().instance.revision
    page.goto(CONFIGURATION)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Nothing was changed, so nothing was saved.")).to_be_visible()
    assert connection.load().instance.revision == before


def test_opening_the_bell_takes_its_counter_away_for_good(page: Page, store: Store) -> None:
    record(Action.KEYS_REPLACED, "sandbox")
    page.goto(DASHBOARD)
    wait_for_scripts(page)
    bell = page.get_by_role("button", name="Notifications 1 new")
    with page.expect_response(f"**{NOTIFICATIONS}"):
        bell.press("Enter")
    expect(page.locator("#notifications").get_by_text("The keys for Sandbox were replaced.")).to_be_visible()
    expect(page.locator(".bell-count")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()


def test_the_bell_works_without_a_script(visit: Visit, store: Store) -> None:
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    record(Action.KEYS_REPLACED, "sandbox")
    page.goto(DASHBOARD)
    page.get_by_role("button", name="Notifications 1 new").click()
    page.get_by_role("button", name="Mark as seen").click()
    expect(page.get_by_role("heading", name="Notifications", level=1)).to_be_visible()
    expect(page.locator(".bell-count")).to_have_count(0)


def test_the_head_of_the_log_stays_in_sight(store: Store, page: Page) -> None:
    for number in range(60):
        record(Action.PROJECT_RENAMED, str(number))
    page.goto(f"{ACTION_LOG}?per_page=100")
    page.mouse.wheel(0, 1500)
    expect(page.get_by_role("row").nth(1)).not_to_be_in_viewport()
    head = page.get_by_role("columnheader", name="Time")
    assert head.evaluate("head => head.getBoundingClientRect().top") == 0


def test_a_slash_in_a_field_is_a_slash(configuration: Page) -> None:
    configuration.get_by_label("Production API key").press_sequentially("a/b")
    expect(configuration.get_by_label("Production API key")).to_have_value("a/b")


def test_the_search_needs_no_javascript(visit: Visit, store: Store) -> None:
    key = store.connect()
    page = visit.tab(session=session_of("admin"), java_script_enabled=False)
    page.goto(DASHBOARD)
    page.get_by_role("searchbox", name="Search").fill(key.api_key[4:12])
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=key.api_key).click()
    expect(page.get_by_label("Sandbox API key")).to_be_in_viewport()
