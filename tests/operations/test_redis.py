"""What the Admin does while Redis is stopped, frozen, full, or another one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.addresses import ACCOUNT_SETTING, CONFIGURATION, DASHBOARD, LOGIN
from tests.certificates import make_certificate
from tests.factories import PASSWORD
from tests.operations.admin import Admin, probed
from tests.operations.processes import eventually
from tests.operations.servers import Redis

pytestmark = pytest.mark.slow
LOGOUT = "/admin/logout/"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory, redis: Redis) -> Iterator[Admin]:
    with Admin(tmp_path_factory.mktemp("admin"), CACHE_URL=redis.url).set_up() as server:
        yield server


def signs_in(admin: Admin) -> bool:
    return admin.browser().sign_in().url.endswith(DASHBOARD)


@pytest.mark.parametrize(("end", "begin"), [("stop", "start"), ("freeze", "thaw"), ("fill", "empty")])
def test_pages_go_on_and_no_password_is_checked_until_redis_is_back(
    redis: Redis, admin: Admin, end: str, begin: str
) -> None:
    alice, leaving, pages = admin.signed_in(), admin.signed_in(), (DASHBOARD, CONFIGURATION, LOGIN)
    assert {alice.get(path).status_code for path in pages} == {200}
    assert admin.failed() == []
    with probed(admin):
        getattr(redis, end)()
        assert {alice.get(path).status_code for path in pages} == {200}
        assert leaving.send_form(LOGOUT).status_code == 200
        refused = admin.browser().sign_in()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert "No password can be checked now" in refused.text
        assert alice.send_form(ACCOUNT_SETTING, present_password=PASSWORD).status_code == 503
        assert admin.failed() == ["cache"]
        getattr(redis, begin)()
        eventually(lambda: not admin.failed(), "the Admin is ready again")
    assert alice.get(DASHBOARD).url.endswith(DASHBOARD)
    assert LOGIN in leaving.get(DASHBOARD).url
    # What a frozen Redis was asked before is done afterwards: it holds a lock for up to ten seconds more.
    eventually(lambda: signs_in(admin), "people can sign in again")
    assert redis.password not in admin.log()


def test_redis_holds_json_for_an_hour_at_most_and_no_names(redis: Redis, admin: Admin) -> None:
    assert admin.browser().sign_in("wrong").status_code == 200
    with redis.client() as client:
        held = {key.decode(): (client.get(key), client.ttl(key)) for key in client.scan_iter()}
    assert any(isinstance(json.loads(value), list) for value, _seconds in held.values())
    assert [key for key in held if not key.startswith("commerce-admin:") or "alice" in key] == []
    assert [key for key, (_value, seconds) in held.items() if not 0 < seconds <= 3600] == []


def test_redis_over_tls_is_used_only_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    trusted, other = make_certificate(tmp_path, "trusted"), make_certificate(tmp_path, "other")
    with Redis(tmp_path, trusted) as redis:
        settings = {"CACHE_URL": redis.url, "CACHE_CA_BUNDLE": str(trusted.path)}
        with Admin(tmp_path / "admin", **settings).set_up() as admin:
            assert signs_in(admin)
            redis.restart(other)
            assert admin.failed() == ["cache"]
            redis.restart(trusted)
            eventually(lambda: not admin.failed(), "the Admin trusts Redis again")
            assert signs_in(admin)


def test_a_password_that_redis_refuses_is_named_before_anybody_signs_in(tmp_path: Path) -> None:
    with Redis(tmp_path) as redis:
        address = f"redis://:canary-{redis.password}@127.0.0.1:{redis.port}/0"
        with Admin(tmp_path / "admin", CACHE_URL=address).set_up() as admin:
            assert admin.failed() == ["cache"]
            assert admin.browser().sign_in().status_code == 503
            assert "invalid username-password pair" in admin.log()
            assert "canary" not in admin.log()
