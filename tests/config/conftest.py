"""Settings, read by a fresh process or from a copy in a folder of the test."""

import os
import runpy
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connector.keys.keyring import generate_key

Run = Callable[..., "subprocess.CompletedProcess[str]"]
PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ENCRYPTION_KEYS": generate_key(),
    "ALLOWED_HOSTS": "a.test",
    # Nothing listens there.
    "DATABASE_URL": "postgres://user@127.0.0.1:9/name",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run Python in another process, with only the environment variables that a test names."""

    def python(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        own = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(  # noqa: S603  (our own code)
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=inherited | own | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return python


Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Read the settings of a copy in `tmp_path`, with only the given environment variables, in this process."""
    (tmp_path / "config").mkdir()
    shutil.copy(settings.BASE_DIR / "config" / "settings.py", tmp_path / "config")
    shutil.copy(settings.BASE_DIR / "pyproject.toml", tmp_path)

    def run_settings(**environment: str) -> dict[str, Any]:
        monkeypatch.setattr(os, "environ", environment)
        return runpy.run_path(str(tmp_path / "config" / "settings.py"))

    return run_settings


def refusal(load: Load, **environment: str) -> list[str]:
    with pytest.raises(SystemExit) as stopped:
        load(**environment)
    return str(stopped.value).splitlines()
