"""What several browsers send at the same moment is done once, or one after the other."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backend.audit.models import LoggedAction
from connector import connection
from connector.gateway.client import Credentials
from saas.choices import Role
from saas.models import Account, ApiKey, Membership
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES, PORTAL, SHARED_ACCESS, USERS
from tests.backend.frame.forms_of import forms_of
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory, connect, learn, store
from tests.gateways import PRODUCTION, SANDBOX
from tests.markup import form_of, sent
from tests.saas.test_merchant_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4
RESTORE = f"{CONFIGURATION}restore/sandbox/"
REMOVE = f"{CONFIGURATION}remove-keys/sandbox/"
SWITCH = f"{PAYMENT_SERVICES}switch-environment/"


def dialog(browser: Client, path: str) -> dict[str, str]:
    """Return what the form at `path` sends untouched, with the password where it asks for one."""
    form = next(form for form in forms_of(browser.get(path)) if form.action == path)
    return form.fields | dict.fromkeys(form.passwords, PASSWORD)


def posts(browsers: Iterable[Client], path: str, form: dict[str, str]) -> list[Any]:
    """Send one form from all browsers at the same moment."""
    answers = at_once([partial(browser.post, path, form) for browser in browsers])
    assert {answer.status_code for answer in answers} <= {200, 302, 404}
    return answers


def done(action: str) -> int:
    return LoggedAction.objects.filter(action=action, result="done").count()


@pytest.fixture
def browsers(alice: User) -> list[Client]:
    return [signed_in(alice, raise_request_exception=False) for _browser in range(AT_ONCE)]


def test_of_saves_of_one_page_one_is_saved(
    browsers: list[Client], accepted: None, pair: Credentials, other_pair: Credentials
) -> None:
    connect(pair)
    form = form_of(browsers[0].get(CONFIGURATION)) | sent(other_pair)
    posts(browsers, CONFIGURATION, form)
    slot = connection.load().slots[SANDBOX]
    assert slot.former
    assert (slot.credentials, slot.former.open("api_key")) == (other_pair, pair.api_key)
    assert done("keys_replaced") == 1


def test_of_restores_at_once_one_restores(
    browsers: list[Client], accepted: None, pair: Credentials, other_pair: Credentials
) -> None:
    store(SANDBOX, other_pair)
    connect(pair)
    posts(browsers, RESTORE, dialog(browsers[0], RESTORE))
    assert connection.load().slots[SANDBOX].credentials == other_pair
    assert done("keys_restored") == 1


def test_of_removals_at_once_one_removes(browsers: list[Client], pair: Credentials) -> None:
    connect(pair)
    posts(browsers, REMOVE, dialog(browsers[0], REMOVE) | {"confirmation": "sandbox"})
    assert connection.load().slots[SANDBOX].credentials is None
    assert done("keys_removed") == 1


def test_of_switches_at_once_one_switches(browsers: list[Client], pair: Credentials, other_pair: Credentials) -> None:
    connect(pair)
    store(PRODUCTION, other_pair)
    learn(PRODUCTION)
    posts(browsers, SWITCH, dialog(browsers[0], SWITCH))
    assert connection.load().active_environment == PRODUCTION
    assert done("environment_switched") == 1


def test_one_form_sent_at_once_makes_one_key(browsers: list[Client], alice: User) -> None:
    account = Account.objects.create_with_owner(alice, organization_name="Luma")
    form = dialog(browsers[0], PORTAL) | {"name": "Shop", "environment": "sandbox"}
    answers = posts(browsers, PORTAL, form)
    assert ApiKey.objects.filter(account=account).count() == 1
    assert sum("-----BEGIN PRIVATE KEY-----" in answer.content.decode() for answer in answers) == 1


def remove_each_other(one: User, other: User, path: str) -> None:
    """Let both send the form that removes the other one at the same moment."""
    acts = []
    for actor, removed in ((one, other), (other, one)):
        actor.set_password(PASSWORD)
        actor.save(update_fields=["password"])
        browser = signed_in(actor, raise_request_exception=False)
        address = path.format(removed.pk)
        form = dialog(browser, address) | {"confirm_name": removed.username}
        acts.append(partial(browser.post, address, form))
    # The session of somebody who was removed meanwhile is gone, which is answered with 400.
    assert {answer.status_code for answer in at_once(acts)} <= {200, 302, 400, 403, 404}


def test_of_administrators_who_remove_each_other_one_stays(alice: User) -> None:
    remove_each_other(alice, UserFactory.create(username="erin", is_superuser=True), f"{USERS}{{}}/delete/")
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_of_license_owners_who_remove_each_other_one_stays(alice: User, bob: User) -> None:
    account = Account.objects.create_with_owner(alice, organization_name="Luma")
    Membership.objects.create(account=account, user=bob, role=Role.LICENSE_OWNER)
    remove_each_other(alice, bob, f"{SHARED_ACCESS}{{}}/remove/")
    assert account.memberships.filter(role=Role.LICENSE_OWNER).count() == 1
