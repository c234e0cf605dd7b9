"""What was typed into a form that was sent after its session ended."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from backend.frame import kept
from connector.gateway.client import Credentials
from connector.models import Instance, KeyPair
from saas.choices import Role
from saas.models import Account, ApiKey, Membership
from tests.conftest import signed_in
from tests.factories import CONFIGURATION, SANDBOX, connect, form_of, shown_value, text

pytestmark = pytest.mark.django_db
COOKIE = "kept_configuration"
TYPED = {"revision": "1", "production_api_key": "c" * 32, "production_private_key": "-----BEGIN canary-private-key"}
USERS, ROLES = "/admin/system/permissions/users/", "/admin/system/permissions/roles/"
SETTING, PORTAL, CREATE, FAULTS = (
    "/admin/account-setting/",
    "/account/api-portal/",
    "/account/create/",
    "/account/faults/",
)
SECRETS = {name: f"canary-{name}" for name in ("password", "password_again", "present_password", "form_token")}
BACK = "Nothing was saved yet. What you had typed is back"


@pytest.fixture
def account(alice: User) -> Account:
    return Account.objects.create_with_owner(alice, organization_name="Luma")


def ended(user: User, *, is_cleared: bool = False) -> Client:
    """Return the browser of `user` after the session ended, and was cleared from the database or not."""
    browser = signed_in(user)
    sessions = Session.objects.filter(session_key=browser.cookies["sessionid"].value)
    assert sessions.delete()[0] if is_cleared else sessions.update(expire_date=timezone.now())
    return browser


def lose(
    path: str, typed: Mapping[str, Any], user: User, typist: User | None = None, *, is_cleared: bool = False
) -> Client:
    """Send `typed` as `typist` after the session ended, and return the browser once `user` has signed in."""
    browser = ended(typist or user, is_cleared=is_cleared)
    answer = browser.post(path, typed)
    assert answer["Location"] == f"/admin/login/?next={path}"
    assert "Your session had ended" in text(browser.get(answer["Location"]))
    browser.force_login(user)
    return browser


def ticked(page: Any) -> set[tuple[str, str]]:
    """Return name and value of every box that is ticked, the value empty where it says nothing."""
    boxes = re.findall(r'<input type="(?:checkbox|radio)"[^>]*>', page.content.decode())
    checked = [box for box in boxes if re.search(r"\bchecked\b", box)]
    named = [(re.search(r'name="(\w+)"', box), re.search(r'value="([^"]*)"', box)) for box in checked]
    return {(name[1], value[1] if value else "") for name, value in named if name}


def remembering(user: User, values: Mapping[str, list[str]], path: str = CONFIGURATION, name: str = COOKIE) -> Client:
    """Return the browser of `user` with what was typed on the page `path`."""
    browser = signed_in(user)
    kept_values = {"person": str(user.pk), "typed": values}
    browser.cookies[name] = signing.dumps(kept_values, salt=f"config.kept:{path}")
    return browser


def test_a_lost_session_leads_back_to_the_form_with_what_was_typed(alice: User) -> None:
    browser = lose(CONFIGURATION, TYPED, alice)
    page = browser.get(CONFIGURATION)
    assert shown_value(page, "production_api_key") == "c" * 32
    assert BACK in text(page)
    assert 'data-unsaved="restored"' in page.content.decode()


def test_it_is_shown_once_and_never_saved_by_itself(alice: User) -> None:
    browser = lose(CONFIGURATION, TYPED, alice)
    browser.get(CONFIGURATION)
    again = browser.get(CONFIGURATION)
    assert shown_value(again, "production_api_key") == ""
    assert 'data-unsaved="restored"' not in again.content.decode()
    assert not KeyPair.objects.exists()


def test_a_private_key_is_never_kept(alice: User) -> None:
    browser = lose(CONFIGURATION, TYPED | {"sandbox_api_key": "-----BEGIN canary"}, alice)
    value = browser.cookies[COOKIE].value
    assert "canary" not in browser.get(CONFIGURATION).content.decode()
    sent = {"revision": ["1"], "production_api_key": ["c" * 32]}
    assert signing.loads(value, salt=f"config.kept:{CONFIGURATION}")["typed"] == sent


def test_the_cookie_is_for_its_page_alone(alice: User) -> None:
    cookie = ended(alice).post(CONFIGURATION, TYPED).cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (CONFIGURATION, True, "Strict")
    assert cookie["max-age"] == 1800
    assert len(cookie.value) < 1000


def test_what_was_typed_on_one_page_is_not_shown_on_another(alice: User, bob: User, dana: User) -> None:
    page, other = (f"{USERS}{one.pk}/change/" for one in (bob, dana))
    browser = lose(page, {"first_name": "Roberta"}, alice)
    assert shown_value(browser.get(other), "first_name") == ""
    assert shown_value(browser.get(page), "first_name") == "Roberta"


@pytest.mark.parametrize("value", ["", "no signature", "eyJhIjoiYiJ9:1abc:forged"])
def test_what_we_did_not_sign_is_not_shown(as_alice: Client, value: str) -> None:
    as_alice.cookies[COOKIE] = value
    assert 'data-unsaved="restored"' not in as_alice.get(CONFIGURATION).content.decode()


def test_after_half_an_hour_it_is_forgotten(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = remembering(alice, {"production_api_key": ["c" * 32]})
    monkeypatch.setattr(kept, "LASTS_S", -1)
    assert shown_value(browser.get(CONFIGURATION), "production_api_key") == ""


def test_somebody_who_may_not_configure_sees_nothing_of_it(dana: User) -> None:
    browser = remembering(dana, {"production_api_key": ["c" * 32]})
    assert "c" * 32 not in browser.get(CONFIGURATION, follow=True).content.decode()


def test_a_locked_value_stays_locked(alice: User, settings: Settings) -> None:
    settings.LOCKED_VALUES = settings.LOCKED_VALUES | {"production_api_key": "d" * 32}
    browser = remembering(alice, {"production_api_key": ["c" * 32]})
    assert shown_value(browser.get(CONFIGURATION), "production_api_key") == "d" * 32


def test_a_save_that_came_between_is_still_noticed(alice: User, pair: Credentials) -> None:
    connect(pair, SANDBOX)
    old = str(Instance.objects.current().revision)
    browser = remembering(alice, {"revision": [old], "project_id": [""]})
    Instance.objects.advance(int(old))
    answer = browser.post(CONFIGURATION, form_of(browser.get(CONFIGURATION)))
    assert "the configuration was saved again after you opened it" in text(answer)


@pytest.mark.parametrize("page", ["create-project/", "rename-project/", "rename-data-space/"])
def test_the_name_in_a_dialog_of_the_connector_is_kept(alice: User, pair: Credentials, page: str) -> None:
    connect(pair)
    name = "data_space_name" if "data" in page else "project_name"
    back = lose(CONFIGURATION + page, {name: "Été, à nous"}, alice).get(CONFIGURATION + page)
    dialog = re.search(rf'<dialog [^>]*id="{page[:-1]}".*?</dialog>', back.content.decode(), re.DOTALL)
    assert dialog
    assert 'value="Été, à nous"' in dialog[0]
    assert BACK in dialog[0]
    assert text(back).count(BACK) == 1


def test_a_new_user_is_kept_without_the_password(alice: User, bob: User) -> None:
    role = bob.groups.get()
    typed = {"username": "erin", "email": "erin@shop.test", "groups": [str(role.pk)], "is_superuser": "on"}
    page = lose(f"{USERS}add/", typed | SECRETS, alice).get(f"{USERS}add/")
    assert (shown_value(page, "username"), shown_value(page, "email")) == ("erin", "erin@shop.test")
    assert ticked(page) == {("groups", str(role.pk)), ("is_superuser", "")}
    assert "canary" not in page.content.decode()
    assert 'data-unsaved="restored"' in page.content.decode()


def test_a_user_that_was_changed_is_kept_and_named_as_stored(alice: User, dana: User) -> None:
    path = f"{USERS}{dana.pk}/change/"
    page = lose(path, {"username": "dana2", "first_name": "Dana", "is_active": "on"}, alice).get(path)
    assert (shown_value(page, "username"), shown_value(page, "first_name")) == ("dana2", "Dana")
    assert ("groups", str(dana.groups.get().pk)) not in ticked(page)
    assert "dana / All Users" in text(page)


def test_what_somebody_may_not_change_is_not_put_into_the_form(alice: User) -> None:
    path = f"{USERS}{alice.pk}/change/"
    page = lose(path, {"username": "alice"}, alice).get(path)
    assert {("is_active", ""), ("is_superuser", "")} <= ticked(page)


@pytest.mark.parametrize("page", ["add/", "1/change/"])
def test_a_role_is_kept_with_its_ticks(alice: User, page: str) -> None:
    Group.objects.create(pk=1, name="Clerk")
    typed = {"name": "Cashier", "access": "custom", "resources": ["payments.use_payment_services"]}
    back = lose(ROLES + page, typed, alice).get(ROLES + page)
    assert shown_value(back, "name") == "Cashier"
    assert ticked(back) == {("access", "custom"), ("resources", "payments.use_payment_services")}
    assert BACK in text(back)


def test_ones_own_names_are_kept_for_oneself(alice: User, bob: User) -> None:
    typed = {"first_name": "Al", "email": "al@shop.test", "whose": str(alice.pk)} | SECRETS
    page = lose(SETTING, typed, alice).get(SETTING)
    assert (shown_value(page, "first_name"), shown_value(page, "email")) == ("Al", "al@shop.test")
    assert "canary" not in page.content.decode()
    other = lose(SETTING, typed, bob, alice, is_cleared=True).get(SETTING)
    assert (shown_value(other, "first_name"), BACK in text(other)) == ("", False)


def test_the_page_says_whose_names_they_are(as_bob: Client, bob: User) -> None:
    assert shown_value(as_bob.get(SETTING), "whose") == str(bob.pk)


def test_the_name_of_a_new_key_is_kept_with_a_fresh_token(account: Account, alice: User) -> None:
    page = lose(PORTAL, {"environment": "production", "name": "Luma shop"} | SECRETS, alice).get(PORTAL)
    assert (shown_value(page, "environment"), shown_value(page, "name")) == ("production", "Luma shop")
    assert BACK in text(page)
    assert "canary" not in page.content.decode()
    assert not ApiKey.objects.filter(account=account).exists()


def test_who_may_only_look_sees_no_form(account: Account, bob: User) -> None:
    Membership.objects.create(account=account, user=bob, role=Role.SHARED_ACCESS)
    assert BACK not in text(lose(PORTAL, {"name": "Luma shop"}, bob).get(PORTAL))


def test_a_new_account_is_kept(alice: User) -> None:
    typed = {"organization_name": "Fabrikam & Sons", "edition": "open_source", "payments_production": "on"}
    page = lose(CREATE, typed, alice).get(CREATE)
    assert shown_value(page, "organization_name") == "Fabrikam &amp; Sons"
    assert shown_value(page, "edition") == "open_source"
    assert ticked(page) == {("payments_production", "")}
    assert BACK in text(page)


def test_a_fault_is_kept_for_its_environment(alice: User) -> None:
    page = lose(FAULTS, {"environment": "production", "kind": "skewed", "seconds": "-30"}, alice).get(FAULTS)
    _frame, sandbox, production, _onboarding = page.content.decode().split("<section")
    assert 'value="-30"' in production
    assert 'value="-30"' not in sandbox
    assert text(page).count(BACK) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "-----BEGIN canary",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDcanary",
        "Shop MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDcanary",
        "two\ncanary lines",
        "canary " * 40,
    ],
)
def test_what_may_be_a_secret_is_not_kept_as_a_name(alice: User, typed: str) -> None:
    browser = lose(CREATE, {"organization_name": typed, "edition": "open_source"}, alice)
    assert "canary" not in str(
        signing.loads(browser.cookies["kept_create_account"].value, salt=f"config.kept:{CREATE}")
    )
    assert shown_value(browser.get(CREATE), "organization_name") == ""


def test_the_longest_values_still_fit_into_a_cookie(alice: User) -> None:
    name = "Ünïcødé " * 18
    typed = {"username": name, "first_name": name, "last_name": name, "email": name, "groups": list(range(200))}
    assert 0 < len(ended(alice).post(f"{USERS}add/", typed).cookies["kept_auth_user_add"].value) < 3500


def test_what_does_not_fit_is_not_kept_at_all(alice: User) -> None:
    answer = ended(alice).post(
        f"{USERS}add/", {"groups": [sha256(bytes([one])).hexdigest()[:40] for one in range(200)]}
    )
    assert answer.status_code == 302
    assert "kept_auth_user_add" not in answer.cookies


@pytest.mark.parametrize(
    "path", [f"{CONFIGURATION}remove-keys/sandbox/", f"{USERS}1/delete/", "/account/entitlements/"]
)
def test_what_confirms_something_is_not_kept(alice: User, path: str) -> None:
    answer = ended(alice).post(path, {"confirmation": "Live", "confirm_name": "dana"})
    assert not [name for name in answer.cookies if name.startswith("kept")]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("view", kept.FORMS)
def test_every_field_that_is_kept_is_on_its_page_and_no_secret(
    alice: User, bob: User, pair: Credentials, view: str
) -> None:
    connect(pair)
    one = {"admin:auth_user_change": bob.pk, "admin:auth_group_change": bob.groups.get().pk}.get(view)
    page = signed_in(alice).get(reverse(view, args=[one] if one else ())).content.decode()
    keepable = kept.FORMS[view]
    shown = {
        name: tag
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
        for name in re.findall(r'\bname="(\w+)"', tag)
    }
    kept_tags = {name: shown.get(name, "") for name in (*keepable.words, *keepable.lines, *keepable.same)}
    assert all(kept_tags.values())
    assert not [name for name, tag in kept_tags.items() if 'type="password"' in tag or tag.startswith("<textarea")]


def test_an_outdated_form_of_ours_is_kept(alice: User) -> None:
    browser = signed_in(alice, enforce_csrf_checks=True)
    answer = browser.post(CONFIGURATION, TYPED, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert "what you typed is there, except private keys and passwords" in text(answer)
    assert f'href="{CONFIGURATION}"' in answer.content.decode()
    assert shown_value(browser.get(CONFIGURATION), "production_api_key") == "c" * 32


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"origin": "https://elsewhere.test"}])
def test_what_another_site_sent_is_not_kept(alice: User, headers: dict[str, str]) -> None:
    answer = signed_in(alice, enforce_csrf_checks=True).post(CONFIGURATION, TYPED, headers=headers)
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies


def test_without_a_session_nothing_is_kept(client: Client) -> None:
    answer = client.post(CONFIGURATION, TYPED)
    assert answer["Location"] == f"/admin/login/?next={CONFIGURATION}"
    assert COOKIE not in answer.cookies


def test_from_a_session_of_nobody_nothing_is_kept(client: Client) -> None:
    session = client.session
    session["something"] = "of a stranger"
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    assert COOKIE not in client.post(CONFIGURATION, TYPED).cookies


def test_another_person_who_signs_in_does_not_get_what_was_typed(alice: User, bob: User) -> None:
    browser = lose(CONFIGURATION, TYPED, bob, alice)
    page = browser.get(CONFIGURATION)
    assert (shown_value(page, "production_api_key"), BACK in text(page)) == ("", False)
    browser.force_login(alice)
    assert shown_value(browser.get(CONFIGURATION), "production_api_key") == "c" * 32


def test_what_a_token_failed_for_is_for_who_sent_it(alice: User, bob: User) -> None:
    browser = signed_in(bob, enforce_csrf_checks=True)
    browser.post(CONFIGURATION, TYPED, headers={"origin": "http://testserver"})
    browser.force_login(alice)
    assert shown_value(browser.get(CONFIGURATION), "production_api_key") == ""


def test_of_a_session_that_was_cleared_no_power_of_a_person_is_kept(alice: User, bob: User) -> None:
    role, path = bob.groups.get(), f"{USERS}{bob.pk}/change/"
    typed = {"username": "bobby", "is_superuser": "on"}
    browser = lose(path, typed, alice, is_cleared=True)
    assert signing.loads(browser.cookies["kept_auth_user_change"].value, salt=f"config.kept:{path}") == {
        "person": "",
        "typed": {"username": ["bobby"]},
    }
    page = browser.get(path)
    assert (shown_value(page, "username"), BACK in text(page)) == ("bobby", True)
    assert ticked(page) == {("is_active", ""), ("groups", str(role.pk))}


def test_of_a_session_that_was_cleared_no_resource_of_a_role_is_kept(alice: User) -> None:
    typed = {"name": "Cashier", "access": "all", "resources": ["payments.use_payment_services"]}
    untouched = ticked(signed_in(alice).get(f"{ROLES}add/"))
    page = lose(f"{ROLES}add/", typed, alice, is_cleared=True).get(f"{ROLES}add/")
    assert (shown_value(page, "name"), ticked(page)) == ("Cashier", untouched)
