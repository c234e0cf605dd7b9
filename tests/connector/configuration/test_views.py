"""The configuration page and its actions, as Alice, Bob, Charlie and Dana meet them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backend.audit.models import LoggedAction
from connector import connection
from connector.action_log import Action, Refusal
from connector.gateway import transport
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import Instance, Turn
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION
from tests.connector.gateway.servers import say_nothing, serve, to_the_end
from tests.factories import connect, dump, learn, lock, store
from tests.gateways import OTHER_PROJECT_ID, OTHER_SPACE_ID, PRODUCTION, PROJECT_ID, SANDBOX, Outside
from tests.markup import field_error, form_of, sent, shown_value, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["verify/", "move-pair/", "check-key/"])
@pytest.mark.parametrize("environment", ["", "staging"])
def test_an_environment_that_does_not_exist_is_not_found(as_alice: Client, path: str, environment: str) -> None:
    assert as_alice.post(CONFIGURATION + path, {"environment": environment}).status_code == 404


@pytest.fixture
def in_state(pair: Credentials, other_pair: Credentials, settings: Settings) -> Callable[[str], None]:
    """Bring the instance into one of the states that a page can show."""

    def arrange(state: str) -> None:
        Instance.objects.current()
        if state == "empty":
            return
        connect(pair)
        store(PRODUCTION, other_pair)
        if state in {"rejected", "unknown"}:
            learn(SANDBOX, Cause.KEY_REVOKED if state == "rejected" else Cause.TIMEOUT)
        if state == "undecryptable":
            settings.ENCRYPTION_KEYS = [keyring.generate_key()]

    return arrange


STATES = ["empty", "connected", "rejected", "unknown", "undecryptable"]


@pytest.mark.parametrize("state", STATES)
def test_the_page_takes_five_queries_and_seven_with_a_role(
    no_sockets: None,
    state: str,
    in_state: Callable[[str], None],
    as_alice: Client,
    as_bob: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    in_state(state)
    as_alice.get(CONFIGURATION)  # The list of the bell is drawn once.
    with django_assert_max_num_queries(5):
        assert as_alice.get(CONFIGURATION).status_code == 200
    with django_assert_max_num_queries(7):
        assert as_bob.get(CONFIGURATION).status_code == 200


def test_saving_a_pair_verifies_it_and_says_so(as_alice: Client, accepted: None, pair: Credentials) -> None:
    response = as_alice.post(CONFIGURATION, sent(pair), follow=True)
    assert response.redirect_chain == [(CONFIGURATION, 302)]
    assert "Sandbox: the key pair was verified for Fabrikam (MAG000000007)." in text(response)
    assert shown_value(response, "sandbox_api_key") == pair.api_key


def test_an_untouched_form_changes_no_byte(as_alice: Client, connected: None, outside: Outside) -> None:
    page = as_alice.get(CONFIGURATION)
    before = dump()
    response = as_alice.post(CONFIGURATION, form_of(page), follow=True)
    assert dump() == before
    assert "Nothing was changed" in text(response)
    assert outside.calls == []


def test_an_untouched_form_keeps_what_does_not_open(as_alice: Client, connected: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    page = as_alice.get(CONFIGURATION)
    before = dump()
    as_alice.post(CONFIGURATION, form_of(page))
    assert dump() == before


def test_what_does_not_open_is_said_and_never_shown(as_alice: Client, pair: Credentials, settings: Settings) -> None:
    kept = store(SANDBOX, pair)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    response = as_alice.get(CONFIGURATION)
    assert str(Cause.UNDECRYPTABLE.label) in text(response)
    assert str(Cause.UNDECRYPTABLE.row.next_step) in text(response)
    assert f"Stored · {kept.fingerprint}" in text(response)
    assert kept.api_key not in response.content.decode()


def test_nothing_is_stored_by_halves_and_the_rest_is_kept_in_the_form(
    as_alice: Client, pair: Credentials, outside: Outside
) -> None:
    Instance.objects.current()
    before = dump()
    wrong = sent(pair, active_environment="sandbox", production_api_key="too short")
    response = as_alice.post(CONFIGURATION, wrong)
    assert dump() == before
    assert field_error(response, "production_api_key")
    assert not field_error(response, "sandbox_api_key")
    assert shown_value(response, "sandbox_api_key") == pair.api_key
    assert shown_value(response, "production_api_key") == "too short"
    assert shown_value(response, "active_environment") == "sandbox"
    assert pair.private_key.pem.splitlines()[1] not in response.content.decode()
    assert outside.calls == []


def test_an_unknown_result_is_stored_with_a_warning(as_alice: Client, outside: Outside, pair: Credentials) -> None:
    outside.answer_all(SANDBOX, status=503)
    response = as_alice.post(CONFIGURATION, sent(pair), follow=True)
    assert "message-warning" in response.content.decode()
    assert "gave an answer that cannot be used" in text(response)
    assert connection.load().slots[SANDBOX].credentials == pair


def test_with_a_gateway_that_never_answers_the_keys_are_stored_and_pages_stay_fast(
    as_alice: Client, pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "DEADLINE_S", 1.0)
    talk, ended = to_the_end(say_nothing)
    with serve(talk) as url:
        settings.GATEWAY_URLS = {"sandbox": url, "production": url}
        response = as_alice.post(CONFIGURATION, sent(pair))
        monkeypatch.setattr(transport, "DEADLINE_S", 30.0)
        page = as_alice.get(response["Location"])
        assert not ended.is_set()
    assert connection.load().slots[SANDBOX].credentials == pair
    assert "took too long to answer" in text(page)


def test_a_form_of_yesterday_is_refused_with_both_values_and_no_secret(
    outside: Outside, as_alice: Client, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    old = form_of(as_alice.get(CONFIGURATION))
    Instance.objects.advance(int(old["revision"]))
    before = dump()
    response = as_alice.post(CONFIGURATION, old | sent(other_pair))
    assert dump() == before
    assert "the configuration was saved again after you opened it" in text(response)
    assert "save once more to replace what is stored" in text(response)
    assert "paste it again" in text(response)
    assert f"Sandbox API key {pair.api_key} {other_pair.api_key}" in text(response)
    assert "Sandbox private key as stored changed" in text(response)
    assert other_pair.private_key.pem.splitlines()[1] not in response.content.decode()
    assert shown_value(response, "revision") == str(int(old["revision"]) + 1)


def test_a_refused_stale_form_can_be_saved_on_purpose(
    as_alice: Client, accepted: None, connected: None, other_pair: Credentials
) -> None:
    old = form_of(as_alice.get(CONFIGURATION))
    Instance.objects.advance(int(old["revision"]))
    shown = form_of(as_alice.post(CONFIGURATION, old | sent(other_pair)))
    as_alice.post(CONFIGURATION, shown | sent(other_pair))
    assert connection.load().active.credentials == other_pair


@pytest.mark.parametrize("seen", ["0", "9" * 20, "x"])
@pytest.mark.parametrize(
    ("dialog", "action"),
    [
        ("restore/sandbox", Action.KEYS_RESTORED),
        ("erase/sandbox", Action.FORMER_KEYS_ERASED),
        ("remove-keys/sandbox", Action.KEYS_REMOVED),
        ("create-project", Action.PROJECT_CREATED),
        ("rename-project", Action.PROJECT_RENAMED),
        ("rename-data-space", Action.DATA_SPACE_RENAMED),
        ("rename-instance", Action.INSTANCE_RENAMED),
    ],
)
def test_a_dialog_from_before_a_change_does_nothing(
    replaced: Credentials, as_alice: Client, dialog: str, action: str, seen: str
) -> None:
    before = dump()
    names = dict.fromkeys(("project_name", "data_space_name", "instance_name"), "Other")
    fields = {"seen_revision": seen, "confirmation": "Sandbox", **names}
    response = as_alice.post(f"{CONFIGURATION}{dialog}/", fields, follow=True)
    assert "the configuration was saved again after you opened it" in text(response)
    assert dump() == before
    row = LoggedAction.objects.latest("pk")
    assert (row.action, row.is_done, row.cause) == (action, False, Refusal.STALE)


def test_a_data_space_of_another_project_is_refused_at_its_field(
    as_alice: Client, accepted: None, connected: None
) -> None:
    response = as_alice.post(CONFIGURATION, {"project_id": PROJECT_ID, "data_space_id": OTHER_SPACE_ID})
    assert "does not belong to the project “Fabrikam EU”" in field_error(response, "data_space_id")


def test_locked_values_are_shown_with_the_reason_and_not_stored(
    outside: Outside, as_alice: Client, pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    keys = {"sandbox_api_key": pair.api_key, "sandbox_private_key": pair.private_key.pem}
    lock(settings, active_environment="sandbox", project_id=PROJECT_ID, **keys)
    Instance.objects.current()
    before = dump()
    as_alice.post(CONFIGURATION, sent(other_pair, project_id=OTHER_PROJECT_ID, active_environment="production"))
    assert dump() == before
    page = as_alice.get(CONFIGURATION)
    assert shown_value(page, "sandbox_api_key") == pair.api_key
    for variable in ("CONNECTOR_SANDBOX_API_KEY", "CONNECTOR_SANDBOX_PRIVATE_KEY", "CONNECTOR_PROJECT_ID"):
        assert f"Set by the environment variable {variable}." in text(page)
    assert pair.private_key.pem.splitlines()[1] not in page.content.decode()


def test_removing_asks_for_the_name_first(as_alice: Client, connected: None) -> None:
    remove = f"{CONFIGURATION}remove-keys/sandbox/"
    assert 'id="remove-sandbox"' in as_alice.get(remove).content.decode()
    wrong = as_alice.post(remove, {"confirmation": "Production"})
    assert "This is not the name that was asked for. Nothing was changed." in text(wrong)
    assert connection.load().active.is_stored
    assert "Sandbox keys were removed." in text(as_alice.post(remove, {"confirmation": "sandbox"}, follow=True))
    assert not connection.load().active.is_stored


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_keys_that_are_not_there_cannot_be_removed(as_alice: Client, connected: None, environment: str) -> None:
    assert as_alice.get(f"{CONFIGURATION}remove-keys/{environment}/").status_code == 404


def test_a_refused_save_is_reported_on_top_and_not_beside_a_success(as_alice: Client, connected: None) -> None:
    assert "Commerce Services is connected" in text(as_alice.get(CONFIGURATION))
    page = as_alice.post(CONFIGURATION, {"sandbox_api_key": "short"})
    assert "Commerce Services is connected" not in text(page)
    before, _config, _after = page.content.decode().partition('id="configuration"')
    assert "The reason is at" in before


def test_who_verifies_what_is_being_verified_learns_it(as_alice: Client, connected: None) -> None:
    assert Turn.objects.begin(SANDBOX, timezone.now())
    response = as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"}, follow=True)
    assert "Sandbox is being verified already." in text(response)
