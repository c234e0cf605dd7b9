"""What the machines are made of, kept in `var/deploy` for the next run: Debian, its packages, and our requirements."""

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.deploy.machine import Machine, printed

FOLDER = Path(settings.BASE_DIR) / "var" / "deploy"
# Fetches what a command would install, and installs nothing.
DOWNLOAD_ONLY = """echo 'APT::Get::Download-Only "true";' > /tmp/download-only
export APT_CONFIG=/tmp/download-only
"""


def bare() -> Path:
    """Return a Debian of the release of this machine, with little more than systemd."""
    targets = ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)", "Origin: Debian", "Identifier: Packages"]
    site, codename = printed(*targets).splitlines()[0].split()
    with _made_once(codename) as unfinished:
        if unfinished:
            options = FOLDER / "apt.conf"
            dumped = printed("apt-config", "dump").splitlines()
            options.write_text("\n".join(line for line in dumped if line.startswith("Acquire::")))
            settled = ["--include=systemd-sysv,dbus", f"--aptopt={options}", "--dpkgopt=force-unsafe-io"]
            printed("mmdebstrap", "--quiet", "--variant=minbase", *settled, codename, str(unfinished), site)
    return FOLDER / codename


def with_packages(install: str) -> Path:
    """Return a Debian after the documented commands that install packages, which are run in a machine of its own."""
    root = bare()
    name = f"{root.name}-{hashlib.sha256(install.encode()).hexdigest()[:12]}"
    with _made_once(name) as unfinished:
        if unfinished:
            printed("cp", "--archive", str(root), str(unfinished))
            with Machine(unfinished, keeps_changes=True) as machine:
                # Its ports are free there, so each server gets its usual one.
                machine.run(DOWNLOAD_ONLY + install, online=True)
                machine.run(install)
    return FOLDER / name


def wheels(root: Path) -> Path:
    """Return a folder with the locked requirements for the Python of `root`, as pip of this machine gets them."""
    lock = (Path(settings.BASE_DIR) / "requirements.txt").read_text(encoding="utf-8")
    python = (root / "usr" / "bin" / "python3").readlink().name.removeprefix("python")
    name = f"wheels-{python}-{hashlib.sha256(lock.encode()).hexdigest()[:12]}"
    with _made_once(name) as unfinished:
        if unfinished:
            unfinished.mkdir()
            # The conditions are about this Python, not that one.
            everything = unfinished / "requirements.txt"
            everything.write_text(re.sub(r" ; .* \\$", r" \\", lock, flags=re.MULTILINE), encoding="utf-8")
            place = [f"--dest={unfinished}", "--only-binary=:all:", f"--python-version={python}"]
            fetch = ["download", "--quiet", "--no-deps", "--require-hashes", f"--requirement={everything}"]
            printed("python", "-m", "pip", *fetch, *place)
    return FOLDER / name


@contextmanager
def _made_once(name: str) -> Iterator[Path | None]:
    """Yield where to make the folder `name`, or nothing if it is there already. Others wait meanwhile."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = FOLDER / f"{name}.unfinished"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (FOLDER / name).exists():
            yield None
            return
        # An interrupted run may have left one.
        shutil.rmtree(unfinished, ignore_errors=True)
        yield unfinished
        unfinished.rename(FOLDER / name)
