"""System › Permissions › User Roles, and the tree of resources."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.audit.models import LoggedAction
from backend.people import resources, rules
from backend.people.actions import Action
from backend.people.models import RoleRule
from backend.people.second_factor.rules import is_missing
from tests.addresses import ROLES
from tests.conftest import signed_in
from tests.factories import CONFIGURE, PASSWORD, USE_PAYMENTS, person
from tests.markup import field_error, text

SEE_USERS, SEE_ROLES = "auth.view_user", "auth.view_group"
MANAGES = (SEE_ROLES, "auth.add_group", "auth.change_group", "auth.delete_group")


def page_of(role: Group) -> str:
    return f"{ROLES}{role.pk}/change/"


def delete_page_of(role: Group) -> str:
    return f"{ROLES}{role.pk}/delete/"


def sent(name: str, *ticked: str, access: str = "custom") -> dict[str, object]:
    """Return what a browser sends from the form of a role."""
    return {"name": name, "access": access, "resources": list(ticked), "present_password": PASSWORD}


def role_with(name: str, *permissions: str) -> Group:
    role: Group = Group.objects.create(name=name)
    role.permissions.set(resources.permissions_named(permissions))
    return role


@pytest.fixture
def grace(db: None) -> User:
    """Grace's role manages roles and has Payment Services."""
    return person("grace", *MANAGES, USE_PAYMENTS)


@pytest.mark.django_db
def test_the_tree_holds_every_permission_of_ours() -> None:
    ours = Permission.objects.filter(content_type__app_label__in=["audit", "connector", "payments", "saas"])
    in_tree = set().union(*(resource.permissions for resource in resources.resources()))
    assert set(resources.names(ours)) <= in_tree


@pytest.mark.django_db
@pytest.mark.parametrize(("ticked", "is_warned"), [((), True), ((USE_PAYMENTS,), False)])
def test_a_role_that_gives_nothing_brings_a_warning(
    as_alice: Client, ticked: tuple[str, ...], *, is_warned: bool
) -> None:
    keys = [resource.key for resource in resources.resources() if set(ticked) & resource.permissions]
    said = text(as_alice.post(f"{ROLES}add/", sent("New", *keys), follow=True))
    assert ("This role gives no access yet" in said) is is_warned
    assert Group.objects.filter(name="New").exists()


@pytest.mark.django_db
def test_a_resource_has_the_path_of_the_menu() -> None:
    paths = [str(resource) for resource in resources.resources()]
    assert "Sales › Operations › Payment Services" in paths
    assert "Stores › Settings › Configuration › Commerce Services Connector" in paths
    assert "System › Permissions › All Users" in paths
    assert len({resource.key for resource in resources.resources()}) == len(paths)


@pytest.mark.django_db
def test_a_permission_that_does_not_exist_is_no_resource() -> None:
    Permission.objects.filter(codename="change_fault").delete()
    assert "saas.change_fault" not in [resource.key for resource in resources.resources()]
    assert apps.is_installed("saas")


def test_it_lists_roles_with_what_they_give(as_alice: Client, dana: User) -> None:
    role_with("Everything", *(name for resource in resources.resources() for name in resource.permissions))
    page = text(as_alice.get(ROLES))
    assert "Role of dana Sales › Operations › Payment Services 1" in page
    assert "Everything All 0" in page
    assert dana.groups.exists()


def test_the_list_says_what_a_role_has_in_part(as_alice: Client) -> None:
    role_with("Auditor", SEE_USERS)
    assert "All Users (in part)" in text(as_alice.get(ROLES))


def test_an_empty_list_says_what_would_be_there(as_alice: Client) -> None:
    assert "will be listed here" in text(as_alice.get(ROLES))
    assert "Nothing matches" in text(as_alice.get(ROLES, {"q": "nobody"}))


