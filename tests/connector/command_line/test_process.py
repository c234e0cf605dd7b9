"""`manage.py connector` as a process of its own: interrupted, read in part, and on a real terminal."""

import os
import pty
import signal
import sqlite3
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connector.gateway.client import Credentials
from tests.connector.gateway.servers import say_nothing, serve

pytestmark = pytest.mark.slow
WITHIN_S = 60


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("process") / "db.sqlite3"
    migrate = command("migrate", "--verbosity=0")
    subprocess.run(migrate, env=environ(file), check=True, cwd=settings.BASE_DIR)  # noqa: S603
    return file


def command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def environ(database: Path, **variables: str) -> Mapping[str, str]:
    return os.environ | {"DATABASE_URL": f"sqlite:///{database}", **variables}


def start(
    database: Path, *arguments: str, variables: Mapping[str, str] | None = None, **streams: Any
) -> subprocess.Popen[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen(  # noqa: S603
        command("connector", *arguments),
        cwd=settings.BASE_DIR,
        env=environ(database, **variables or {}),
        text=True,
        **streams,
    )


def test_ctrl_c_ends_it_with_one_line_while_the_gateway_is_silent(database: Path, pair: Credentials) -> None:
    asked = threading.Event()

    def be_asked(connection: Any) -> None:
        connection.recv(65536)
        asked.set()
        say_nothing(connection)

    with serve(be_asked) as url:
        variables = {
            "SANDBOX_GATEWAY_URL": url,
            "CONNECTOR_SANDBOX_API_KEY": pair.api_key,
            "CONNECTOR_SANDBOX_PRIVATE_KEY": pair.private_key.pem.replace("\n", "\\n"),
        }
        process = start(database, "verify", variables=variables)
        assert asked.wait(WITHIN_S)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=WITHIN_S)
    assert (process.returncode, out) == (130, "")
    assert error == "Interrupted. What is stored now: manage.py connector status\n"
    with closing(sqlite3.connect(database)) as stored:
        assert stored.execute("SELECT * FROM connector_turn").fetchall() == []


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"]])
def test_a_reader_that_goes_away_is_no_error(database: Path, arguments: list[str]) -> None:
    process = start(database, *arguments)
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert (process.stderr.read(), process.wait(WITHIN_S)) == ("", 141)
    process.stderr.close()


def test_a_terminal_of_80_columns_is_wide_enough(database: Path, pair: Credentials) -> None:
    main, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    process = start(database, "status", stdout=terminal, stderr=terminal)
    os.close(terminal)
    printed = b""
    while True:
        try:
            printed += os.read(main, 65536)
        except OSError:  # Linux says so when the process has closed the terminal.
            break
    os.close(main)
    lines = printed.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert process.wait(WITHIN_S) == 1
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert "Cause      keys_missing: The Sandbox environment needs an API key" in "\n".join(lines)


def test_letters_that_the_terminal_does_not_have_are_no_error(database: Path) -> None:
    process = start(database, "status", variables={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    out, error = process.communicate(timeout=WITHIN_S)
    assert (process.returncode, error) == (1, "")
    assert "the account's license owner" in out
