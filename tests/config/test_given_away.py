"""What no address gives away: folders, files of the program, and answers to other sites."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.addresses import ACTION_LOG, ORDERS
from tests.config.test_security import ALL
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
FILES = [
    "/static/",
    "/static/js/",
    "/static/../manage.py",
    "/static/%2e%2e/manage.py",
    "/static/..%2fconfig/settings.py",
    "/static//etc/passwd",
    "/.git/config",
    "/.env",
    "/manage.py",
    "/config/settings.py",
    "/var/db.sqlite3",
    "/media/",
]


@pytest.mark.parametrize("path", FILES)
def test_no_folder_is_listed_and_no_file_of_the_program_is_served(alice: User, path: str) -> None:
    assert signed_in(alice).get(path).status_code == 404


def test_no_other_site_may_read_an_answer(alice: User) -> None:
    browser = signed_in(alice)
    headers = {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
    answers = [send(f"/{path}", headers=headers) for path in ALL for send in (browser.get, browser.options)]
    assert len(answers) > 100
    assert [name for answer in answers for name in answer.headers if name.startswith("Access-Control-")] == []


@pytest.mark.parametrize(("address", "name"), [(ACTION_LOG, "action-log"), (ORDERS, "orders-sandbox")])
def test_an_export_has_a_name_of_ours(connected: object, as_alice: Client, address: str, name: str) -> None:
    answer = as_alice.get(f"{address}export/", {"filename": "../evil.html", "name": 'x"; filename="evil.html'})
    assert re.fullmatch(rf'attachment; filename="{name}-\d{{4}}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
