"""What holds for every address of a page: which methods it takes, and whom it lets in."""

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


ONBOARDING = "onboarding/<str:environment>"
KEY = "api-portal/<uuid:key_id>"
# These only show something.
SHOWN = {DASHBOARD, PAYMENT_SERVICES, *below(PAYMENT_SERVICES, "settings", "configure", f"{ONBOARDING}/return")}
SHOWN |= below(DASHBOARD, "search", "help", "help/<slug:slug>", "system/action-logs", "system/action-logs/export")
SHOWN |= below(DASHBOARD, "password/reset/done", "system/permissions/users", "system/permissions/roles")
SHOWN |= below(PAYMENT_SERVICES, "orders", "orders/export", "orders/<int:pk>")
SHOWN |= below(ACCOUNT, "api-portal/add")
SHOWN |= below(DASHBOARD, "account-setting/two-factor")
# These do something and have no page of their own.
DONE = below(DASHBOARD, "refresh", "verify", "stay", "language", "csp-report", "moved", "moved/also-here")
DONE |= below(DASHBOARD, "account-setting/sessions/<int:pk>/end")
DONE |= below(DASHBOARD, "login/passkey")
DONE |= below(CONFIGURATION, "verify", "refresh", "check-key", "move-pair")
DONE |= below(ACCOUNT, "entitlements", "faults/onboarding", "faults/unread/forget", f"{KEY}/keep")
DONE |= below(PAYMENT_SERVICES, "verify", "refresh", f"{ONBOARDING}/check", "merchants/<int:pk>/dismiss")
DONE |= below(PAYMENT_SERVICES, "orders/refresh", "orders/columns", "orders/columns/reset")
# People without a role may come here. For a key of another account, they get a 404.
FOR_EVERYBODY = {"/", DASHBOARD, *below(DASHBOARD, "refresh", "stay", "language", "login", "logout", "account-setting")}
FOR_EVERYBODY |= below(DASHBOARD, "search", "help", "help/<slug:slug>", "reauthenticate")
FOR_EVERYBODY |= below(f"{DASHBOARD}reauthenticate/", "code", "passkey")
# The page of a link to a new password says to everybody else that the link does not work.
RESET = "password/reset/key/<base36:uidb36>-<str:key>"
FOR_EVERYBODY |= below(DASHBOARD, "password/change", "password/reset", "password/reset/done", RESET)
FOR_EVERYBODY |= below(DASHBOARD, "login/two-factor", "account-setting/two-factor")
FOR_EVERYBODY |= below(f"{DASHBOARD}account-setting/two-factor/", "app/add", "app/remove", "recovery-codes")
# Simulated PayPal asks for no sign-in: its links are the way in. Nor does a browser that reports what it refused.
FOR_EVERYBODY |= {"/paypal/onboarding/<str:token>/", *below(DASHBOARD, "csp-report")}
FOR_EVERYBODY |= below(DASHBOARD, "account-setting/sessions")
# Of a session that is not theirs, people get a 404.
FOR_EVERYBODY |= below(DASHBOARD, "account-setting/sessions/<int:pk>/end")
FOR_EVERYBODY |= below(DASHBOARD, "login/passkey", "account-setting/two-factor/passkeys/add")
FOR_EVERYBODY |= below(f"{DASHBOARD}account-setting/two-factor/passkeys/<int:pk>/", "rename", "remove")
FOR_EVERYBODY |= {ACCOUNT, *below(ACCOUNT, "create", "shared-access", "api-portal", f"{KEY}/delete", f"{KEY}/keep")}
FOR_MERCHANTS = {PAYMENT_SERVICES, *below(PAYMENT_SERVICES, "settings", "configure", "verify", "refresh")}
FOR_MERCHANTS |= below(PAYMENT_SERVICES, ONBOARDING, f"{ONBOARDING}/return", f"{ONBOARDING}/check")
FOR_MERCHANTS |= below(PAYMENT_SERVICES, "merchants/<int:pk>/dismiss")
FOR_MERCHANTS |= below(PAYMENT_SERVICES, "orders", "orders/export", "orders/<int:pk>", "orders/refresh")
FOR_MERCHANTS |= below(PAYMENT_SERVICES, "orders/columns", "orders/columns/reset")
FOR_MERCHANTS |= below(DASHBOARD, "notifications", "verify")
FOR_INTEGRATORS = {address for address in addresses() if address.startswith((CONFIGURATION, "/admin/moved/"))}
FOR_INTEGRATORS |= below(PAYMENT_SERVICES, "switch-environment", "merchants/<int:pk>/reset")


def status(user: User, address: str, method: str, **headers: str) -> int:
    path = next(filled_in(address))
    return signed_in(user).generic(method, path, headers=headers).status_code


def refused(user: User, method: str) -> set[str]:
    """Return the addresses that do not take a method."""
    return {address for address in addresses() if status(user, address, method) == 405}


def lets_in(user: User, address: str) -> bool:
    """Return whether an address is open to `user` as a page, as an action, or as what a script asks for."""
    codes = {status(user, address, "GET"), status(user, address, "POST")}
    codes.add(status(user, address, "GET", **{"x-requested-with": "fetch"}))
    return not codes <= {403, 405}


def opened(user: User) -> set[str]:
    return {address for address in addresses() if lets_in(user, address)}


def test_an_address_takes_the_methods_that_it_is_for(alice: User, bob: User) -> None:
    fill(alice)
    assert refused(alice, "GET") == refused(alice, "HEAD") == DONE
    assert refused(alice, "POST") == SHOWN
    for method in ("PUT", "PATCH", "DELETE"):
        # These two lead to the Dashboard, whatever the method.
        assert {*addresses()} - refused(alice, method) == {"/", "/admin/login/"}, method


def test_an_address_lets_in_whom_a_role_allows_it(alice: User, bob: User, charlie: User, dana: User) -> None:
    fill(alice)
    Instance.objects.current()
    for user in (charlie, dana):
        signed_in(user)  # The first sign-in notes where their notifications begin.
    before = stored()
    assert opened(charlie) == FOR_EVERYBODY
    assert opened(dana) == FOR_EVERYBODY | FOR_MERCHANTS
    assert stored() == before
    assert opened(bob) == FOR_EVERYBODY | FOR_MERCHANTS | FOR_INTEGRATORS