def test_the_list_takes_the_same_queries_for_many(
    as_alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        role_with(f"Role {number}", USE_PAYMENTS, CONFIGURE)
    as_alice.get(ROLES)
    with django_assert_max_num_queries(8):
        as_alice.get(ROLES)


def test_who_may_only_see_changes_nothing(dana: User) -> None:
    client, role = signed_in(person("sam", SEE_ROLES, USE_PAYMENTS)), dana.groups.get()
    assert "Save Role" not in text(client.get(page_of(role)))
    assert client.post(page_of(role), sent("Other")).status_code == 403


def test_it_adds_a_role_with_the_ticked_resources(as_alice: Client) -> None:
    assert as_alice.post(f"{ROLES}add/", sent("Till", USE_PAYMENTS, SEE_USERS)).headers["Location"] == ROLES
    given = rules.given_by(Group.objects.get(name="Till"))
    assert given == {USE_PAYMENTS, SEE_USERS, "auth.add_user", "auth.change_user", "auth.delete_user"}


def test_all_is_every_resource(as_alice: Client) -> None:
    as_alice.post(f"{ROLES}add/", sent("Everything", access="all"))
    role = Group.objects.get()
    assert all(resource.is_held(rules.given_by(role)) for resource in resources.resources())
    assert as_alice.get(page_of(role)).context["form"]["access"].value() == "all"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "id_name"),
        ({"name": "ROLE OF DANA"}, "id_name"),
        ({"name": "x" * 151}, "id_name"),
        ({"name": "two\r\nlines"}, "id_name"),
        ({"name": "turned\u202earound"}, "id_name"),
        ({"access": "none"}, "id_access"),
        ({"resources": ["auth.delete_permission"]}, "id_resources"),
    ],
)
def test_it_refuses_what_cannot_be(as_alice: Client, dana: User, changes: dict[str, object], field: str) -> None:
    page = as_alice.post(f"{ROLES}add/", sent("Till", USE_PAYMENTS) | changes)
    assert field_error(page, field)
    assert list(Group.objects.all()) == list(dana.groups.all())


def test_a_refused_form_keeps_the_ticks(as_alice: Client) -> None:
    page = as_alice.post(f"{ROLES}add/", sent("", CONFIGURE)).content.decode()
    assert re.search(rf'value="{CONFIGURE}"\s+checked', page)


def test_an_untouched_form_changes_nothing(as_alice: Client, bob: User) -> None:
    role, before = bob.groups.get(), rules.given_by(bob.groups.get())
    as_alice.post(page_of(role), sent(role.name, CONFIGURE, USE_PAYMENTS))
    assert rules.given_by(role) == before
    assert not LoggedAction.objects.filter(action=Action.ROLE_CHANGED).exists()


def test_it_leaves_alone_what_is_in_no_tree(as_alice: Client) -> None:
    role = role_with("Old", "contenttypes.view_contenttype", USE_PAYMENTS)
    as_alice.post(page_of(role), sent("Old"))
    assert rules.given_by(role) == {"contenttypes.view_contenttype"}


def test_it_takes_away_a_part_that_is_not_ticked(as_alice: Client) -> None:
    role = role_with("Auditor", SEE_USERS)
    assert "The role has a part of it" in text(as_alice.get(page_of(role)))
    as_alice.post(page_of(role), sent("Auditor"))
    assert rules.given_by(role) == set()


def test_it_shows_who_has_the_role(as_alice: Client, dana: User) -> None:
    page = text(as_alice.get(page_of(dana.groups.get())))
    assert "People with this role dana" in page
    assert "Show 1 person in All Users" in page


def test_nobody_gives_what_they_do_not_have(as_grace: Client) -> None:
    page = as_grace.post(f"{ROLES}add/", sent("Till", USE_PAYMENTS, CONFIGURE))
    assert "you do not have: Stores › Settings › Configuration" in field_error(page, "id_resources")
    assert not Group.objects.filter(name="Till").exists()


def test_all_is_not_given_by_who_does_not_have_all(as_grace: Client) -> None:
    as_grace.post(f"{ROLES}add/", sent("Till", USE_PAYMENTS, access="all"))
    assert rules.given_by(Group.objects.get(name="Till")) == {USE_PAYMENTS}


def test_nobody_takes_from_a_role_that_gives_more_than_they_have(as_grace: Client, bob: User) -> None:
    role = bob.groups.get()
    assert as_grace.post(page_of(role), sent("Renamed")).status_code == 403
    assert rules.given_by(role) == {CONFIGURE, USE_PAYMENTS}
    page = as_grace.get(page_of(role))
    assert "You may see this, but not change it." in text(page)


@pytest.mark.parametrize("more", ["another role", "a permission", "everything"])
def test_nobody_takes_from_people_who_have_more_than_they_have(as_grace: Client, charlie: User, more: str) -> None:
    role = role_with("Keeper", *MANAGES, USE_PAYMENTS)
    charlie.groups.add(role)
    if more == "another role":
        charlie.groups.add(role_with("Big", CONFIGURE))
    elif more == "a permission":
        charlie.user_permissions.set(resources.permissions_named([CONFIGURE]))
    else:
        User.objects.filter(pk=charlie.pk).update(is_superuser=True)
    assert as_grace.post(page_of(role), sent("Renamed")).status_code == 403
    assert (
        as_grace.post(delete_page_of(role), {"confirm_name": "Keeper", "present_password": PASSWORD}).status_code == 403
    )
    assert rules.given_by(role) == {*MANAGES, USE_PAYMENTS}


