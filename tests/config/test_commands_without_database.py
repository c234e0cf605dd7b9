"""Commands whose database cannot be used: one line, and an exit code that says so."""

import pytest

from tests.config.conftest import Run

NOWHERE = "postgres://user:S3cret@127.0.0.1:9/name"
NOT_MIGRATED = "error: The database lacks tables or columns of this version. Run: python manage.py migrate\n"


@pytest.mark.parametrize(
    "command", [("connector", "verify"), ("audit", "verify"), ("runserver", "8119")], ids=lambda command: command[0]
)
def test_a_database_out_of_reach_is_one_line_without_the_password(run: Run, command: tuple[str, ...]) -> None:
    done = run("manage.py", *command, DATABASE_URL=NOWHERE)
    assert done.returncode == (1 if command[0] == "runserver" else 2)
    (line,) = [line for line in done.stderr.splitlines() if "autoreload" not in line]
    assert line.startswith('error: The database cannot be used: connection to server at "127.0.0.1", port 9 failed: ')
    assert line.endswith(". Start it, or correct DATABASE_URL, then run this again.")
    assert "S3cret" not in done.stdout


@pytest.mark.parametrize("command", [("payments", "sync"), ("maintain",)], ids=lambda command: command[0])
def test_a_database_without_tables_is_one_line_that_says_what_to_run(run: Run, command: tuple[str, ...]) -> None:
    done = run("manage.py", *command)
    assert (done.returncode, done.stderr) == (1, NOT_MIGRATED)


def test_somebody_who_looks_for_the_reason_still_gets_the_traceback(run: Run) -> None:
    done = run("manage.py", "connector", "--traceback", "verify", DATABASE_URL=NOWHERE)
    assert done.returncode == 1
    assert "OperationalError" in done.stderr
    assert "S3cret" not in done.stderr
