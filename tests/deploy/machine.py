"""A Debian with its own systemd, network and processes, in a folder of this machine.

mmdebstrap makes it of the packages that apt of this machine would install, and systemd-nspawn boots it.
"""

import contextlib
import ctypes
import fcntl
import os
import pty
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pytest

PROGRAMS = {"mmdebstrap": "mmdebstrap", "systemd-nspawn": "systemd-container", "nsenter": "util-linux", "git": "git"}
_SECONDS = 300
_CLONE_NEWNET = 0x40000000


class CommandFailedError(AssertionError):
    """A command of the documentation failed; the text has what it printed."""


class Machine:
    """A booted Debian. What changes in it is in memory and gone afterwards, unless `keeps_changes`."""

    def __init__(self, root: Path, binds: Sequence[str] = (), *, keeps_changes: bool = False) -> None:
        self.options = [f"--directory={root}", *(f"--bind-ro={bind}" for bind in binds)]
        self.options += [] if keeps_changes else ["--volatile=overlay"]

    def __enter__(self) -> Self:
        """Boot, and wait until every service has started."""
        private = ["--private-network", "--resolv-conf=copy-host", f"--machine=debian-{os.getpid()}"]
        # This machine may run no systemd that could know of another one.
        apart = ["--register=no", "--keep-unit", "--link-journal=no", "--console=pipe", "--quiet"]
        # Two at a time would share the control groups of their services.
        self.turn = Path("/run/lock/commerce-admin-machine").open("w")
        fcntl.flock(self.turn, fcntl.LOCK_EX)
        self.log = tempfile.TemporaryFile()
        self.nspawn = subprocess.Popen(  # noqa: S603
            ["systemd-nspawn", *self.options, *private, *apart, "--boot"],  # noqa: S607
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        try:
            self.init = self._wait_for_init()
            self.run("until systemctl is-system-running --wait | grep -E 'running|degraded'; do sleep 0.2; done")
        except BaseException:
            self._shut_down()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Shut down."""
        self._shut_down()

    def _shut_down(self) -> None:
        self.nspawn.terminate()
        try:
            self.nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()
        self.log.close()
        self.turn.close()

    def run(self, script: str, *, online: bool = False) -> str:
        """Run a script of bash as root, `online` in the network of this machine, and return what it prints.

        Raises:
            CommandFailedError: it exited with another status than 0.
        """
        done = subprocess.run(  # noqa: S603  (our own documentation)
            self._command(script, online=online),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            journal = subprocess.check_output(self._command("journalctl --no-pager --lines 40"), text=True)  # noqa: S603
            message = f"This exited with {done.returncode}:\n{script}\n{done.stdout}\n{done.stderr}\n{journal}"
            raise CommandFailedError(message)
        return done.stdout

    def answer(self, script: str, answers: dict[str, str]) -> str:
        """Run a script on a terminal, where a person answers each question in turn. Raises CommandFailedError."""
        person, terminal = pty.openpty()
        # setsid makes it the terminal of the script, from which a password is read.
        asked = subprocess.Popen(  # noqa: S603  (our own documentation)
            ["setsid", "--ctty", *self._command(script)],  # noqa: S607
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        shown = b""
        for question, text in answers.items():
            before = len(shown)
            while question.encode() not in shown[before:]:
                shown += _read(person)
            os.write(person, f"{text}\n".encode())
        while more := _read(person):
            shown += more
        os.close(person)
        if asked.wait(_SECONDS):
            message = f"This failed:\n{script}\n{shown.decode()}"
            raise CommandFailedError(message)
        return shown.decode()

    def path(self, inside: str) -> Path:
        """Return where a file of the machine is in this machine."""
        return Path(f"/proc/{self.init}/root{inside}")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Give this thread the network of the machine, where 127.0.0.1 is the machine."""
        with Path("/proc/thread-self/ns/net").open() as ours, Path(f"/proc/{self.init}/ns/net").open() as theirs:
            _enter(theirs)
            try:
                yield
            finally:
                _enter(ours)

    def _command(self, script: str, *, online: bool = False) -> list[str]:
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", *([] if online else ["--net"])]
        place = ["--target", str(self.init), *spaces, "--root"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        clean = ["env", "--ignore-environment", "--chdir=/root", path, "LANG=C.UTF-8", "HOME=/root"]
        return ["nsenter", *place, *clean, "/bin/bash", "-euc", script]

    def _wait_for_init(self) -> int:
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children")
        for _attempt in range(600):
            if self.nspawn.poll() is not None:
                self.log.seek(0)
                raise CommandFailedError(self.log.read().decode())
            for child in children.read_text().split():
                with contextlib.suppress(FileNotFoundError):
                    if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                        return int(child)
            time.sleep(0.1)
        message = "The machine did not boot within a minute."
        raise CommandFailedError(message)


def _enter(network: IO[str]) -> None:
    """Move this thread into a network."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network.fileno(), _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _read(terminal: int) -> bytes:
    """Return what was printed; nothing, when the program has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def require_rights() -> None:
    """Without root or the programs, tests fail in CI and are left out elsewhere."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if os.geteuid() == 0 and not missing:
        return
    reason = f"Booting a Debian needs root and these packages: {', '.join(PROGRAMS.values())}."
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def printed(*command: str) -> str:
    """Run a program of this machine, and return what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS).stdout  # noqa: S603
