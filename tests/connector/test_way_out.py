"""A page that reports a problem offers the way out; a former pair that can be restored comes first."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from connector import connection
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import KeyPair
from connector.verification.causes import Cause
from connector.verification.row import Button, Kind
from tests.addresses import CONFIGURATION, DASHBOARD, PAYMENT_SERVICES
from tests.factories import CONFIGURE, USE_PAYMENTS, advice, connect, learn, person, set_instance, store
from tests.gateways import SANDBOX
from tests.markup import sent, text

pytestmark = pytest.mark.django_db
RESTORE = f"{CONFIGURATION}restore/sandbox/"
REJECTED = [cause for cause in Cause if cause.kind is Kind.REJECTED]
BUTTON = "Restore former pair"


@pytest.fixture
def replaced(pair: Credentials, other_pair: Credentials) -> None:
    """Replace a working pair with one that does not work."""
    connect(pair)
    store(SANDBOX, other_pair)
    learn(SANDBOX, Cause.API_KEY_UNKNOWN)


@pytest.fixture
def removed(as_alice: Client, pair: Credentials) -> None:
    """Connect, then remove the pair."""
    connect(pair)
    as_alice.post(f"{CONFIGURATION}remove-keys/sandbox/", {"confirmation": "Sandbox"})


def replace(client: Client, pair: Credentials) -> str:
    """Save another pair for the sandbox, and return the text of the page after it."""
    return text(client.post(CONFIGURATION, sent(pair), follow=True))


def buttons() -> tuple[Button, ...]:
    return advice().buttons


def first_buttons(client: Client) -> list[str]:
    """Return where the first button of the dialog, the panel and the Dashboard leads."""
    dialog = client.get(PAYMENT_SERVICES).content.decode().split('class="dialog-actions"')[1].split("</dialog>")[0]
    panel = client.get(CONFIGURATION).content.decode().split('id="panel-title"')[1].split("</section>")[0]
    board = client.get(DASHBOARD).content.decode().split('id="banner"')[1].split('id="setup"')[0]
    return [
        re.split("button-(?:secondary|primary)", part)[1].split('href="')[1].split('"')[0]
        for part in (dialog, panel, board)
    ]


@pytest.mark.parametrize("cause", REJECTED)
def test_after_a_bad_replacement_the_former_pair_comes_first(replaced: None, cause: Cause) -> None:
    learn(SANDBOX, cause)
    assert buttons()[0] is Button.RESTORE_PAIR
    assert len(buttons()) > 1
    assert "Restore the former pair, which worked" in advice().next_step


@pytest.mark.parametrize("trouble", ["replaced", "removed"])
def test_dialog_panel_and_dashboard_offer_the_same_first_button(
    as_alice: Client, request: pytest.FixtureRequest, trouble: str
) -> None:
    request.getfixturevalue(trouble)
    back = ["?from=payment-services", "", "?from=dashboard"]
    assert first_buttons(as_alice) == [RESTORE + query for query in back]


def test_after_a_removal_of_all_that_was_set_the_panel_offers_the_pair(removed: None, as_alice: Client) -> None:
    set_instance(project_id="", data_space_id="")
    assert connection.load().is_empty
    assert f'href="{RESTORE}"' in as_alice.get(CONFIGURATION).content.decode().split('id="panel"')[1]


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.kind is Kind.UNKNOWN])
def test_what_is_not_known_asks_for_no_other_pair(connected: None, other_pair: Credentials, cause: Cause) -> None:
    store(SANDBOX, other_pair)
    learn(SANDBOX, cause)
    assert Button.RESTORE_PAIR not in buttons()


def test_a_former_pair_that_never_worked_is_no_way_out(pair_stored: None, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    learn(SANDBOX, Cause.API_KEY_UNKNOWN)
    assert buttons() == (Button.OPEN_PORTAL, Button.ENTER_KEYS)


def test_a_former_pair_that_does_not_open_is_no_way_out(replaced: None, settings: Settings) -> None:
    current = KeyPair.objects.current().get()
    settings.ENCRYPTION_KEYS = [keyring.generate_key(), *settings.ENCRYPTION_KEYS]
    for column in ("api_key", "private_key"):
        KeyPair.objects.filter(pk=current.pk).update(**{column: current.seal(column, current.open(column))})
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert buttons() == (Button.OPEN_PORTAL, Button.ENTER_KEYS)


def test_a_deleted_key_is_not_restored_with_another_private_key(
    as_alice: Client, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    store(SANDBOX, Credentials(pair.api_key, other_pair.private_key))
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    assert buttons()[0] is Button.RESTORE_PAIR
    learn(SANDBOX, Cause.KEY_REVOKED)
    assert buttons() == (Button.OPEN_PORTAL, Button.ENTER_KEYS)
    assert BUTTON not in text(as_alice.get(CONFIGURATION))
    assert as_alice.get(RESTORE).status_code == 404


def test_a_pair_whose_key_was_deleted_does_not_become_the_former_one(
    as_alice: Client, accepted: None, connected: None, other_pair: Credentials
) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = replace(as_alice, other_pair)
    assert connection.load().active.credentials == other_pair
    assert not KeyPair.objects.former().exists()
    assert "delete it in the API Portal" not in said
    assert BUTTON not in said


def test_nothing_asks_to_delete_a_key_that_is_not_known(
    as_alice: Client, accepted: None, connected: None, other_pair: Credentials
) -> None:
    learn(SANDBOX, Cause.API_KEY_UNKNOWN)
    assert "delete it in the API Portal" not in replace(as_alice, other_pair)


def test_a_deleted_key_leaves_the_pair_before_it_restorable(pair: Credentials, other_pair: Credentials) -> None:
    connect(pair)
    store(SANDBOX, other_pair)
    learn(SANDBOX)
    learn(SANDBOX, Cause.KEY_REVOKED)
    store(SANDBOX, Credentials("c" * 32, other_pair.private_key))
    assert KeyPair.objects.former().get().open("api_key") == pair.api_key


def test_removing_a_pair_whose_key_was_deleted_says_that_it_is_erased(as_alice: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = text(as_alice.get(f"{CONFIGURATION}remove-keys/sandbox/"))
    assert "Its key was deleted in the API Portal, so it is erased." in said


@pytest.mark.parametrize(("came_from", "back"), [("payment-services", PAYMENT_SERVICES), ("dashboard", DASHBOARD)])
def test_a_restored_pair_leads_back_to_where_the_person_came_from(
    replaced: None, as_alice: Client, accepted: None, came_from: str, back: str
) -> None:
    dialog = as_alice.get(f"{RESTORE}?from={came_from}").content.decode()
    assert f'action="{RESTORE}?from={came_from}"' in dialog
    assert f'href="{back}">Cancel' in dialog
    assert as_alice.post(f"{RESTORE}?from={came_from}")["Location"] == back
    assert connection.load().is_connected


def test_nobody_is_led_out_of_the_admin_after_restoring(replaced: None, as_alice: Client, accepted: None) -> None:
    assert as_alice.post(f"{RESTORE}?from=https://elsewhere.test/")["Location"] == CONFIGURATION


@pytest.mark.parametrize("path", [PAYMENT_SERVICES, DASHBOARD])
def test_who_may_not_configure_learns_who_can_restore_it(replaced: None, as_dana: Client, path: str) -> None:
    person("erin", CONFIGURE, USE_PAYMENTS)
    page = as_dana.get(path)
    assert "can restore the former pair, which worked. Ask them." in text(page)
    assert "These people may configure it: erin." in text(page)
    assert RESTORE not in page.content.decode()


def test_a_mismatch_marks_the_private_key_and_leads_to_it(as_alice: Client, connected: None) -> None:
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    page = as_alice.get(CONFIGURATION).content.decode()
    field = page.split('name="sandbox_private_key"')[1].split(">")[0]
    assert 'aria-invalid="true"' in field
    assert 'id="sandbox_private_key_error"' in page
    assert 'href="#sandbox_private_key"' in page
    assert f'href="{CONFIGURATION}#sandbox_private_key"' in as_alice.get(PAYMENT_SERVICES).content.decode()


def test_without_a_project_the_step_is_to_create_one(as_alice: Client, pair_stored: None) -> None:
    learn(SANDBOX, data_spaces=[])
    for path in (CONFIGURATION, DASHBOARD):
        said = text(as_alice.get(path))
        assert "Create a project" in said
        assert "Choose the project" not in said


def test_a_fresh_installation_selects_the_sandbox(as_alice: Client) -> None:
    page = as_alice.get(CONFIGURATION).content.decode()
    assert '<option value="sandbox" selected>' in page
