"""System › Permissions › All Users."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.audit.models import LoggedAction
from backend.people.actions import Action
from tests.addresses import DASHBOARD, USERS
from tests.conftest import signed_in
from tests.factories import PASSWORD, USE_PAYMENTS, UserFactory, person
from tests.markup import field_error, text


def typed(**changes: object) -> dict[str, object]:
    """Return what a browser sends for somebody new."""
    filled = {"username": "erin", "is_active": "on", "password": PASSWORD, "password_again": PASSWORD}
    filled["present_password"] = PASSWORD
    return {name: value for name, value in (filled | changes).items() if value is not None}


def kept(user: User, **changes: object) -> dict[str, object]:
    """Return what a browser sends from the untouched form of `user`."""
    roles = list(user.groups.values_list("pk", flat=True))
    boxes = {name: "on" for name in ("is_active", "is_superuser") if getattr(user, name)}
    untouched = {"username": user.username, "password": "", "password_again": "", "groups": roles, "is_active": None}
    return typed(**(untouched | boxes | changes))


def page_of(user: User) -> str:
    return f"{USERS}{user.pk}/change/"


def delete_page_of(user: User) -> str:
    return f"{USERS}{user.pk}/delete/"


def test_it_lists_everybody(as_alice: Client, dana: User) -> None:
    page = text(as_alice.get(USERS))
    assert "2 records found" in page
    assert dana.username in page


@pytest.mark.parametrize(
    ("typed", "found"),
    [("shop.test", 1), ("ann zoe", 1), ("ann nobody", 0), ('"Zoe Ann"', 1), ('"Ann Zoe"', 0), ('"', 2)],
)
def test_it_finds_by_keyword(as_alice: Client, typed: str, found: int) -> None:
    UserFactory.create(username="zoe", first_name="Zoe Ann", email="zoe@shop.test")
    assert as_alice.get(USERS, {"q": typed}).context["grid"].count == found


@pytest.mark.parametrize(("asked", "found"), [("yes", 1), ("no", 1), ("", 2), ("nonsense", 2)])
def test_it_filters_by_state(as_alice: Client, asked: str, found: int) -> None:
    UserFactory.create(is_active=False)
    assert as_alice.get(USERS, {"active": asked}).context["grid"].count == found


@pytest.mark.parametrize(("asked", "found"), [("administrator", 1), ("none", 1), ("999999", 3), ("\0", 3)])
def test_it_filters_by_role(as_alice: Client, dana: User, asked: str, found: int) -> None:
    UserFactory.create()
    assert dana.groups.exists()
    assert as_alice.get(USERS, {"role": asked}).context["grid"].count == found


def test_it_filters_by_one_role(as_alice: Client, dana: User) -> None:
    found = as_alice.get(USERS, {"role": dana.groups.get().pk}).context["grid"]
    assert list(found.page) == [dana]


def test_it_does_not_filter_by_other_columns(as_alice: Client, dana: User) -> None:
    assert as_alice.get(USERS, {"password__startswith": "nothing", "_to_field": "x"}).context["grid"].count == 2


def test_a_keyword_that_cannot_be_read_narrows_nothing(as_alice: Client) -> None:
    assert as_alice.get(USERS, {"q": "a\0b"}).context["grid"].count == 1


def test_it_sorts(as_alice: Client, dana: User) -> None:
    page = as_alice.get(USERS, {"sort": "-user_name"})
    assert next(iter(page.context["grid"].page)) == dana
    assert 'aria-sort="descending"' in page.content.decode()


def test_it_says_when_nothing_fits(as_alice: Client) -> None:
    assert "Nothing matches" in text(as_alice.get(USERS, {"q": "nobody like this"}))


def test_the_list_names_the_roles_of_each_person(as_alice: Client) -> None:
    buyer, auditor = (Group.objects.create(name=name) for name in ("Buyer", "Auditor"))
    for name, roles in (("ada", [buyer, auditor]), ("ben", [auditor]), ("dave", [])):
        UserFactory.create(username=name).groups.set(roles)
    UserFactory.create(username="cleo", is_superuser=True).groups.set([buyer])
    rows = [" ".join(row.split()) for row in as_alice.get(USERS).content.decode().split('<tr role="row">')[1:]]
    shown = {name: next(row for row in rows if f">{name}</a>" in row) for name in ("ada", "ben", "cleo", "dave")}
    assert ">Auditor, Buyer</td>" in shown["ada"]
    assert ">Auditor</td>" in shown["ben"]
    assert "> <strong>Administrator</strong> · Buyer</td>" in shown["cleo"]
    # Nothing at all: on a small screen an empty cell has no title either.
    assert 'data-label="Roles"></td>' in shown["dave"]


def test_the_list_takes_the_same_queries_for_many(
    as_alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        person(f"somebody-{number}", USE_PAYMENTS)
    as_alice.get(USERS)
    with django_assert_max_num_queries(8):
        as_alice.get(USERS)


@pytest.mark.parametrize(
    "page", ["999999/change/", "999999/delete/", "x/change/", "1/", "1/history/", f"{10**20}/change/"]
)
def test_there_is_nothing_else(as_alice: Client, page: str) -> None:
    assert as_alice.get(USERS + page).status_code == 404


def test_it_adds_somebody_who_can_sign_in(as_alice: Client, dana: User) -> None:
    role = dana.groups.get()
    assert as_alice.post(f"{USERS}add/", typed(groups=[role.pk])).headers["Location"] == USERS
    erin = User.objects.get(username="erin")
    assert erin.check_password(PASSWORD)
    assert list(erin.groups.all()) == [role]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": ""}, "id_username"),
        ({"username": "ALICE"}, "id_username"),
        ({"username": "not a name!"}, "id_username"),
        ({"username": "\u0430dmin"}, "id_username"),
        ({"first_name": "two\nlines"}, "id_first_name"),
        ({"last_name": "turned\u202earound"}, "id_last_name"),
        ({"email": "nowhere"}, "id_email"),
        ({"password": ""}, "id_password"),
        ({"password_again": "another one entirely"}, "id_password_again"),
        ({"password": "eleven char", "password_again": "eleven char"}, "id_password"),
        ({"username": "hortensia", "password": "hortensia-2026", "password_again": "hortensia-2026"}, "id_password"),
        ({"groups": ["999999"]}, "id_groups"),
        ({"groups": ["9999999999999999999"]}, "id_groups"),
        ({"groups": ["-9999999999999999999"]}, "id_groups"),
    ],
)
def test_it_refuses_what_cannot_be(as_alice: Client, changes: dict[str, object], field: str) -> None:
    page = as_alice.post(f"{USERS}add/", typed(**changes))
    assert field_error(page, field)
    assert User.objects.count() == 1


def test_a_name_that_is_there_already_stays(as_alice: Client) -> None:
    zoe = UserFactory.create(username="zo\u00e9")
    assert as_alice.post(page_of(zoe), kept(zoe, first_name="Zo\u00e9")).status_code == 302
    zoe.refresh_from_db()
    assert (zoe.username, zoe.first_name) == ("zo\u00e9", "Zo\u00e9")


def test_a_refused_page_goes_on_naming_the_person(as_alice: Client, dana: User) -> None:
    assert "dana / All Users" in text(as_alice.post(page_of(dana), kept(dana, username="")))


def test_a_password_is_never_sent_back(as_alice: Client) -> None:
    assert PASSWORD not in as_alice.post(f"{USERS}add/", typed(email="nowhere")).content.decode()


def test_an_untouched_form_changes_nothing(as_alice: Client, dana: User) -> None:
    before = User.objects.filter(pk=dana.pk).values().get()
    as_alice.post(page_of(dana), kept(dana))
    assert User.objects.filter(pk=dana.pk).values().get() == before
    assert not LoggedAction.objects.filter(action=Action.USER_CHANGED).exists()


def test_a_new_password_ends_the_sessions_of_the_person(as_alice: Client, as_dana: Client, dana: User) -> None:
    as_alice.post(page_of(dana), kept(dana, password=PASSWORD, password_again=PASSWORD))
    assert as_dana.get(DASHBOARD).status_code == 302


def test_people_who_change_their_own_password_stay_signed_in(as_alice: Client, alice: User) -> None:
    as_alice.post(page_of(alice), kept(alice, password=PASSWORD, password_again=PASSWORD))
    assert as_alice.get(DASHBOARD).status_code == 200


def test_who_is_made_inactive_is_signed_out(as_alice: Client, as_dana: Client, dana: User) -> None:
    as_alice.post(page_of(dana), kept(dana, is_active=None))
    assert as_dana.get(DASHBOARD).status_code == 302


def test_a_session_does_not_come_back_with_its_person(alice: User, dana: User, charlie: User) -> None:
    as_alice, as_dana, as_charlie = signed_in(alice), signed_in(dana), signed_in(charlie)
    as_alice.post(page_of(dana), kept(dana, is_active=None))
    dana.refresh_from_db()
    as_alice.post(page_of(dana), kept(dana, is_active="on"))
    dana.refresh_from_db()
    assert dana.is_active
    assert as_dana.get(DASHBOARD).status_code == 302
    assert as_charlie.get(DASHBOARD).status_code == as_alice.get(DASHBOARD).status_code == 200


def test_it_asks_for_the_name_before_it_deletes(as_alice: Client, dana: User) -> None:
    page = as_alice.post(delete_page_of(dana), {"confirm_name": "Dana", "present_password": PASSWORD})
    assert "Type dana to confirm. User name * " in text(page)
    assert "That is not the name" in text(page)
    assert User.objects.filter(pk=dana.pk).exists()


def test_it_deletes_somebody_whose_name_was_typed(as_alice: Client, dana: User) -> None:
    assert as_alice.get(delete_page_of(dana)).status_code == 200
    assert (
        as_alice.post(delete_page_of(dana), {"confirm_name": "dana", "present_password": PASSWORD}).headers["Location"]
        == USERS
    )
    assert not User.objects.filter(pk=dana.pk).exists()


def test_it_logs_what_was_there_before_and_after(as_alice: Client, dana: User) -> None:
    as_alice.post(page_of(dana), kept(dana, email="dana@shop.test", password=PASSWORD, password_again=PASSWORD))
    row = LoggedAction.objects.get(action=Action.USER_CHANGED)
    assert row.user_name == "alice"
    assert row.subject == "dana"
    assert "dana@shop.test" not in row.before
    assert "email: dana@shop.test" in row.after
    assert "password: changed" in row.after
    assert PASSWORD not in row.before + row.after


def test_it_logs_who_is_new_and_who_is_gone(as_alice: Client, dana: User) -> None:
    as_alice.post(f"{USERS}add/", typed())
    as_alice.post(delete_page_of(dana), {"confirm_name": "dana", "present_password": PASSWORD})
    rows = LoggedAction.objects.filter(user_name="alice", action__in=[Action.USER_CREATED, Action.USER_DELETED])
    assert sorted(rows.values_list("action", "subject")) == [("user_created", "erin"), ("user_deleted", "dana")]
