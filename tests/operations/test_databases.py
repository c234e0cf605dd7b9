"""Databases that are missing, empty, behind a wrong password or certificate, and settings that are missing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import requests
from django.conf import settings

from tests.addresses import DASHBOARD
from tests.certificates import make_certificate
from tests.operations.admin import Admin
from tests.operations.processes import eventually
from tests.operations.servers import Postgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    # The folders of pytest are closed to the user who runs PostgreSQL.
    with TemporaryDirectory() as folder, Postgres(Path(folder)) as server:
        yield server


def page(admin: Admin) -> requests.Response:
    """Return a page as somebody asks for it who was signed in before."""
    return admin.get(DASHBOARD, cookies={"sessionid": "s" * 32})


def run(postgres: Postgres, statement: str) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_a_database_that_is_missing_or_empty_is_named_until_it_is_made(postgres: Postgres, tmp_path: Path) -> None:
    with Admin(tmp_path, DATABASE_URL=postgres.url.replace("/postgres", "/later")) as admin:
        assert admin.failed() == ["database"]
        assert (page(admin).status_code, "does not reach its database" in page(admin).text) == (503, True)
        run(postgres, "CREATE DATABASE later")
        assert admin.failed() == ["migrations"]
        assert (page(admin).status_code, "python manage.py migrate" in page(admin).text) == (503, True)
        admin.set_up()
        assert admin.failed() == []
        admin.signed_in()


def test_a_wrong_password_is_named_until_it_is_right(postgres: Postgres, tmp_path: Path) -> None:
    run(postgres, "CREATE ROLE late SUPERUSER LOGIN PASSWORD 'another one for tests'")
    address = f"postgres://late:given-to-this-process@127.0.0.1:{postgres.port}/postgres"
    with Admin(tmp_path, DATABASE_URL=address) as admin:
        assert admin.failed() == ["database"]
        assert page(admin).status_code == 503
        run(postgres, "ALTER ROLE late PASSWORD 'given-to-this-process'")
        assert admin.failed() == ["migrations"]
        assert "password authentication failed" in admin.log()
        assert "given-to-this-process" not in admin.log()


def test_postgresql_with_another_certificate_is_not_trusted(postgres: Postgres, tmp_path: Path) -> None:
    trusted, other = make_certificate(tmp_path, "trusted"), make_certificate(tmp_path, "other")
    postgres.restart(trusted)
    address = f"{postgres.url}?sslmode=verify-full&sslrootcert={trusted.path}"
    with Admin(tmp_path / "admin", DATABASE_URL=address) as admin:
        assert admin.failed() == ["migrations"]
        postgres.restart(other)
        assert admin.failed() == ["database"]
        assert "does not reach its database" in page(admin).text
        assert "certificate verify failed" in admin.log()
        postgres.restart(trusted)
        eventually(lambda: admin.failed() == ["migrations"], "the Admin trusts the database again")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS"])
def test_without_a_setting_the_server_ends_with_one_line(tmp_path: Path, missing: str) -> None:
    admin = Admin(tmp_path, MODE="production", ALLOWED_HOSTS="admin.example.com")
    environment = {name: value for name, value in admin.environment.items() if name != missing}
    ended = subprocess.run(  # noqa: S603  (our own)
        admin.command(), cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 3
    assert f"error: Production mode needs its own {missing}. docs/settings.md says how to make it.\n" in ended.stderr
    assert "Traceback" not in ended.stderr
