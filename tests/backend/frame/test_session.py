"""A session that ends, and a form that was sent after it did."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.timezone import now

from tests.addresses import CONFIGURATION, DASHBOARD, LOGIN, PAYMENT_SERVICES, USERS
from tests.conftest import signed_in
from tests.factories import PASSWORD
from tests.markup import links, text


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (f"http://testserver{PAYMENT_SERVICES}?a=1", f"{PAYMENT_SERVICES}%3Fa%3D1"),
        ("https://elsewhere.test/admin/", DASHBOARD),
        ("", DASHBOARD),
        ("http://testserver//elsewhere.test/", DASHBOARD),
    ],
)
def test_a_form_without_a_session_leads_back_to_its_page(known: User, client: Client, referer: str, back: str) -> None:
    answer = client.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"}, headers={"referer": referer})
    assert answer.headers["Location"] == f"{LOGIN}?next={back}"


def test_a_form_sent_after_its_session_ended_changes_nothing_and_says_so(known: User) -> None:
    browser, page = signed_in(known), f"http://testserver{USERS}add/"
    Session.objects.update(expire_date=now())
    sent = {"username": "erin", "password": PASSWORD, "password_again": PASSWORD}
    answer = browser.post(page, sent, headers={"referer": page}, follow=True)
    assert "Your session had ended, so nothing was changed." in text(answer)
    assert not User.objects.filter(username="erin").exists()
    back = browser.post(LOGIN, {"login": "alice", "password": PASSWORD, "next": answer.context["redirect_field_value"]})
    assert back["Location"] == f"{USERS}add/"


@pytest.mark.parametrize("key", ["x" * 500, "\xe9" * 32, "A" * 32, r'"abcdefgh\000"'])
@pytest.mark.django_db
def test_a_session_that_cannot_be_is_none(client: Client, key: str) -> None:
    response = client.get(DASHBOARD, headers={"cookie": f"sessionid={key}"})
    assert response.status_code == 302
    assert response["Location"].startswith(LOGIN)
    assert "Sign in" in text(client.get(LOGIN, headers={"cookie": f"sessionid={key}"}))


def test_a_script_that_asks_gets_no_message(known: User, client: Client) -> None:
    answer = client.post(f"{CONFIGURATION}refresh/", headers={"x-requested-with": "fetch"})
    assert answer.status_code == 302
    assert "messages" not in answer.cookies


def test_an_outdated_form_is_refused_in_the_frame_with_the_way_back(known: User) -> None:
    browser = signed_in(known, enforce_csrf_checks=True)
    answer = browser.post(CONFIGURATION, {"project_id": "p"}, headers={"referer": f"http://testserver{CONFIGURATION}"})
    assert answer.status_code == 403
    assert "sidebar" in answer.content.decode()
    assert "nothing was saved" in text(answer)
    assert links(answer)["Back to the form"] == CONFIGURATION
