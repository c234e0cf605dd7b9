"""The sidebar, the sign-in page and the pages met when something failed."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from payments.permissions import USE_PAYMENTS
from tests.conftest import signed_in

PASSWORD = "a-long-one-for-tests"


@pytest.fixture
def alice() -> User:
    return User.objects.create_superuser("alice", password=PASSWORD)


@pytest.fixture
def charlie() -> User:
    return User.objects.create_user("charlie", password=PASSWORD)


def sidebar(client: Client, path: str = "/admin/") -> str:
    return client.get(path).content.decode().partition('<nav class="sidebar"')[2].partition("</nav>")[0]


def tiles(client: Client, path: str = "/admin/") -> dict[str, bool]:
    """Return the titles of the tiles, each with whether it is lit."""
    found = re.findall(r'class="tile( tile-current)?".*?<span>(.*?)</span>', sidebar(client, path), re.DOTALL)
    return {title: bool(lit) for lit, title in found}


def marked(client: Client, path: str) -> list[str]:
    """Return the titles of the links that lead to the page itself."""
    found = re.findall(r'aria-current="page">\s*(?:<svg.*?<span>)?(.*?)<', sidebar(client, path), re.DOTALL)
    return [title.strip() for title in found]


def allow(user: User, permission: str) -> None:
    app_label, codename = permission.split(".")
    user.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))


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
    allow(charlie, USE_PAYMENTS)
    client.force_login(charlie)
    assert list(tiles(client)) == ["Dashboard", "Sales"]


@pytest.mark.django_db
def test_it_lights_one_tile_where_a_page_is_below_two(client: Client, alice: User) -> None:
    client.force_login(alice)
    shown = tiles(client, reverse("connector:configuration"))
    assert [title for title, lit in shown.items() if lit] == ["Stores"]


@pytest.mark.django_db
def test_each_page_is_marked_on_itself_alone(client: Client, alice: User) -> None:
    client.force_login(alice)
    found = [marked(client, reverse(name)) for name in ("dashboard", "action_logs", "guide", "dashboard")]
    assert found == [["Dashboard"], ["Report"], [], ["Dashboard"]]


@pytest.mark.django_db
def test_it_follows_a_permission_that_is_given_and_taken(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    before = list(tiles(client))
    allow(charlie, USE_PAYMENTS)
    given = list(tiles(client))
    charlie.user_permissions.clear()
    assert [before, given, list(tiles(client))] == [["Dashboard"], ["Dashboard", "Sales"], ["Dashboard"]]


@pytest.mark.django_db
def test_it_shows_each_person_their_own(alice: User, charlie: User) -> None:
    shown = [list(tiles(signed_in(user))) for user in (alice, charlie, alice)]
    assert shown == [
        ["Dashboard", "Sales", "Stores", "System"],
        ["Dashboard"],
        ["Dashboard", "Sales", "Stores", "System"],
    ]


@pytest.mark.django_db
def test_it_speaks_the_language_of_the_person_who_asks(client: Client, alice: User) -> None:
    client.force_login(alice)
    english = list(tiles(client))
    client.cookies["django_language"] = "fr"
    french = list(tiles(client))
    client.cookies["django_language"] = "en"
    assert french == ["Tableau de bord", "Ventes", "Boutiques", "Système"]
    assert list(tiles(client)) == english


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
