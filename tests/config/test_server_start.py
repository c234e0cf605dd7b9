"""The start of a server process in production mode: what stops it, and what can be run without it."""

from pathlib import Path

import pytest

from tests.config.conftest import PRODUCTION, Run

SERVER = ("-c", "import config.wsgi")


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """Settings of production mode, with a folder for the static files and a database of the test."""
    return PRODUCTION | {
        "STATIC_ROOT": str(tmp_path / "static"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/data/db.sqlite3",
    }


def test_no_server_starts_before_its_static_files_were_collected(run: Run, place: dict[str, str]) -> None:
    refused = run(*SERVER, **place)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr.startswith("error: The stylesheets and scripts of this version were not collected")
    assert refused.stderr.endswith("python manage.py collectstatic --no-input\n")
    assert refused.stderr.count("\n") == 1
    commands = [("migrate",), ("check",), ("collectstatic", "--no-input")]
    done = [run("manage.py", *command, **place) for command in commands]
    assert [(process.returncode, process.stderr) for process in done] == [(0, "")] * 3
    started = run(*SERVER, **place)
    assert started.returncode == 0, started.stderr


def test_the_development_server_ends_where_the_server_does_not_start(run: Run, place: dict[str, str]) -> None:
    done = run("manage.py", "runserver", "8119", **place)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: The stylesheets and scripts of this version")


def test_nothing_is_collected_for_a_development_copy_by_mistake(run: Run) -> None:
    done = run("manage.py", "collectstatic", "--no-input")
    assert done.returncode == 1
    assert done.stderr.startswith("error: collectstatic is for production mode, and MODE is not production here. ")
    assert done.stderr.count("\n") == 1
