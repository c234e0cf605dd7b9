"""A dialog is drawn at its own address: in its page, or alone for the script that opens it in place."""

import re

import pytest
from django.test import Client

from connector.gateway.client import Credentials
from tests.addresses import CONFIGURATION, DASHBOARD, ENCRYPTION_KEY, PAYMENT_SERVICES, SETTINGS
from tests.factories import choose_identifier, connect, know_merchant, learn, store
from tests.gateways import PRODUCTION, SANDBOX

pytestmark = pytest.mark.django_db
PAGES = [DASHBOARD, CONFIGURATION, PAYMENT_SERVICES, SETTINGS, ENCRYPTION_KEY]
ADDRESSES = {
    f"{CONFIGURATION}create-project/": "create-project",
    f"{CONFIGURATION}rename-project/": "rename-project",
    f"{CONFIGURATION}rename-data-space/": "rename-data-space",
    f"{CONFIGURATION}rename-instance/": "rename-instance",
    f"{CONFIGURATION}remove-keys/sandbox/": "remove-sandbox",
    f"{CONFIGURATION}remove-keys/production/": "remove-production",
    f"{CONFIGURATION}restore/sandbox/": "restore-sandbox",
    f"{CONFIGURATION}erase/sandbox/": "erase-sandbox",
    f"{PAYMENT_SERVICES}switch-environment/": "switch-environment",
    f"{PAYMENT_SERVICES}onboarding/production/": "begin-onboarding",
    f"{PAYMENT_SERVICES}merchants/7000007/reset/": "reset-merchant",
    f"{ENCRYPTION_KEY}re-encrypt/": "reencrypt",
    "/admin/moved/copy/": "copy",
}


@pytest.fixture(autouse=True)
def _connected(pair: Credentials, other_pair: Credentials) -> None:
    """Connect with both pairs; the sandbox has a former one and a merchant, and live onboarding can begin."""
    store(PRODUCTION, pair)
    store(SANDBOX, other_pair)
    connect(pair)
    choose_identifier()
    learn(PRODUCTION)
    know_merchant(PRODUCTION)
    know_merchant(pk=7_000_007, merchant_id="m-7")


def dialogs(page: str) -> list[str]:
    return re.findall(r'<dialog [^>]*\bid="([^"]+)"', page)


def opened(page: str) -> list[str]:
    return re.findall(r'<dialog [^>]*\bid="([^"]+)"[^>]*\bopen>', page)


@pytest.mark.parametrize(("path", "name"), ADDRESSES.items(), ids=ADDRESSES.values())
def test_it_is_open_in_its_page_and_stands_alone_for_a_script(as_alice: Client, path: str, name: str) -> None:
    page = as_alice.get(path).content.decode()
    assert ([name], 1) == (opened(page), page.count("<h1"))
    alone = as_alice.get(path, headers={"X-Requested-With": "fetch"}).content.decode()
    assert (dialogs(alone), opened(alone), alone.count("<h1")) == ([name], [name], 0)
    assert alone.strip().startswith("<dialog")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_brings_no_dialog_that_has_an_address(as_alice: Client, path: str) -> None:
    # One dialog holds back the form of the configuration, the other says that the session is over.
    asked_here = {"session", "switch-environment"} if path == CONFIGURATION else {"session"}
    assert set(dialogs(as_alice.get(path).content.decode())) <= asked_here


@pytest.mark.parametrize("path", PAGES)
def test_every_link_that_opens_a_dialog_leads_to_it(as_alice: Client, path: str) -> None:
    links = re.findall(r'href="([^"]+)"\s+data-opens="([^"]+)"', as_alice.get(path).content.decode())
    assert links or path == DASHBOARD
    for address, name in links:
        assert opened(as_alice.get(address).content.decode()) == [name]
