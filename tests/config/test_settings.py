"""Settings, as a fresh process reads them from its environment."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from connector.keyring import Keyring, generate_key

Run = Callable[..., "subprocess.CompletedProcess[str]"]
PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ENCRYPTION_KEYS": generate_key(),
    "ALLOWED_HOSTS": "a.test",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run Python in a process of its own, whose environment is what a test says and nothing else."""

    def python(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        own = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(  # noqa: S603  (our own code)
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=kept | own | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return python


def shown(run: Run, expression: str, **environment: str) -> str:
    done = run("-c", f"from config import settings; print({expression})", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without_its_own(run: Run, name: str) -> None:
    done = run("-c", "import config.settings", **{key: value for key, value in PRODUCTION.items() if key != name})
    assert done.returncode == 1
    assert f"Production mode needs its own {name}." in done.stderr.splitlines()[-1]


def test_the_first_encryption_key_is_made_without_one(run: Run) -> None:
    done = run("manage.py", "rekey", "--generate", MODE="development")
    assert shown(run, "len(settings.ENCRYPTION_KEYS)", **PRODUCTION | {"ENCRYPTION_KEYS": done.stdout}) == "1"
    assert Keyring([done.stdout.strip()])


def test_production_passes_the_deployment_checks(run: Run) -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_uses_the_real_gateways_and_no_stand_in(run: Run) -> None:
    said = shown(
        run, "settings.GATEWAY_URLS, 'saas' in settings.INSTALLED_APPS, settings.DEBUG", **PRODUCTION, DEBUG="1"
    )
    assert "https://commerce-beta.adobe.io/" in said
    assert "https://commerce.adobe.io/" in said
    assert said.endswith("False False")


def test_production_has_the_stand_in_only_when_asked(run: Run) -> None:
    assert shown(run, "'saas' in settings.INSTALLED_APPS", **PRODUCTION, STAND_IN="true") == "True"


def test_production_keeps_cookies_on_https(run: Run) -> None:
    said = shown(
        run, "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT", **PRODUCTION
    )
    assert said == "True True True"


def test_an_unknown_mode_is_refused(run: Run) -> None:
    done = run("-c", "import config.settings", MODE="staging")
    assert "MODE is 'staging'; it is either 'development' or 'production'." in done.stderr.splitlines()[-1]


def test_development_starts_with_an_empty_environment(run: Run) -> None:
    assert shown(run, "settings.DEBUG, settings.STAND_IN, bool(settings.SECRET_KEY)") == "False True True"


def test_development_asks_this_very_server(run: Run) -> None:
    assert shown(run, "settings.GATEWAY_URLS['sandbox']", PORT="8123") == "http://127.0.0.1:8123/gateway/sandbox/"


def test_a_secret_can_stand_in_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    assert shown(run, "settings.SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "secret")) == "from a file"


def test_a_private_key_of_the_environment_may_be_one_line(run: Run) -> None:
    key = r"-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"
    said = shown(run, "settings.LOCKED_VALUES['sandbox_private_key']", CONNECTOR_SANDBOX_PRIVATE_KEY=key)
    assert said.splitlines() == ["-----BEGIN PRIVATE KEY-----", "abc", "-----END PRIVATE KEY-----"]


def test_several_encryption_keys_are_read_in_order(run: Run) -> None:
    assert shown(run, "settings.ENCRYPTION_KEYS", ENCRYPTION_KEYS="new, old") == "['new', 'old']"


def test_a_database_out_of_reach_gives_a_plain_503_from_the_first_request(run: Run, tmp_path: Path) -> None:
    script = """
import django; django.setup()
from django.test import Client
probe, browser = Client(), Client(raise_request_exception=False)
browser.cookies["sessionid"] = "s" * 32
print(probe.get("/healthz").status_code, probe.get("/readyz").status_code, browser.get("/admin/").status_code)
"""
    where = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": f"sqlite:///{tmp_path}/missing/db.sqlite3"}
    done = run("-c", script, **where, ALLOWED_HOSTS="testserver")
    assert done.stdout.split() == ["200", "503", "503"], done.stderr


def test_a_process_with_a_wrong_encryption_key_says_so_at_start(run: Run) -> None:
    done = run("-c", "import config.wsgi", **PRODUCTION | {"ENCRYPTION_KEYS": "short"})
    assert done.returncode != 0
    assert "connector.E001" in done.stderr
    assert "short" not in done.stderr.replace("shorter", "")
