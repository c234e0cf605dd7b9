"""*Your Password*: nothing about users and roles is saved or deleted without it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backend.audit.models import LoggedAction
from backend.frame.reauthentication import CONFIRMED_AT
from tests.addresses import ROLES, USERS
from tests.backend.people.test_roles import sent
from tests.backend.people.test_users import kept, typed
from tests.factories import PASSWORD, stored
from tests.markup import field_error, text


def forms(dana: User) -> dict[str, dict[str, object]]:
    """Return what a browser sends to add, change and delete a person and a role."""
    role = dana.groups.get()
    return {
        f"{USERS}add/": typed(),
        f"{USERS}{dana.pk}/change/": kept(dana, first_name="Dana"),
        f"{USERS}{dana.pk}/delete/": {"confirm_name": "dana"},
        f"{ROLES}add/": sent("Till"),
        f"{ROLES}{role.pk}/change/": sent("Till"),
        f"{ROLES}{role.pk}/delete/": {"confirm_name": role.name},
    }


@pytest.mark.parametrize("given", ["", "k4nary-wrong"])
def test_without_it_nothing_is_saved(as_alice: Client, dana: User, given: str) -> None:
    for path, form in forms(dana).items():
        before = stored()
        page = as_alice.post(path, form | {"present_password": given})
        assert field_error(page, "id_present_password"), path
        assert b"k4nary" not in page.content
        assert stored() == before


def test_with_it_everything_is(as_alice: Client, dana: User) -> None:
    for path, form in reversed(forms(dana).items()):
        assert as_alice.post(path, form | {"present_password": PASSWORD}).status_code in {302, 404}, path


def test_wrong_ones_are_limited_and_logged_without_themselves(as_alice: Client) -> None:
    for _try in range(6):
        page = as_alice.post(f"{USERS}add/", typed(present_password="k4nary-wrong"))
    assert "The password is not right, or there were too many tries." in text(page)
    page = as_alice.post(f"{USERS}add/", typed())
    assert "too many tries" in field_error(page, "id_present_password")
    rows = LoggedAction.objects.order_by("pk").values_list("action", "cause", "user_name")
    refused = [("reauthentication_failed", cause, "alice") for cause in ("wrong_password", "too_many_tries")]
    assert [row for row in rows if row[0] != "signed_in"] == refused
    assert "k4nary" not in str([*LoggedAction.objects.values()])


def test_the_password_of_somebody_else_does_not_do(as_alice: Client, alice: User, dana: User) -> None:
    alice.set_password("only of alice")
    alice.save()
    as_alice.force_login(alice)
    page = as_alice.post(f"{USERS}{dana.pk}/change/", kept(dana, first_name="Dana"))
    assert field_error(page, "id_present_password")


def test_the_right_one_counts_as_showing_who_it_is(as_alice: Client) -> None:
    session = as_alice.session
    session[CONFIRMED_AT] = 0
    session.save()
    as_alice.post(f"{USERS}add/", typed())
    assert as_alice.session[CONFIRMED_AT]


def test_who_may_not_change_it_is_not_asked(as_alice: Client, as_dana: Client) -> None:
    assert "Current User Identity Verification" in text(as_alice.get(f"{USERS}add/"))
    assert as_dana.get(f"{USERS}add/").status_code == 403
