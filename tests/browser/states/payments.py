"""Sales › Payment Services: each cause in its dialog, and the connected home."""

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from connector.models import KeyPair, Verification
from payments.models import Merchant as Known
from saas.models import Account, DataSpace, PayPalLink, Project
from tests.addresses import PAYMENT_SERVICES, SETTINGS
from tests.browser.states.making import State, at, elsewhere, seen_by
from tests.browser.store import Store, unknown_api_key
from tests.browser.visit import wait_for_scripts

ERROR_DIALOG = "#verification-error"


def dialog_of(cause: str, page: Page) -> None:
    """Open Payment Services and see that its dialog names `cause`."""
    page.goto(PAYMENT_SERVICES)
    expect(page.locator(ERROR_DIALOG)).to_be_visible()
    expect(page.locator(ERROR_DIALOG).get_by_text(cause, exact=True)).to_be_attached()


def keys_missing(store: Store, page: Page) -> None:
    store.choose_data_space()
    dialog_of("keys_missing", page)


def pair_mismatch(store: Store, page: Page) -> None:
    key, _pair = store.new_key()
    _other, pair = store.new_key(name="Luma outlet")
    store.enter("sandbox", key.api_key, pair.private_key)
    store.choose_data_space()
    store.verify()
    dialog_of("pair_mismatch", page)


def api_key_unknown(store: Store, page: Page) -> None:
    _key, pair = store.new_key()
    store.enter("sandbox", unknown_api_key(), pair.private_key)
    store.choose_data_space()
    store.verify()
    dialog_of("api_key_unknown", page)


def wrong_environment(store: Store, page: Page) -> None:
    key, pair = store.new_key("production")
    store.enter("sandbox", key.api_key, pair.private_key)
    store.choose_data_space()
    store.verify()
    dialog_of("wrong_environment", page)


def account_mismatch(store: Store, page: Page) -> None:
    store.connect()
    other = Account.objects.create_with_owner(store.owner, organization_name="Somebody Else", payments_production=False)
    Project.objects.provision(other, "Theirs")
    store.enter_new_key("production", other)
    store.verify()
    dialog_of("account_mismatch", page)


def data_space_unknown(store: Store, page: Page) -> None:
    store.connect()
    other = Account.objects.create_with_owner(store.owner, organization_name="Somebody Else")
    Project.objects.provision(other, "Theirs")
    store.enter_new_key(account=other)
    store.verify()
    dialog_of("data_space_unknown", page)


def refused(store: Store, page: Page) -> None:
    store.connect()
    store.fail("refused")
    store.verify()
    dialog_of("refused", page)


def key_revoked(store: Store, page: Page) -> None:
    key = store.connect()
    key.delete_at(timezone.now())
    store.verify()
    dialog_of("key_revoked", page)


def technical_details(store: Store, page: Page) -> None:
    pair_mismatch(store, page)
    page.locator("dialog").get_by_text("Technical details").click()
    expect(page.get_by_role("button", name="Copy for support")).to_be_visible()


def long_names(store: Store, page: Page) -> None:
    """A person without the configuration, and names as long as they may be."""
    User.objects.filter(username="developer").update(first_name="Wolfgangsson" * 10, last_name="Nachname" * 15)
    seen_by("merchant", pair_mismatch)(store, page)


def two_pairs(store: Store, page: Page) -> None:
    store.enter_new_key("production")
    store.connect()
    Project.objects.update(name="Luma " * 50)
    DataSpace.objects.update(name="Staging" * 30)
    store.verify()
    page.goto(SETTINGS)


def undecryptable(store: Store, page: Page) -> None:
    store.connect()
    KeyPair.objects.update(private_key=F("api_key"))  # A value that was moved to another column does not open.
    dialog_of("undecryptable", page)


def never_verified(store: Store, page: Page) -> None:
    store.fail("500")
    store.enter_new_key()
    store.choose_data_space()
    store.verify()
    page.goto(PAYMENT_SERVICES)
    expect(page.get_by_label("State of the connection").get_by_text("Check failed")).to_be_visible()


def doubtful(store: Store, page: Page) -> None:
    store.connect()
    store.let_time_pass()
    store.fail("500")
    page.goto(PAYMENT_SERVICES)
    expect(page.locator("#connection .message-warning")).to_be_visible()


def connected(store: Store, page: Page) -> None:
    store.connect()
    page.goto(PAYMENT_SERVICES)


def key_malformed(store: Store, page: Page) -> None:
    """Nobody checks a private key before an environment variable sets it."""
    store.connect()
    store.lock(sandbox_private_key="-----BEGIN PUBLIC KEY-----")
    dialog_of("private_key_malformed", page)


def clock_skew(store: Store, page: Page) -> None:
    """Only a gateway whose clock is off causes it, and the server of the tests writes its own date."""
    store.connect()
    Verification.objects.update(code="clock_skew", checked_at=timezone.now())
    page.goto(PAYMENT_SERVICES)
    expect(page.locator("#connection .message-warning")).to_contain_text("clock")


