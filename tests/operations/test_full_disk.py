"""A disk without space: pages say so, nothing is stored by half, and all goes on when there is space again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.addresses import DASHBOARD, ROLES
from tests.factories import PASSWORD
from tests.operations.admin import Admin, Browser, probed
from tests.operations.servers import Postgres

pytestmark = pytest.mark.slow
# A role takes a kilobyte, and the pages of the database have some space left.
ENOUGH_ROLES = 60
# The file that the processes of SQLite share takes 32 kB, and a change needs more than 12 kB.
SPACE_TO_READ_BYTES = 44_000


class Disk:
    """A small disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"

    def fill(self, left_bytes: int = 0) -> None:
        with suppress(OSError), self.ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        os.truncate(self.ballast, self.ballast.stat().st_size - left_bytes)

    def empty(self) -> None:
        self.ballast.unlink()


@contextmanager
def small_disk() -> Iterator[Disk]:
    """Mount a disk in memory, for which one has to be root."""
    as_root = [] if os.getuid() == 0 else ["sudo", "--non-interactive"]
    with TemporaryDirectory() as folder:
        mount = [*as_root, "mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "none", folder]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)  # noqa: S603  (our own)
        if done.returncode and "CI" not in os.environ:
            pytest.skip(f"Only root can mount a small disk: {done.stderr}")
        assert done.returncode == 0, done.stderr
        try:
            yield Disk(Path(folder))
        finally:
            subprocess.run([*as_root, "umount", "--lazy", folder], check=True)  # noqa: S603


def add_role(alice: Browser, name: str) -> int:
    """Add a role, which stores it, its permissions and a row of the action log. Return the status."""
    answer = alice.send_form(f"{ROLES}add/", name=name, access="all", present_password=PASSWORD)
    assert (answer.status_code == 507) is ("The disk of the database is full" in answer.text)
    return answer.status_code


def add_roles_until_the_disk_is_full(alice: Browser) -> int:
    """Return how many roles there was space for."""
    for number in range(ENOUGH_ROLES):
        if add_role(alice, f"Role {number:03}") != 200:
            return number
    pytest.fail("The disk had space for everything.")


def stored(alice: Browser) -> list[str]:
    """Return the names of the roles."""
    page = alice.get(f"{ROLES}?rows=100").text
    return [name for number in range(ENOUGH_ROLES) if (name := f"Role {number:03}") in page]


def test_sqlite_without_space_stores_nothing_by_half(tmp_path: Path) -> None:
    with small_disk() as disk, Admin(tmp_path, DATABASE_URL=f"sqlite:///{disk.folder}/db.sqlite3") as admin:
        alice = admin.set_up().signed_in()
        with probed(admin):
            disk.fill(SPACE_TO_READ_BYTES)
            roles = add_roles_until_the_disk_is_full(alice)
            assert admin.failed() == ["disk"]
            assert len(stored(alice)) == roles
            disk.empty()
        assert admin.failed() == []
        assert add_role(alice, f"Role {roles:03}") == 200
        assert len(stored(alice)) == roles + 1


def test_sqlite_on_a_disk_that_is_full_to_the_last_byte_says_so(tmp_path: Path) -> None:
    with small_disk() as disk, Admin(tmp_path, DATABASE_URL=f"sqlite:///{disk.folder}/db.sqlite3") as admin:
        alice = admin.set_up().signed_in()
        disk.fill()
        answer = alice.get(DASHBOARD)
        assert (answer.status_code, "The disk of the database is full" in answer.text) == (507, True)
        assert admin.failed() == ["disk"]
        disk.empty()
        assert alice.get(DASHBOARD).status_code == 200


def test_postgresql_without_space_stores_nothing_by_half(tmp_path: Path) -> None:
    with small_disk() as disk, TemporaryDirectory() as folder, Postgres(Path(folder)) as postgres:
        place = disk.folder / "place"
        place.mkdir()
        if postgres.user:
            shutil.chown(place, "nobody", "nogroup")
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
            connection.execute("CREATE DATABASE small TABLESPACE small")
        with Admin(tmp_path, DATABASE_URL=postgres.url.replace("/postgres", "/small")).set_up() as admin:
            alice = admin.signed_in()
            with probed(admin):
                disk.fill()
                roles = add_roles_until_the_disk_is_full(alice)
                assert len(stored(alice)) == roles
                disk.empty()
            assert add_role(alice, f"Role {roles:03}") == 200
            assert len(stored(alice)) == roles + 1
