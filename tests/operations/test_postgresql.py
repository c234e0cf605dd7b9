"""What the Admin does while PostgreSQL is stopped, killed, or frozen."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from backend.frame.postgresql.base import MOST_WAITING, SILENT_S
from tests.addresses import CONFIGURATION, DASHBOARD, ROLES
from tests.operations.admin import Admin, probed
from tests.operations.processes import eventually
from tests.operations.servers import Postgres

pytestmark = pytest.mark.slow
THREADS = 8


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    # The folders of pytest are closed to the user who runs PostgreSQL.
    with TemporaryDirectory() as folder, Postgres(Path(folder)) as server:
        yield server


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Admin]:
    with Admin(tmp_path_factory.mktemp("admin"), DATABASE_URL=postgres.url).set_up() as server:
        yield server


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_without_the_database_pages_say_so_and_come_back_with_it(postgres: Postgres, admin: Admin, end: str) -> None:
    alice = admin.signed_in()
    assert admin.failed() == []
    with probed(admin):
        getattr(postgres, end)()
        for path in (DASHBOARD, CONFIGURATION):
            answer = alice.get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
            assert "does not reach its database" in answer.text
        assert admin.failed() == ["database"]
        postgres.start()
        eventually(lambda: not admin.failed(), "the Admin is ready again")
    assert alice.get(DASHBOARD).url.endswith(DASHBOARD)
    admin.signed_in()
    assert postgres.password not in admin.log()


def test_a_frozen_database_does_not_hold_pages_for_ever_nor_every_thread(postgres: Postgres, admin: Admin) -> None:
    people = [admin.signed_in() for _thread in range(THREADS)] * 3
    with ThreadPoolExecutor(len(people)) as pool:

        def ask() -> set[int]:
            return {answer.status_code for answer in pool.map(lambda alice: alice.get(DASHBOARD), people)}

        # Each thread of the server has a connection now.
        assert ask() == {200}
        with probed(admin):
            postgres.freeze()
            assert ask() == {503}
            assert admin.failed() == ["database"]
            postgres.thaw()
            eventually(lambda: not admin.failed(), "the Admin is ready again")
        assert ask() == {200}


@pytest.mark.parametrize("kept_s", ["60", "0"], ids=["kept connections", "a connection for each request"])
def test_a_slow_database_is_not_taken_for_a_frozen_one(
    postgres: Postgres, admin: Admin, tmp_path: Path, kept_s: str
) -> None:
    # None of its threads has a connection yet.
    with Admin(tmp_path, **admin.environment | {"CONN_MAX_AGE": kept_s}) as other_admin:
        people = [other_admin.signed_in() for _place in range(MOST_WAITING)]
        with ThreadPoolExecutor(MOST_WAITING) as pool, psycopg.connect(postgres.url) as other:
            other.execute("LOCK TABLE auth_group IN ACCESS EXCLUSIVE MODE")
            waiting = [pool.submit(alice.get, ROLES) for alice in people]
            eventually(lambda: _count_waiting(postgres) == MOST_WAITING, "all of them wait")
            time.sleep(2 * SILENT_S)
            eventually(lambda: people[0].get(DASHBOARD).status_code == 200, "another page is shown")
            other.rollback()
            assert {answer.result().status_code for answer in waiting} == {200}


def _count_waiting(postgres: Postgres) -> int:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return int(row[0]) if row else 0
