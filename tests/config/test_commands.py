"""What every command has in common: how it ends when it is interrupted, and what it prints to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PRINT = "from config import output; output.prepare(); print('Sales › “Société’s” 12\u00a0€ – 注文…')"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_while_it_starts_ends_with_one_line(
    tmp_path: Path, number: signal.Signals
) -> None:
    os.mkfifo(tmp_path / "key")
    # A command that starts itself again blocks both meanwhile.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    process = subprocess.Popen(
        [sys.executable, "manage.py", "migrate"],
        cwd=settings.BASE_DIR,
        env={"SECRET_KEY_FILE": str(tmp_path / "key")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    with process, (tmp_path / "key").open("w"):
        # Its settings are reading the key now.
        process.send_signal(number)
        assert process.communicate(timeout=30)[0] == "Stopped. Run the same command again to go on.\n"
    assert process.returncode == 130


def test_an_interruption_within_a_finalizer_is_not_lost() -> None:
    script = """
import signal, time
from config import interruption
class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
interruption.heed()
try:
    Finalized()
    time.sleep(30)
except KeyboardInterrupt:
    print("Stopped.")
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=25, check=True)  # noqa: S603  (our own)
    assert (done.stdout, done.stderr) == ("Stopped.\n", "")


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("utf-8", "Sales › “Société’s” 12\u00a0€ – 注文…"),
        ("latin-1", 'Sales > "Société\'s" 12\u00a0\\u20ac - \\u6ce8\\u6587...'),
        ("ascii", 'Sales > "Societe\'s" 12 \\u20ac - \\u6ce8\\u6587...'),
    ],
)
def test_a_terminal_without_our_signs_shows_others(encoding: str, printed: str) -> None:
    command = [sys.executable, "-c", PRINT]
    environment = {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=True)  # noqa: S603  (our own)
    assert done.stdout.decode(encoding) == f"{printed}\n"


def test_each_line_is_printed_at_once() -> None:
    command = [sys.executable, "-c", f"{PRINT}; input()"]
    with subprocess.Popen(  # noqa: S603  (our own)
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Sales")
        process.kill()


def test_a_command_ends_in_silence_once_nobody_reads_what_it_prints() -> None:
    nobody_reads, output = os.pipe()
    os.close(nobody_reads)
    command = [sys.executable, "manage.py", "help"]
    done = subprocess.run(  # noqa: S603  (our own)
        command, cwd=settings.BASE_DIR, stdout=output, stderr=subprocess.PIPE, check=False
    )
    os.close(output)
    assert (done.returncode, done.stderr) == (141, b"")
