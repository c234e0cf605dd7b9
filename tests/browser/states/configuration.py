"""Stores › Configuration › Commerce Services Connector: the page, what it refuses and its dialogs."""

from playwright.sync_api import Page, expect

from connector import connection
from connector.models import Instance
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.browser.states.making import State, after, at, elsewhere, refused
from tests.browser.states.payments import (
    clock_skew,
    data_space_unknown,
    key_malformed,
    never_verified,
    undecryptable,
    wrong_environment,
)
from tests.browser.store import Store, unknown_api_key
from tests.browser.visit import paste_private_key, wait_for_scripts


def refused_form(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill("not a key")
    paste_private_key(page, "Production", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_role("alert")).to_be_visible()


def kept_working_pair(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Sandbox API key").fill(unknown_api_key())
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_label("Replace the working key pair all the same")).to_be_visible()


def checked_keys(store: Store, page: Page) -> None:
    """A key that was repaired in one section, and a text that is none in the other."""
    store.connect()
    key, pair = store.new_key()
    store.enter("production", key.api_key, pair.private_key)
    page.goto(CONFIGURATION)
    paste_private_key(page, "Sandbox", f"API key: {unknown_api_key()}\n{pair.private_key}")
    paste_private_key(page, "Production", pair.private_key[:900])
    expect(page.get_by_text("Read, not saved yet")).to_be_visible()
    expect(page.get_by_text("A part of this private key is missing")).to_be_visible()


def saved_by_somebody_else(store: Store, page: Page) -> None:
    store.connect()
    page.goto(CONFIGURATION)
    page.get_by_label("Data space", exact=True).select_option(label="Testing 1 (Testing)")
    Instance.objects.advance(connection.load().instance.revision)
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_text("Saved meanwhile")).to_be_visible()


def locked(store: Store, page: Page) -> None:
    """Everything but the sandbox's keys, which the sandbox's section still stores."""
    store.connect()
    stored, (key, pair) = connection.load(), store.new_key("production")
    store.lock(
        active_environment="sandbox",
        production_api_key=key.api_key,
        production_private_key=pair.private_key,
        project_id=stored.project_id,
        data_space_id=stored.data_space_id,
    )
    page.goto(CONFIGURATION)
    expect(page.get_by_text("Set by the environment variable").first).to_be_visible()


def live(store: Store, page: Page) -> None:
    store.connect("Production")
    page.goto(CONFIGURATION)


def costly(store: Store, page: Page) -> None:
    """A change of the data space that payments depend on."""
    live(store, page)
    page.get_by_label("Data space", exact=True).select_option(label="Testing 1 (Testing)")
    expect(page.get_by_role("heading", name="What this change costs")).to_be_visible()


def costly_and_refused(store: Store, page: Page) -> None:
    """As without the script that asks for the name before anything is sent."""
    page.route("**/impact*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    live(store, page)
    page.get_by_label("Data space", exact=True).select_option(label="Testing 1 (Testing)")
    page.get_by_label("Name of the data space", exact=True).fill("Testing 1")
    page.get_by_role("button", name="Save Config").click()
    expect(page.get_by_label("Name of the data space", exact=True)).to_have_attribute("aria-invalid", "true")


def moved_live(store: Store, page: Page) -> None:
    """Another pair and data space than before, a Production one now: going back has its cost, too."""
    store.connect()
    store.move()
    assert connection.load().data_space_type == "Production"
    page.goto(CONFIGURATION)


def dialog(first: State, opens: str) -> State:
    """Return the state in which the link `opens` of `first` has opened its dialog."""

    def state(store: Store, page: Page) -> None:
        first(store, page)
        wait_for_scripts(page)
        page.get_by_role("link", name=opens, exact=True).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return state


NAME_OF_DATA_SPACE = "Type the name of the data space to confirm: Production"
restore_pair = dialog(moved_live, opens="Restore former pair")
restore_identifier = dialog(moved_live, opens="Restore former data space")
remove_live_keys = dialog(live, opens="Remove keys")
remove_keys = at(CONFIGURATION, is_connected=True, opens="Remove keys")
rename_project = at(CONFIGURATION, is_connected=True, opens="Rename project")

STATES: dict[str, State] = {
    "configuration-found": at(f"{CONFIGURATION}#sandbox_private_key", is_connected=True),
    "configuration-empty": at(PAYMENT_SERVICES),
    "configuration-connected": at(CONFIGURATION, is_connected=True),
    "configuration-create-project": at(CONFIGURATION, is_connected=True, opens="Create Project"),
    "configuration-rename": at(CONFIGURATION, is_connected=True, opens="Rename data space"),
    "configuration-rename-project": rename_project,
    "configuration-rename-refused": refused(rename_project, "Project name", " ", presses="Rename"),
    "configuration-remove-keys": remove_keys,
    "configuration-remove-refused": refused(
        remove_keys, "Type the name of the environment to confirm: Sandbox", "Production", presses="Remove keys"
    ),
    "configuration-remove-live-keys": remove_live_keys,
    "configuration-remove-live-refused": refused(
        remove_live_keys, NAME_OF_DATA_SPACE, "Sandbox", presses="Remove keys"
    ),
    "configuration-locked": locked,
    "configuration-key-malformed": after(key_malformed, at(CONFIGURATION)),
    "configuration-clock-skew": after(clock_skew, at(CONFIGURATION)),
    "configuration-costly": costly,
    "configuration-costly-refused": costly_and_refused,
    "configuration-former": moved_live,
    "configuration-restore-pair": restore_pair,
    "configuration-restore-refused": refused(restore_pair, NAME_OF_DATA_SPACE, "Testing 1", presses="Restore"),
    "configuration-restore-identifier": restore_identifier,
    "configuration-erase-pair": dialog(moved_live, opens="Erase now"),
    "configuration-undecryptable": after(undecryptable, at(CONFIGURATION)),
    "configuration-rejected": after(wrong_environment, at(CONFIGURATION)),
    "configuration-elsewhere": elsewhere(CONFIGURATION),
    "configuration-rename-instance": at(CONFIGURATION, is_connected=True, opens="Rename instance"),
    "configuration-data-space-unknown": after(data_space_unknown, at(CONFIGURATION)),
    "configuration-never-verified": after(never_verified, at(CONFIGURATION)),
    "configuration-checked": checked_keys,
    "configuration-refused": refused_form,
    "configuration-kept": kept_working_pair,
    "configuration-stale": saved_by_somebody_else,
}
