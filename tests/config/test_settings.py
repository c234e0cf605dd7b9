"""Settings, as a fresh process reads them from its environment variables."""

import os
import secrets
from pathlib import Path

import certifi
import pytest

from connector.keys.keyring import Keyring
from tests.config.conftest import PRODUCTION, Load, Run, refusal


def shown(run: Run, expression: str, **environment: str) -> str:
    done = run("-c", f"from config import settings; print({expression})", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS", "DATABASE_URL"])
@pytest.mark.parametrize("value", [{}, {"": ""}, {"_FILE": ""}], ids=["missing", "empty", "empty name of a file"])
def test_production_refuses_to_start_without_its_own(load: Load, name: str, value: dict[str, str]) -> None:
    environment = {key: text for key, text in PRODUCTION.items() if key != name}
    said = refusal(load, **environment, **{f"{name}{suffix}": text for suffix, text in value.items()})
    assert said == [f"error: Production mode needs its own {name}. docs/settings.md says how to make it."]


@pytest.mark.parametrize(
    "key", ["S3cret" * 8, "ab" * 40, f"django-insecure-{secrets.token_urlsafe(50)}"], ids=["short", "few", "insecure"]
)
def test_production_refuses_a_weak_secret_key(load: Load, key: str) -> None:
    (said,) = refusal(load, **PRODUCTION | {"SECRET_KEY": key})
    assert said.startswith("error: SECRET_KEY is weak: ")
    assert key not in said
    assert load(SECRET_KEY=key)["SECRET_KEY"] == key


def test_a_weak_token_for_the_metrics_is_refused(load: Load) -> None:
    (said,) = refusal(load, METRICS_TOKEN="s" * 31)
    assert said == (
        "error: METRICS_TOKEN is weak: it needs 32 random characters or more. docs/settings.md says how to make it."
    )
    token = secrets.token_urlsafe(32)
    assert load(METRICS_TOKEN=token)["METRICS_TOKEN"] == token


@pytest.mark.parametrize(
    ("place", "handler"),
    [
        ("stdout", {"class": "backend.audit.forwarding.StandardOutput"}),
        *(
            (url, {"class": "backend.audit.forwarding.Syslog", "url": url})
            for url in ("syslog://log.example.com", "syslog+tcp://[2001:db8::1]:6514", "syslog:///dev/log")
        ),
    ],
)
def test_the_action_log_is_forwarded_to_what_can_be_reached(load: Load, place: str, handler: dict[str, str]) -> None:
    logging = load(ACTION_LOG_FORWARD=place)["LOGGING"]
    logger = logging["loggers"]["action_log"]
    assert (logger["handlers"], logger["level"]) == (["forwarded"], "INFO")
    assert logging["handlers"]["forwarded"] == handler


@pytest.mark.parametrize(
    "place", ["syslog://", "syslog://host:99999", "syslog://user:S3cret@host", "https://log.example.com"]
)
def test_the_action_log_is_not_forwarded_to_anywhere_else(load: Load, place: str) -> None:
    (said,) = refusal(load, ACTION_LOG_FORWARD=place)
    assert said.startswith("error: ACTION_LOG_FORWARD must be stdout, or an address like syslog://host:514")
    assert "S3cret" not in said


def test_rows_of_the_action_log_are_kept_for_thirty_days_or_more(load: Load) -> None:
    assert refusal(load, ACTION_LOG_DAYS="29") == ["error: ACTION_LOG_DAYS must be 30 or more, or 0 to keep all rows."]
    assert [load(ACTION_LOG_DAYS=days)["ACTION_LOG_DAYS"] for days in ("0", "30")] == [0, 30]


BROKEN = {
    "PORT": "S3cret",
    "CSRF_TRUSTED_ORIGINS": "S3cret",
    "STAND_IN": "S3cret",
    "URL_PREFIX": "S3cret",
    "DATABASE_URL": "postgres://u:S3cret/x@h/n",
    "CACHE_URL": "redis://:S3cret/x@h/0",
    "CACHE_CA_BUNDLE": "/nowhere/S3cret",
    "TRUSTED_PROXIES": "S3cret",
    "TIME_ZONE": "S3cret",
    "SESSION_IDLE_S": "S3cret",
    "SESSION_ABSOLUTE_S": "S3cret",
    "REAUTHENTICATE_AFTER": "S3cret",
    "GATEWAY_PROXY_FILE": "/nowhere/S3cret",
    "CONNECTOR_SANDBOX_PRIVATE_KEY_FILE": "/nowhere/S3cret",
}
BROKEN_IN_PRODUCTION = dict.fromkeys(
    (
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SECURE_HSTS_PRELOAD",
    ),
    "S3cret",
)


@pytest.mark.parametrize(
    ("mode", "broken"),
    [({}, BROKEN), (PRODUCTION, BROKEN | BROKEN_IN_PRODUCTION)],
    ids=["development", "production"],
)
def test_every_broken_setting_is_named_and_not_shown(load: Load, mode: dict[str, str], broken: dict[str, str]) -> None:
    said = refusal(load, **mode | broken)
    assert sorted(line.split()[1] for line in said) == sorted(broken)
    assert "S3cret" not in str(said)


def test_certificates_for_redis_without_tls_are_refused(load: Load) -> None:
    settings = {"CACHE_CA_BUNDLE": certifi.where()}
    (said,) = refusal(load, CACHE_URL="redis://h/0", **settings)
    assert said == "error: CACHE_CA_BUNDLE is for TLS. Begin CACHE_URL with rediss://, or leave it out."
    assert load(CACHE_URL="rediss://h/0", **settings)["CACHES"]["default"]["OPTIONS"]["ssl_ca_certs"]


@pytest.mark.parametrize("mode", ["development", "production"])
def test_a_line_that_cannot_be_read_stops_both_modes(load: Load, tmp_path: Path, mode: str) -> None:
    (tmp_path / ".env").write_text("\nDEBUG='true' S3cret\nTIME_ZONE=UTC\n", encoding="utf-8")
    (said,) = refusal(load, **PRODUCTION | {"MODE": mode})
    assert said.startswith("error: .env, line 2, DEBUG: ")
    assert "S3cret" not in said


def test_a_byte_order_mark_does_not_hide_the_mode(load: Load, tmp_path: Path) -> None:
    written = "\ufeffMODE = production\r\n" + "".join(f"{k}={v}\r\n" for k, v in PRODUCTION.items() if k != "MODE")
    (tmp_path / ".env").write_text(written, encoding="utf-8")
    loaded = load()
    assert loaded["PRODUCTION"]
    assert loaded["SESSION_COOKIE_SECURE"]
    assert loaded["SECRET_KEY"] == PRODUCTION["SECRET_KEY"]


def test_a_private_key_may_be_on_several_lines(load: Load, tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nabc\nxyz==\n-----END PRIVATE KEY-----"
    (tmp_path / ".env").write_text(f'CONNECTOR_SANDBOX_PRIVATE_KEY="{key}"\n', encoding="utf-8")
    assert load()["LOCKED_VALUES"]["sandbox_private_key"] == key


def test_other_programs_do_not_inherit_the_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=S3cret\n", encoding="utf-8")
    assert load()["SECRET_KEY"] == "S3cret"
    assert "SECRET_KEY" not in os.environ


def test_the_first_encryption_key_needs_no_other(run: Run) -> None:
    done = run("manage.py", "rekey", "--generate", MODE="development")
    assert shown(run, "len(settings.ENCRYPTION_KEYS)", **PRODUCTION | {"ENCRYPTION_KEYS": done.stdout}) == "1"
    assert Keyring([done.stdout.strip()])


def test_production_passes_the_deployment_checks(run: Run) -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", TRUSTED_PROXIES="1", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_uses_the_real_gateways_and_no_stand_in(load: Load) -> None:
    loaded = load(**PRODUCTION, DEBUG="1")
    assert loaded["GATEWAY_URLS"] == {
        "sandbox": "https://commerce-beta.adobe.io/",
        "production": "https://commerce.adobe.io/",
    }
    assert "saas" not in loaded["INSTALLED_APPS"]
    assert not loaded["DEBUG"]


def test_production_has_the_stand_in_only_when_asked(load: Load) -> None:
    assert "saas" in load(**PRODUCTION, STAND_IN="true")["INSTALLED_APPS"]


def test_strict_transport_concerns_only_this_host_until_somebody_asks_for_more(load: Load) -> None:
    loaded = load(**PRODUCTION)
    assert loaded["SECURE_HSTS_SECONDS"] == 31_536_000
    assert not loaded["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert not loaded["SECURE_HSTS_PRELOAD"]
    assert load(**PRODUCTION, **PRELOAD)["SECURE_HSTS_PRELOAD"]


PRELOAD = {"SECURE_HSTS_PRELOAD": "true", "SECURE_HSTS_INCLUDE_SUBDOMAINS": "true"}


@pytest.mark.parametrize("lacking", [{"SECURE_HSTS_INCLUDE_SUBDOMAINS": ""}, {"SECURE_HSTS_SECONDS": "31535999"}])
def test_a_domain_is_preloaded_only_as_browsers_take_it(load: Load, lacking: dict[str, str]) -> None:
    (said,) = refusal(load, **PRODUCTION | PRELOAD | lacking)
    assert said.startswith("error: SECURE_HSTS_PRELOAD needs SECURE_HSTS_INCLUDE_SUBDOMAINS=true, and ")


@pytest.mark.parametrize("mode", ["S3cret", "Production", '"production"'])
def test_an_unknown_mode_is_refused(load: Load, mode: str) -> None:
    (said,) = refusal(load, MODE=mode)
    assert said.startswith("error: MODE must be development or production")
    assert mode not in said


@pytest.fixture
def set_up(tmp_path: Path) -> None:
    """Leave what production mode makes when it is set up."""
    (tmp_path / "var" / "static").mkdir(parents=True)
    (tmp_path / "var" / "static" / "staticfiles.json").touch()


@pytest.mark.usefixtures("set_up")
def test_a_command_without_settings_makes_no_development_copy_of_a_production_one(load: Load, tmp_path: Path) -> None:
    (said,) = refusal(load, DATABASE_URL="sqlite:////nowhere/db.sqlite3")
    assert said.startswith("error: This installation was set up for production mode, but MODE is not set here. ")
    assert not (tmp_path / "var" / "development.json").exists()


@pytest.mark.usefixtures("set_up")
def test_a_production_copy_can_be_made_a_development_copy(load: Load) -> None:
    assert not load(MODE="development")["PRODUCTION"]


@pytest.mark.usefixtures("set_up")
def test_the_file_beside_the_program_has_the_settings_of_every_process(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in PRODUCTION.items()))
    assert load()["PRODUCTION"]


def test_development_starts_without_environment_variables(run: Run) -> None:
    assert shown(run, "settings.DEBUG, settings.STAND_IN, bool(settings.SECRET_KEY)") == "False True True"


COOKIE_NAMES = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "MESSAGES_COOKIE_NAME")


def test_emails_are_printed_in_development_and_sent_nowhere_in_production(load: Load) -> None:
    assert load()["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert load(**PRODUCTION)["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"


def test_development_asks_this_very_server(load: Load) -> None:
    assert load(PORT="8123")["GATEWAY_URLS"]["sandbox"] == "http://127.0.0.1:8123/gateway/sandbox/"


def test_a_secret_can_be_in_a_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\ufefffrom a file\r\n", encoding="utf-8")
    loaded = load(SECRET_KEY_FILE=str(tmp_path / "secret"), ENCRYPTION_KEYS_FILE=str(tmp_path / "secret"))
    assert (loaded["SECRET_KEY"], loaded["ENCRYPTION_KEYS"]) == ("from a file", ["from a file"])


def test_lists_are_read_in_order_without_blanks(load: Load) -> None:
    loaded = load(ENCRYPTION_KEYS="new, old", ALLOWED_HOSTS="a.test, b.test")
    assert (loaded["ENCRYPTION_KEYS"], loaded["ALLOWED_HOSTS"]) == (["new", "old"], ["a.test", "b.test"])


def test_a_private_key_may_be_on_one_line(load: Load) -> None:
    key = r"-----BEGIN PRIVATE KEY-----\nabc\r\n-----END PRIVATE KEY-----"
    said = load(CONNECTOR_SANDBOX_PRIVATE_KEY=key)["LOCKED_VALUES"]["sandbox_private_key"]
    assert said.splitlines() == ["-----BEGIN PRIVATE KEY-----", "abc", "-----END PRIVATE KEY-----"]


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


def test_a_read_only_checkout_needs_its_keys_from_elsewhere(load: Load, tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    [said] = refusal(load)
    assert "development.json cannot be made or read" in said
    assert load(SECRET_KEY="from elsewhere", ENCRYPTION_KEYS="from elsewhere")["SECRET_KEY"] == "from elsewhere"


@pytest.mark.parametrize(
    "entry", [("manage.py", "check"), ("manage.py", "runserver", "0"), ("-c", "import config.wsgi")]
)
def test_a_broken_setting_ends_the_process_in_one_line(run: Run, entry: tuple[str, ...]) -> None:
    done = run(*entry, PORT="S3cret")
    assert done.returncode == (3 if "-c" in entry else 1)
    assert done.stdout + done.stderr == "error: PORT must be a whole number from 1 to 65535, in digits only.\n"


@pytest.mark.parametrize("entry", [("-c", "import config.wsgi"), ("manage.py", "runserver")])
def test_a_wrong_encryption_key_ends_the_process_without_a_traceback(run: Run, entry: tuple[str, ...]) -> None:
    done = run(*entry, ENCRYPTION_KEYS="S3cret")
    assert done.returncode == (3 if "-c" in entry else 1)
    assert "connector.E001" in done.stderr
    assert "Traceback" not in done.stderr
    assert "S3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["URL_PREFIX", "SCRIPT_NAME"])
@pytest.mark.parametrize("value", ["/commerce", "/commerce/"])
def test_below_a_path_addresses_are_there_too_and_cookies_name_it(load: Load, name: str, value: str) -> None:
    loaded = load(**PRODUCTION, **{name: value})
    assert (loaded["FORCE_SCRIPT_NAME"], loaded["STATIC_URL"]) == ("/commerce", "/commerce/static/")
    assert {loaded[name] for name in COOKIE_NAMES} == {
        f"__Host-{name}_commerce" for name in ("sessionid", "csrftoken", "django_language", "messages")
    }
    assert loaded["SESSION_COOKIE_PATH"] == loaded["CSRF_COOKIE_PATH"] == "/"
    developed = load(STAND_IN="true", **{name: value})
    assert developed["API_PORTAL_URL"] == "/commerce/account/api-portal/"
    assert developed["SESSION_COOKIE_PATH"] == developed["CSRF_COOKIE_PATH"] == "/commerce"


@pytest.mark.parametrize("value", ["", "/"])
def test_the_root_needs_no_prefix(load: Load, value: str) -> None:
    loaded = load(URL_PREFIX=value)
    assert (loaded["FORCE_SCRIPT_NAME"], loaded["STATIC_URL"]) == (None, "/static/")
    assert {loaded[name] for name in COOKIE_NAMES} == {"sessionid", "csrftoken", "django_language", "messages"}
