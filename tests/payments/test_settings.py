"""Payment Services › Settings, and what support gets to know."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from connector import connection
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import Instance
from connector.verification.causes import Cause
from payments import support
from tests.addresses import PAYMENT_SERVICES, SETTINGS
from tests.conftest import signed_in
from tests.factories import USE_PAYMENTS, advice, connect, learn, person, set_instance, store
from tests.gateways import PRODUCTION, PROJECT_ID, SANDBOX, TESTING_ID
from tests.markup import text

pytestmark = pytest.mark.django_db
CONFIGURE = f'href="{PAYMENT_SERVICES}configure/"'


def known(cause: Cause | None = None) -> dict[str, str]:
    """Return what support gets to know of the stored state."""
    if cause:
        learn(SANDBOX, cause, http_status=403, request_id="request-7")
    return dict(support.facts(connection.load()))


def test_it_shows_what_payment_services_works_with(as_dana: Client, pair: Credentials, bob: User) -> None:
    connect(pair, user=bob)
    said = text(as_dana.get(SETTINGS))
    fingerprint = pair.private_key.fingerprint
    for fact in ("Sandbox", "Fabrikam EU", PROJECT_ID, "Staging (Testing)", TESTING_ID, fingerprint, "by bob"):
        assert fact in said
    assert "Production Keys Live No keys yet" in said


def test_it_shows_neither_half_of_a_pair(as_alice: Client, pair: Credentials) -> None:
    connect(pair)
    page = as_alice.get(SETTINGS).content.decode()
    assert pair.api_key not in page
    assert "PRIVATE KEY" not in page


def test_who_may_configure_switches_here_and_finds_the_configuration(
    as_bob: Client, as_dana: Client, connected: None, other_pair: Credentials
) -> None:
    store(PRODUCTION, other_pair)
    for somebody, may in ((as_bob, True), (as_dana, False)):
        page = somebody.get(SETTINGS)
        assert ("Switch to Production" in text(page)) is may
        assert (CONFIGURE in page.content.decode()) is may


def test_who_may_not_configure_sees_who_can(as_dana: Client, bob: User, connected: None) -> None:
    assert f"These people may configure it: {bob.username}." in text(as_dana.get(SETTINGS))


def test_a_locked_environment_says_why_it_is_not_switched(
    as_bob: Client, connected: None, other_pair: Credentials, settings: Settings
) -> None:
    store(PRODUCTION, other_pair)
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, "active_environment": "sandbox"}
    said = text(as_bob.get(SETTINGS))
    assert "Switch to" not in said
    assert "An environment variable sets this." in said


def test_half_a_pair_is_nothing_to_switch_to(as_bob: Client, pair: Credentials, settings: Settings) -> None:
    connect(pair)
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, "production_api_key": pair.api_key}
    said = text(as_bob.get(SETTINGS))
    assert "Switch to" not in said
    assert "The Production pair has only one of its two keys, so there is nothing to switch to." in said
    as_bob.post(f"{PAYMENT_SERVICES}switch-environment/", {"environment": "production"})
    assert connection.load().active_environment == SANDBOX


def test_a_locked_pair_says_where_it_comes_from(as_bob: Client, pair: Credentials, settings: Settings) -> None:
    locked = {"sandbox_api_key": pair.api_key, "sandbox_private_key": pair.private_key.pem}
    settings.LOCKED_VALUES = {**settings.LOCKED_VALUES, **locked}
    said = text(as_bob.get(SETTINGS))
    assert "By an environment variable" in said
    assert pair.private_key.fingerprint in said


def test_a_pair_that_cannot_be_opened_keeps_its_fingerprint(
    as_bob: Client, pair: Credentials, settings: Settings
) -> None:
    connect(pair)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    said = text(as_bob.get(SETTINGS))
    assert str(Cause.UNDECRYPTABLE.label) in said
    assert pair.private_key.fingerprint in said


def test_a_pair_outlives_the_person_who_set_it(as_dana: Client, pair: Credentials, bob: User) -> None:
    connect(pair, user=bob)
    bob.delete()
    assert "by somebody whose user was deleted" in text(as_dana.get(SETTINGS))


def test_with_nothing_set_up_it_leads_to_the_configuration(as_bob: Client, as_dana: Client) -> None:
    assert as_bob.get(SETTINGS)["Location"] == f"{PAYMENT_SERVICES}configure/"
    assert as_dana.get(SETTINGS).status_code == 200


def test_home_and_settings_lead_to_each_other(as_dana: Client, connected: None) -> None:
    assert f'href="{SETTINGS}"' in as_dana.get(PAYMENT_SERVICES).content.decode()
    assert f'class="button button-text" href="{PAYMENT_SERVICES}"' in as_dana.get(SETTINGS).content.decode()


def test_home_leads_to_the_guide(as_dana: Client, connected: None) -> None:
    page = as_dana.get(PAYMENT_SERVICES).content.decode()
    assert 'href="/admin/help/replace-a-key-pair/"' in page
    assert 'href="/admin/help/not-reached/"' in page


def test_it_takes_five_queries_and_seven_with_a_role(
    no_sockets: None, connected: None, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for somebody, queries in ((alice, 5), (person("erin", USE_PAYMENTS), 7)):
        browser = signed_in(somebody)
        browser.get(SETTINGS)  # The bell is drawn once.
        with django_assert_max_num_queries(queries):
            assert browser.get(SETTINGS).status_code == 200


def test_support_knows_what_was_found_where_and_when(connected: None) -> None:
    facts = known(Cause.PAIR_MISMATCH)
    assert facts["Cause"] == "pair_mismatch"
    assert (facts["Environment"], facts["Gateway"]) == ("sandbox", "gateway.test")
    assert (facts["HTTP status"], facts["Request id"]) == ("403", "request-7")
    assert facts["Found"].endswith(" UTC")
    assert facts["Instance id"] == str(Instance.objects.current().instance_id)
    assert facts["Version"].startswith("Commerce Admin ")


def test_support_knows_of_a_last_check_without_a_result(connected: None) -> None:
    learn(SANDBOX, Cause.REFUSED, http_status=403, request_id="request-7")
    learn(SANDBOX, Cause.RATE_LIMITED, http_status=429, request_id="request-8")
    facts = known()
    assert facts["Cause"] == "refused"
    assert facts["Last check, without a result"].endswith("UTC, rate_limited")
    assert (facts["HTTP status of the last check"], facts["Request id of the last check"]) == ("429", "request-8")
    assert (facts["HTTP status"], facts["Request id"]) == ("403", "request-7")


def test_a_refusal_keeps_its_status_and_request_id_when_a_later_check_has_no_result(connected: None) -> None:
    learn(SANDBOX, Cause.REFUSED, http_status=403, request_id="request-7")
    learn(SANDBOX, Cause.TIMEOUT)
    assert "(status 403, request id request-7)" in advice().explanation


def test_without_an_answer_support_knows_which_host_would_be_asked(settings: Settings) -> None:
    settings.GATEWAY_URLS = {**settings.GATEWAY_URLS, "sandbox": "https://user:canary@gateway.example/below/"}
    set_instance(project_id=PROJECT_ID, active_environment=SANDBOX)
    facts = known()
    assert facts["Gateway"] == "gateway.example"
    assert (facts["HTTP status"], facts["Request id"]) == ("not recorded", "not recorded")
    assert not any("last check" in name.casefold() for name in facts)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.kind == "rejected"])
def test_the_dialog_gives_support_no_key_and_leads_to_its_cause(
    as_dana: Client, pair: Credentials, cause: Cause
) -> None:
    connect(pair)
    learn(SANDBOX, cause)
    dialog = as_dana.get(PAYMENT_SERVICES).content.decode().split("<dialog")[1].split("</dialog>")[0]
    assert f'href="/admin/help/verification-result/#{cause}"' in dialog
    assert 'data-copy="support-facts"' in dialog
    assert pair.api_key not in dialog
