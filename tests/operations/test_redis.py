"""What the Admin does while Redis is stopped, frozen, full, or another one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.addresses import ACCOUNT_SETTING, CONFIGURATION, DASHBOARD, LOGIN
from tests.certificates import make_certificate
from tests.factories import PASSWORD
from tests.operations.servers import Admin, Redis, eventually, probed

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
    with Redis(tmp_path) as redis, Admin(tmp_path / "admin", CACHE_URL=redis.url.replace(":", ":x", 2)) as admin:
        assert "cache" in admin.failed()