def test_who_has_all_that_its_people_have_changes_a_role(as_grace: Client, dana: User) -> None:
    role = dana.groups.get()
    assert as_grace.post(page_of(role), sent("Till")).status_code == 302
    assert rules.given_by(role) == set()


def test_nobody_shuts_themselves_out_of_roles(as_grace: Client, grace: User) -> None:
    role = grace.groups.get()
    page = as_grace.post(page_of(role), sent(role.name, USE_PAYMENTS))
    assert "you would lock yourself out" in field_error(page, "id_resources")
    assert set(MANAGES) <= rules.given_by(role)


def test_it_asks_for_the_name_before_it_deletes(as_alice: Client, dana: User) -> None:
    role = dana.groups.get()
    assert "That is not the name" in text(
        as_alice.post(delete_page_of(role), {"confirm_name": "role of dana", "present_password": PASSWORD})
    )
    assert (
        as_alice.post(delete_page_of(role), {"confirm_name": "Role of dana", "present_password": PASSWORD}).headers[
            "Location"
        ]
        == ROLES
    )
    assert not Group.objects.exists()


def test_nobody_deletes_a_role_beyond_them_or_their_own(as_grace: Client, grace: User, bob: User) -> None:
    for role in (grace.groups.get(), bob.groups.get()):
        assert (
            as_grace.post(delete_page_of(role), {"confirm_name": role.name, "present_password": PASSWORD}).status_code
            == 403
        )


def test_who_has_all_of_a_role_deletes_it(as_grace: Client, dana: User) -> None:
    role = dana.groups.get()
    assert (
        as_grace.post(delete_page_of(role), {"confirm_name": role.name, "present_password": PASSWORD}).status_code
        == 302
    )


def test_it_logs_what_was_there_before_and_after(as_alice: Client, dana: User) -> None:
    as_alice.post(page_of(dana.groups.get()), sent("Till", CONFIGURE))
    row = LoggedAction.objects.get(action=Action.ROLE_CHANGED)
    assert row.subject == "Till"
    assert row.before == "name: Role of dana\nresources: Sales › Operations › Payment Services"
    assert row.after == "name: Till\nresources: Stores › Settings › Configuration › Commerce Services Connector"


def test_it_logs_which_role_is_new_and_which_is_gone(as_alice: Client, dana: User) -> None:
    as_alice.post(f"{ROLES}add/", sent("Till"))
    as_alice.post(delete_page_of(dana.groups.get()), {"confirm_name": "Role of dana", "present_password": PASSWORD})
    rows = LoggedAction.objects.filter(action__in=[Action.ROLE_CREATED, Action.ROLE_DELETED])
    assert sorted(rows.values_list("action", "subject")) == [("role_created", "Till"), ("role_deleted", "Role of dana")]


@pytest.mark.django_db
def test_a_role_can_require_a_second_factor_and_the_log_says_so(as_alice: Client) -> None:
    role = role_with("Payments", USE_PAYMENTS)
    form = sent("Payments", USE_PAYMENTS)
    as_alice.post(page_of(role), form | {"requires_second_factor": "on"})
    assert rules.requires_second_factor(role)
    row = LoggedAction.objects.get(action="role_changed")
    assert "second_factor: required" not in row.before
    assert "second_factor: required" in row.after
    as_alice.post(page_of(role), form)
    assert not rules.requires_second_factor(role)
    assert "second_factor: required" in LoggedAction.objects.order_by("-pk")[0].before


@pytest.mark.django_db
def test_people_with_such_a_role_need_one(charlie: User) -> None:
    role = role_with("Payments", USE_PAYMENTS)
    RoleRule.objects.create(role=role, requires_second_factor=True)
    assert not is_missing(charlie)
    charlie.groups.add(role)
    assert is_missing(charlie)


@pytest.mark.django_db
@pytest.mark.parametrize("is_own", [True, False])
def test_nobody_but_an_administrator_frees_themselves_from_a_second_factor(grace: User, *, is_own: bool) -> None:
    role = role_with("Payments", USE_PAYMENTS)
    RoleRule.objects.create(role=role, requires_second_factor=True)
    if is_own:
        grace.groups.add(role)
    signed_in(grace).post(page_of(role), sent("Payments", USE_PAYMENTS))
    assert rules.requires_second_factor(role) == is_own


@pytest.mark.django_db
def test_a_role_of_people_with_more_keeps_its_second_factor(grace: User, bob: User) -> None:
    role = role_with("Payments", USE_PAYMENTS)
    RoleRule.objects.create(role=role, requires_second_factor=True)
    bob.groups.add(role)
    assert signed_in(grace).post(page_of(role), sent("Payments", USE_PAYMENTS)).status_code == 403
    assert rules.requires_second_factor(role)