def both_environments(store: Store, page: Page) -> None:
    store.enter_new_key("production")
    store.connect()
    store.onboard("COMPLETED", "production")
    page.goto(PAYMENT_SERVICES)


def onboarding(status: str, environment: str = "sandbox") -> State:
    """Return the state in which onboarding of one environment has come as far as `status`."""

    def state(store: Store, page: Page) -> None:
        store.enter_new_key("production")
        store.connect()
        store.onboard(status, environment)
        page.goto(PAYMENT_SERVICES)
        wait_for_scripts(page)
        expect(page.locator(f"#onboarding-{environment}").get_by_text(status, exact=True)).to_be_visible()

    return state


def unread(store: Store, page: Page) -> None:
    """The gateway fails where onboarding is read."""
    store.connect()
    store.onboard("STARTED")
    store.fail("500")
    page.goto(PAYMENT_SERVICES)
    wait_for_scripts(page)
    page.locator("#onboarding-sandbox").get_by_role("button", name="Check again").click()
    expect(page.locator("#onboarding-sandbox").get_by_text("could not be read")).to_be_visible()


def begin_live(store: Store, page: Page) -> None:
    onboarding("CREATED", "production")(store, page)
    page.get_by_role("link", name="Live onboarding", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def begin_live_refused(store: Store, page: Page) -> None:
    Account.objects.update(payments_production=False)
    begin_live(store, page)
    page.get_by_role("button", name="Go to PayPal").click()
    expect(page.locator('[aria-invalid="true"]').locator("visible=true")).to_be_visible()


def at_paypal(store: Store, page: Page) -> None:
    onboarding("CREATED")(store, page)
    page.get_by_role("button", name="Sandbox onboarding").click()
    expect(page.get_by_role("heading", name="Simulated PayPal")).to_be_visible()


def at_paypal_too_late(store: Store, page: Page) -> None:
    at_paypal(store, page)
    PayPalLink.objects.update(visits=7)
    page.reload()
    expect(page.get_by_role("link", name="Go back")).to_be_visible()


def switch_refused(store: Store, page: Page) -> None:
    onboarding("STARTED", "production")(store, page)
    page.goto(SETTINGS)
    wait_for_scripts(page)
    page.get_by_role("link", name="Switch to Production").click()
    expect(page.get_by_role("dialog").get_by_text("Live onboarding is not completed")).to_be_visible()


def reset_dialog(store: Store, page: Page) -> None:
    both_environments(store, page)
    store.onboard("COMPLETED")
    page.goto(SETTINGS)
    wait_for_scripts(page)
    page.get_by_role("link", name="Reset Sandbox ID").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def former_merchant(store: Store, page: Page) -> None:
    store.connect()
    store.onboard("COMPLETED")
    Known.objects.update(data_space_id="d9f44437-cf9e-4fb4-959f-16ad96701229")
    page.goto(SETTINGS)


def partly_configured(store: Store, page: Page) -> None:
    store.enter_new_key()
    store.verify()
    page.goto(PAYMENT_SERVICES)


STATES: dict[str, State] = {
    "payments-merchant": seen_by("merchant", at(PAYMENT_SERVICES)),
    "payments-merchant-rejected": seen_by("merchant", pair_mismatch),
    "payments-partly": partly_configured,
    "payments-never-verified": never_verified,
    "payments-undecryptable": undecryptable,
    "payments-key-revoked": key_revoked,
    "payments-details": technical_details,
    "payments-long-names": long_names,
    "payments-settings": two_pairs,
    "payments-settings-merchant": seen_by("merchant", at(SETTINGS, is_connected=True)),
    "payments-connected": connected,
    "payments-both-environments": both_environments,
    **{
        f"payments-onboarding-{status.lower()}": onboarding(status)
        for status in ("CREATED", "STARTED", "COMPLETED", "UNVERIFIED", "REVOKED")
    },
    "payments-onboarding-live": onboarding("UNVERIFIED", "production"),
    "payments-onboarding-unread": unread,
    "payments-begin-live": begin_live,
    "payments-begin-live-refused": begin_live_refused,
    "payments-switch-refused": switch_refused,
    "payments-reset": reset_dialog,
    "payments-former-merchant": former_merchant,
    "paypal": at_paypal,
    "paypal-over": at_paypal_too_late,
    "payments-doubtful": doubtful,
    "payments-clock-skew": clock_skew,
    "payments-key-malformed": key_malformed,
    "payments-keys-missing": keys_missing,
    "payments-pair-mismatch": pair_mismatch,
    "payments-api-key-unknown": api_key_unknown,
    "payments-wrong-environment": wrong_environment,
    "payments-elsewhere": elsewhere(PAYMENT_SERVICES),
    "payments-data-space-unknown": data_space_unknown,
    "payments-account-mismatch": account_mismatch,
    "payments-refused": refused,
}
