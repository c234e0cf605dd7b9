"""What needs attention on the Dashboard: each with a link, and only what this person can do something about."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from backend.audit import action_log
from backend.audit.actor import Actor
from backend.people.actions import Action as PeopleAction
from connector.action_log import Action
from connector.gateway.client import Credentials
from connector.rekey import reencryption
from connector.verification.causes import Cause
from payments.models import OrderSource
from payments.orders.statuses import PayStatus
from tests.addresses import (
    ACTION_LOG,
    CONFIGURATION,
    DASHBOARD,
    ENCRYPTION_KEY,
    GUIDE,
    NOTIFICATIONS,
    PAYMENT_SERVICES,
    PORTAL,
)
from tests.conftest import signed_in
from tests.factories import (
    CONFIGURE,
    MANAGE_KEY,
    know_merchant,
    know_order,
    know_source,
    learn,
    lock,
    person,
    rotate,
    store,
)
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db


def attention(client: Client) -> list[tuple[str, str]]:
    """Return the text of each item, and where its link leads."""
    page = client.get(DASHBOARD).content.decode().split('id="card-attention"')[1].split("</section>")[0]
    found = re.findall(r'<li class="attention-item[^>]*>(.*?)<a[^>]*href="([^"]*)"', page, re.DOTALL)
    return [(" ".join(text.split()), url.replace("&amp;", "&")) for text, url in found]


def by(user: User) -> Actor:
    return Actor(user.pk, user.username, None)


def test_nothing_needs_attention_while_everything_is_well(as_alice: Client, connected: None) -> None:
    assert attention(as_alice) == []
    assert "Nothing needs your attention." in as_alice.get(DASHBOARD).content.decode()


def test_what_the_banner_says_is_not_repeated(as_bob: Client, connected: None) -> None:
    learn(SANDBOX, Cause.PAIR_MISMATCH)
    assert attention(as_bob) == []
    assert "Nothing else needs your attention." in as_bob.get(DASHBOARD).content.decode()


def test_a_deleted_key_that_is_still_used_has_to_go(as_bob: Client, as_dana: Client, connected: None) -> None:
    learn(SANDBOX, Cause.KEY_REVOKED)
    said = "The Sandbox API key …aaaa was deleted in the API Portal, but it is still entered here."
    assert attention(as_bob) == [(said, f"{CONFIGURATION}#sandbox-keys")]
    assert attention(as_dana) == [(said, f"{GUIDE}verification-result/#key_revoked")]


def test_a_pair_that_is_not_active_and_does_not_work(as_bob: Client, connected: None, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    learn(PRODUCTION, Cause.PAIR_MISMATCH)
    said = "Live keys do not work: the two keys do not belong together."
    assert attention(as_bob) == [(said, f"{CONFIGURATION}#production_private_key")]


def test_a_replaced_key_is_to_be_deleted_once_the_new_pair_works(
    as_bob: Client, as_dana: Client, connected: None, other_pair: Credentials
) -> None:
    store(SANDBOX, other_pair)
    assert attention(as_bob) == []
    learn(SANDBOX)
    said = "The former Sandbox API key …aaaa is not in use any more: delete it in the API Portal."
    assert attention(as_bob) == [(said, PORTAL)]
    assert attention(as_dana) == []


def test_a_replaced_key_that_the_other_environment_uses_is_not(
    as_bob: Client, connected: None, pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store(SANDBOX, other_pair)
    learn(SANDBOX)
    lock(settings, production_api_key=pair.api_key, production_private_key=pair.private_key.pem)
    assert attention(as_bob) == []


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Action.KEYS_SAVED, "bob saved the Live keys just now."),
        (Action.KEYS_REPLACED, "bob replaced the Live keys just now."),
        (Action.KEYS_RESTORED, "bob restored the former Live keys just now."),
        (Action.KEYS_REMOVED, "bob removed the Live keys just now."),
        (Action.PAIR_MOVED, "bob moved a key pair to the Live keys just now."),
    ],
)
def test_a_pair_that_somebody_else_changed(alice: User, bob: User, connected: None, action: Action, said: str) -> None:
    # A first sign-in starts at zero.
    as_erin, as_alice, as_bob = map(signed_in, (person("erin", CONFIGURE), alice, bob))
    action_log.record(Action.KEYS_REPLACED, PRODUCTION, who=by(alice))
    action_log.record(action, PRODUCTION, who=by(bob))
    assert attention(as_alice) == [(said, ACTION_LOG)]
    assert attention(as_erin) == [(said, NOTIFICATIONS)]
    assert "alice" in attention(as_bob)[0][0]


def test_a_change_was_seen_once_the_bell_was_opened(alice: User, bob: User, connected: None) -> None:
    browser = signed_in(alice)
    action_log.record(Action.KEYS_REPLACED, SANDBOX, who=by(bob))
    assert len(attention(browser)) == 1
    browser.post(NOTIFICATIONS, {"up_to": 10**9})
    assert attention(browser) == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 sign-in was"), (2, "2 sign-ins were"), (120, "99+ sign-ins were")])
def test_refused_sign_ins_are_counted(as_alice: Client, as_bob: Client, connected: None, count: int, said: str) -> None:
    for _number in range(count):
        action_log.record(PeopleAction.SIGN_IN_FAILED, refusal="credentials")
    [(text, url)] = attention(as_alice)
    assert text == f"{said} refused in the last 24 hours."
    assert url.startswith(f"{ACTION_LOG}?action=sign_in_failed&start=2")
    assert as_alice.get(url).status_code == 200
    assert attention(as_bob) == []


def test_an_old_encryption_key_is_to_be_replaced_then_taken_out(
    as_alice: Client, as_bob: Client, connected: None, settings: Settings, db: None
) -> None:
    _new, old = rotate(settings)
    said = "Stored keys still need an older encryption key: re-encrypt them."
    assert attention(as_alice) == [(said, ENCRYPTION_KEY)]
    assert attention(as_bob) == []
    reencryption.rekey()
    said = f"No stored value needs the encryption key {old}: it can be taken out."
    assert attention(as_alice) == [(said, ENCRYPTION_KEY)]


def test_a_ring_that_cannot_be_read_is_no_reason_to_fail(connected: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["broken", "too"]
    erin = signed_in(person("erin", CONFIGURE, MANAGE_KEY))
    assert erin.get(DASHBOARD).status_code == 200


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("REVOKED", ["Sandbox: the consent was taken back at PayPal, so orders cannot be processed."]),
        ("UNVERIFIED", ["Sandbox: the e-mail address is not confirmed at PayPal, so no payment arrives."]),
        ("COMPLETED", []),
        ("STARTED", []),
    ],
)
def test_paypal_that_waits_for_the_merchant(as_dana: Client, connected: None, status: str, said: list[str]) -> None:
    know_merchant(status=status)
    assert attention(as_dana) == [(text, f"{PAYMENT_SERVICES}#onboarding-sandbox") for text in said]


def test_orders_of_the_active_environment_lead_to_the_report(as_dana: Client, connected: None) -> None:
    for _order in range(2):
        know_order(OrderSource.objects.first() or know_source(), pay_status=PayStatus.CAPTURE_FAILED)
    know_order(know_source(PRODUCTION), pay_status=PayStatus.CAPTURE_FAILED)
    address = f"{PAYMENT_SERVICES}orders/?source=sandbox&pay_status=capture_failed&start=&end="
    assert attention(as_dana) == [("2 orders whose capture failed.", address)]


def test_who_may_not_use_payment_services_hears_nothing_of_orders(connected: None) -> None:
    know_order(know_source(), pay_status=PayStatus.CAPTURE_FAILED)
    assert attention(signed_in(person("erin", CONFIGURE))) == []
