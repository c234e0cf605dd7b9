"""What holds for every address of a page: which methods it takes, and whom it lets in."""

from collections.abc import Iterable

import pytest
from django.contrib.auth.models import User

from connector.models import Instance
from tests.addresses import ACCOUNT, CONFIGURATION, DASHBOARD, PAYMENT_SERVICES
from tests.backend.frame.pages import addresses, fill, filled_in
from tests.conftest import signed_in
from tests.factories import stored

pytestmark = pytest.mark.django_db


def below(address: str, *names: str) -> set[str]:
    return {f"{address}{name}/" for name in names}


KEY = "api-portal/<uuid:key_id>"
# What is only read.
SHOWN = {DASHBOARD, PAYMENT_SERVICES, *below(PAYMENT_SERVICES, "settings", "configure")}
SHOWN |= below(DASHBOARD, "search", "help", "help/<slug:slug>", "system/action-logs", "system/action-logs/export")
SHOWN |= below(DASHBOARD, "system/permissions/users", "system/permissions/roles")
# What does something, and has no page of its own.
DONE = below(DASHBOARD, "refresh", "stay", "language", "moved", "moved/also-here")
DONE |= below(CONFIGURATION, "verify", "refresh", "check-key", "move-pair")
DONE |= below(PAYMENT_SERVICES, "verify", "refresh") | below(
    ACCOUNT, "entitlements", "faults/onboarding", f"{KEY}/keep"
)
# Whom no role allows anything may ask here; of the key of another account they learn that there is none.
FOR_EVERYBODY = {"/", DASHBOARD, *below(DASHBOARD, "refresh", "stay", "language", "login", "logout", "account-setting")}
FOR_EVERYBODY |= below(DASHBOARD, "search", "help", "help/<slug:slug>")
FOR_EVERYBODY |= {ACCOUNT, *below(ACCOUNT, "create", "api-portal", f"{KEY}/delete", f"{KEY}/keep")}
FOR_MERCHANTS = {PAYMENT_SERVICES, *below(PAYMENT_SERVICES, "settings", "configure", "verify", "refresh")}
FOR_MERCHANTS |= below(DASHBOARD, "notifications")
FOR_INTEGRATORS = {address for address in addresses() if address.startswith((CONFIGURATION, "/admin/moved/"))}
FOR_INTEGRATORS |= below(PAYMENT_SERVICES, "switch-environment")


def statuses(user: User, address: str, methods: Iterable[str], **headers: str) -> dict[str, int]:
    """Return what `user` gets at `address` by each method."""
    path = next(filled_in(address))
    return {method: signed_in(user).generic(method, path, headers=headers).status_code for method in methods}


def test_an_address_takes_the_methods_that_it_is_for(alice: User, bob: User) -> None:
    fill(alice)
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    refused = {
        method: {address for address in addresses() if statuses(alice, address, [method])[method] == 405}
        for method in methods
    }
    assert refused["GET"] == refused["HEAD"] == DONE
    assert refused["POST"] == SHOWN
    # Both lead to the Dashboard, whatever the method.
    assert refused["PUT"] == refused["PATCH"] == refused["DELETE"] == {*addresses()} - {"/", "/admin/login/"}


def opened(user: User) -> set[str]:
    """Return which addresses let `user` in, as pages, as actions, or as what a script asks for."""
    found = {
        address: {*statuses(user, address, ["GET", "POST"]).values()}
        | {*statuses(user, address, ["GET"], **{"x-requested-with": "fetch"}).values()}
        for address in addresses()
    }
    return {address for address, codes in found.items() if codes - {403, 405}}


def test_an_address_lets_in_whom_a_role_allows_it(alice: User, bob: User, charlie: User, dana: User) -> None:
    fill(alice)
    Instance.objects.current()
    before = stored()
    assert opened(charlie) == FOR_EVERYBODY
    assert opened(dana) == FOR_EVERYBODY | FOR_MERCHANTS
    assert stored() == before
    assert opened(bob) == FOR_EVERYBODY | FOR_MERCHANTS | FOR_INTEGRATORS
