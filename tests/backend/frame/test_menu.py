"""The sidebar, the sign-in page and the pages met when something failed."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from payments.permissions import USE_PAYMENTS

PASSWORD = "a-long-one-for-tests"


@pytest.fixture
def alice() -> User:
    return User.objects.create_superuser("alice", password=PASSWORD)


@pytest.fixture
def charlie() -> User:
    return User.objects.create_user("charlie", password=PASSWORD)


def tiles(client: Client) -> dict[str, bool]:
    shown = client.get(reverse("dashboard")).context["menu"]
    return {str(tile["title"]): tile["current"] for tile in shown}


@pytest.mark.django_db
def test_it_shows_an_administrator_every_tile(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert list(tiles(client)) == ["Dashboard", "Sales", "Stores", "System"]


@pytest.mark.django_db
def test_it_shows_nothing_that_a_role_may_not_see(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    assert list(tiles(client)) == ["Dashboard"]


@pytest.mark.django_db
def test_it_shows_what_a_permission_allows(client: Client, charlie: User) -> None:
    app_label, codename = USE_PAYMENTS.split(".")
    charlie.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    client.force_login(charlie)
    assert list(tiles(client)) == ["Dashboard", "Sales"]


@pytest.mark.django_db
def test_it_lights_one_tile_where_a_page_is_below_two(client: Client, alice: User) -> None:
    client.force_login(alice)
    shown = client.get(reverse("connector:configuration")).context["menu"]
    assert [str(tile["title"]) for tile in shown if tile["current"]] == ["Stores"]


@pytest.mark.django_db
def test_sign_in_leads_on_to_the_page_that_was_asked_for(client: Client, alice: User) -> None:
    asked = reverse("connector:configuration")
    page = client.get(reverse("account_login"), {"next": asked}).content.decode()
    assert f'value="{asked}"' in page
    posted = {"login": alice.username, "password": PASSWORD, "next": asked}
    assert client.post(reverse("account_login"), posted).headers["Location"] == asked


@pytest.mark.django_db
def test_a_wrong_password_is_never_sent_back(client: Client, alice: User) -> None:
    answer = client.post(reverse("account_login"), {"login": alice.username, "password": "canary-password"})
    assert "canary-password" not in answer.content.decode()


@pytest.mark.django_db
def test_a_missing_page_is_in_the_frame_without_its_menu_for_a_stranger(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert re.findall(r'class="tile" href="(.*?)"', answer.content.decode()) == ["/admin/"]
    assert "flyout" not in answer.content.decode()
