"""The cookies of production: what they are called, and who gets them."""

from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from backend.frame import middleware
from tests.config.conftest import PRODUCTION, Load, Run

NAMES = ("sessionid", "csrftoken", "django_language", "messages", "known_device")


def test_production_keeps_cookies_on_https(load: Load) -> None:
    loaded = load(**PRODUCTION)
    assert loaded["SESSION_COOKIE_SECURE"]
    assert loaded["CSRF_COOKIE_SECURE"]
    assert loaded["SECURE_SSL_REDIRECT"]


def test_a_cookie_that_a_library_sets_is_protected_like_ours(rf: RequestFactory, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True

    def library(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("new", "x")
        response.delete_cookie("old")
        return response

    cookies = middleware.cookies(library)(rf.get("/")).cookies
    flags = [(cookie["httponly"], cookie["secure"], cookie["samesite"]) for cookie in cookies.values()]
    assert flags == [(True, True, "Lax")] * 2


BROWSE = """
import django; django.setup()
from django.core.management import call_command
from django.contrib.auth.models import User
from django.test import Client
call_command("migrate", verbosity=0)
User.objects.create_user("alice", password="a long pass phrase")
browser, seen = Client(HTTP_HOST="a.test"), []
def send(path, **fields):
    answer = browser.post(path, fields, secure=True)
    seen.extend(answer.cookies.values())
    return answer
seen.extend(browser.get("/admin/login/", secure=True).cookies.values())
send("/admin/")
send("/admin/login/", login="alice", password="a long pass phrase")
send("/admin/language/", language="fr")
send("/admin/account-setting/", username="alice", first_name="A", password="a long pass phrase")
seen.extend(browser.get("/admin/account-setting/", secure=True).cookies.values())
send("/admin/logout/")
for cookie in seen:
    print(cookie.OutputString())
"""


@pytest.mark.parametrize("prefix", ["", "/commerce"])
def test_no_other_host_can_plant_or_read_a_cookie_of_production(run: Run, tmp_path: Path, prefix: str) -> None:
    where = PRODUCTION | {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "URL_PREFIX": prefix}
    collected = run("manage.py", "collectstatic", "--no-input", **where, STATIC_ROOT=str(tmp_path / "static"))
    assert collected.returncode == 0, collected.stderr
    script = {"DJANGO_SETTINGS_MODULE": "config.settings", "STATIC_ROOT": str(tmp_path / "static")}
    done = run("-c", BROWSE, **where, **script)
    assert done.returncode == 0, done.stderr
    cookies = done.stdout.splitlines()
    suffix = prefix.replace("/", "_")
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {f"__Host-{name}{suffix}" for name in NAMES}
    wanted = {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"}
    assert [cookie for cookie in cookies if not wanted <= set(cookie.split("; "))] == []
    assert "Domain" not in done.stdout
    # Deleted ones too: a browser ignores what does not have the flags of its name.
    assert f'__Host-sessionid{suffix}=""' in done.stdout
    assert f'__Host-messages{suffix}=""' in done.stdout
