"""The sidebar, the sign-in page, and the page for an unknown address."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backend.frame import menu
from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, GUIDE, LOGIN
from tests.conftest import signed_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def sidebar(client: Client, path: str = DASHBOARD) -> str:
    return client.get(path).content.decode().partition('<nav class="sidebar"')[2].partition("</nav>")[0]


def tiles(client: Client, path: str = DASHBOARD) -> dict[str, bool]:
    """Return the titles of the tiles, and whether each one is lit."""
    found = re.findall(r'class="tile( tile-current)?".*?<span>(.*?)</span>', sidebar(client, path), re.DOTALL)
    return {title: bool(lit) for lit, title in found}


def marked(client: Client, path: str) -> list[str]:
    """Return the titles of the links that lead to the page itself."""
    found = re.findall(r'aria-current="page">\s*(?:<svg.*?<span>)?(.*?)<', sidebar(client, path), re.DOTALL)
    return [title.strip() for title in found]


def test_it_lights_one_tile_where_a_page_is_below_two(as_alice: Client) -> None:
    shown = tiles(as_alice, CONFIGURATION)
    assert [title for title, lit in shown.items() if lit] == ["Stores"]


def test_each_page_is_marked_on_itself_alone(as_alice: Client) -> None:
    found = [marked(as_alice, path) for path in (DASHBOARD, ACTION_LOG, GUIDE, DASHBOARD)]
    assert found == [["Dashboard"], ["Report"], [], ["Dashboard"]]


def test_it_follows_a_role_that_is_given_and_taken(as_charlie: Client, charlie: User, dana: User) -> None:
    before = list(tiles(as_charlie))
    charlie.groups.set(dana.groups.all())
    given = list(tiles(as_charlie))
    charlie.groups.clear()
    assert [before, given, list(tiles(as_charlie))] == [["Dashboard"], ["Dashboard", "Sales"], ["Dashboard"]]


def test_it_shows_each_person_their_own(alice: User, charlie: User) -> None:
    shown = [list(tiles(signed_in(user))) for user in (alice, charlie, alice)]
    assert shown == [
        ["Dashboard", "Sales", "Stores", "System"],
        ["Dashboard"],
        ["Dashboard", "Sales", "Stores", "System"],
    ]


def test_it_speaks_the_language_of_the_person_who_asks(as_alice: Client) -> None:
    english = list(tiles(as_alice))
    as_alice.cookies["django_language"] = "fr"
    french = list(tiles(as_alice))
    as_alice.cookies["django_language"] = "en"
    assert french == ["Tableau de bord", "Ventes", "Boutiques", "Système"]
    assert list(tiles(as_alice)) == english


def test_it_is_drawn_once_for_all_pages_below_an_address(as_alice: Client) -> None:
    tiles(as_alice, "/admin/nowhere/")
    drawn = menu._drawn.cache_info().misses
    below = [tiles(as_alice, f"/admin/what-a-person-typed/{number}/") for number in range(3)]
    assert below == [tiles(as_alice, "/admin/nowhere/")] * 3
    assert menu._drawn.cache_info().misses == drawn


def test_sign_in_leads_on_to_the_page_that_was_asked_for(client: Client, known: User) -> None:
    page = client.get(LOGIN, {"next": CONFIGURATION}).content.decode()
    assert f'value="{CONFIGURATION}"' in page
    posted = {"login": known.username, "password": PASSWORD, "next": CONFIGURATION}
    assert client.post(LOGIN, posted).headers["Location"] == CONFIGURATION


def test_a_wrong_password_is_never_sent_back(client: Client, known: User) -> None:
    answer = client.post(LOGIN, {"login": known.username, "password": "canary-password"})
    assert "canary-password" not in answer.content.decode()


def test_a_missing_page_is_in_the_frame_without_its_menu_for_a_stranger(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert re.findall(r'class="tile"\s+href="(.*?)"', answer.content.decode()) == [DASHBOARD]
    assert "flyout" not in answer.content.decode()
