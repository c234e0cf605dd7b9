"""Every setting, from environment variables or a `.env` file; docs/settings.md lists those that people set."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from config import log
from config.database_file import make_private
from config.development import local_secrets
from config.env_file import SettingError
from config.sign_in import *  # noqa: F403  (settings, which keep their names)
from config.variables import Variables, is_weak

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
YEAR_S = 31_536_000
# The project runs from its checkout, so nothing but its own metadata names its version.
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

env = Variables(os.environ, BASE_DIR / ".env")

MODE = env.text("MODE", "development")
if MODE not in {"development", "production"}:
    env.refuse("MODE", "MODE must be development or production, in small letters and without quotation marks.")
# Everything else depends on `.env` and the mode.
env.stop_if_broken()
PRODUCTION = MODE == "production"
PORT = env.number("PORT", 8000, lowest=1, highest=65_535)

STATIC_DIR = BASE_DIR / env.text("STATIC_ROOT", "var/static")
_secrets: dict[str, str] = {}
if PRODUCTION:
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS", "DATABASE_URL"):
        if not env.text(name):
            env.refuse(name, f"Production mode needs its own {name}. docs/settings.md says how to make it.")
# Only production mode collects static files.
elif not env.text("MODE") and os.path.exists(STATIC_DIR / "staticfiles.json"):  # noqa: PTH110  (False where it may not look)
    env.refuse(
        "MODE",
        "This installation was set up for production mode, but MODE is not set here. Put the settings of the server "
        "into .env beside manage.py, or give them to this process too. For a development copy, set MODE=development.",
    )
else:
    try:
        _secrets = local_secrets(VAR_DIR / "development.json")
    except SettingError as error:
        if not (env.text("SECRET_KEY") and env.text("ENCRYPTION_KEYS")):
            env.refuse("development.json", str(error))

SECRET_KEY = env.text("SECRET_KEY", _secrets.get("SECRET_KEY", ""))
if PRODUCTION and is_weak(SECRET_KEY):
    reason = "SECRET_KEY is weak: production mode needs 50 random characters or more."
    env.refuse("SECRET_KEY", f"{reason} docs/settings.md says how to make it.")
# Newest first: the first key encrypts, every key decrypts.
ENCRYPTION_KEYS = [key.strip() for key in env.text("ENCRYPTION_KEYS", _secrets.get("ENCRYPTION_KEYS", "")).split(",")]
DEBUG = env.flag("DEBUG", default=False) and not PRODUCTION
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

# The path below which people reach this Admin. gunicorn takes that of SCRIPT_NAME off an address itself.
URL_PREFIX = env.prefix("URL_PREFIX", os.environ.get("SCRIPT_NAME", ""))
FORCE_SCRIPT_NAME = URL_PREFIX or None

# The connection. The configuration page shows locked values, and they take the place of stored ones.
STAND_IN = env.flag("STAND_IN", default=not PRODUCTION)
# Whether its gateway answers over plain HTTP in production mode too.
STAND_IN_PLAIN_HTTP = env.text("STAND_IN_URL").startswith("http://")
STAND_IN_URL = env.text("STAND_IN_URL", f"http://127.0.0.1:{PORT}{URL_PREFIX}")
GATEWAY_URLS = {
    "sandbox": env.text(
        "SANDBOX_GATEWAY_URL",
        "https://commerce-beta.adobe.io/" if PRODUCTION else f"{STAND_IN_URL}/gateway/sandbox/",
    ),
    "production": env.text(
        "PRODUCTION_GATEWAY_URL",
        "https://commerce.adobe.io/" if PRODUCTION else f"{STAND_IN_URL}/gateway/production/",
    ),
}
GATEWAY_PROXY = env.text("GATEWAY_PROXY")
GATEWAY_CA_BUNDLE = env.text("GATEWAY_CA_BUNDLE")
API_PORTAL_URL = env.text(
    "API_PORTAL_URL",
    f"{URL_PREFIX}/account/api-portal/" if STAND_IN else "https://account.magento.com/apiportal/index/index/",
)
# The Admin of the store, where a gateway that is no stand-in leads people for onboarding; empty shows no link.
STORE_ADMIN_URL = env.text("STORE_ADMIN_URL")
LOCKED_VALUES = {
    # A private key may be on one line, with \n where its lines end.
    name: env.text(f"CONNECTOR_{name.upper()}").replace(r"\r", "").replace(r"\n", "\n")
    for name in (
        "active_environment",
        "sandbox_api_key",
        "sandbox_private_key",
        "production_api_key",
        "production_private_key",
        "project_id",
        "data_space_id",
    )
}

INSTALLED_APPS = [
    "config",
    "backend.audit",
    "backend.people",
    "connector",
    "payments",
    "dashboard",
    *(["saas"] if STAND_IN else []),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "backend.frame.apps.UserSessionsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
# Answered whatever their Host header, over plain HTTP too, without a session.
PROBES = ["/healthz", "/readyz", "/metrics"]
MIDDLEWARE = [
    "backend.audit.access_log.middleware",
    "backend.frame.middleware.heads",
    "backend.frame.middleware.headers",
    "backend.frame.middleware.cookies",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backend.frame.middleware.proxies",
    "django.middleware.security.SecurityMiddleware",
    "backend.frame.bodies.middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.frame.middleware.probes",
    "django.middleware.gzip.GZipMiddleware",
    "backend.frame.unreadable.Middleware",
    "backend.frame.withheld.Middleware",
    "backend.frame.session_cookie.Middleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backend.audit.actor.middleware",
    "backend.frame.redirects.SignInFirst",
    "backend.frame.session_time.Middleware",
    "backend.people.required_steps.Middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backend.people.reauthentication.Middleware",
    "backend.frame.middleware.readable_refusals",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "backend.frame.templates.environment",
            "context_processors": [
                "backend.frame.templates.token",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.frame.session_time.context",
                "backend.frame.menu.context",
                "backend.audit.bell.context",
            ],
        },
    },
]

FORM_RENDERER = "backend.frame.withheld.Renderer"

# Two pasted keys of 64 kB where each byte is percent-encoded fit; docs/security.md says what else is refused.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# The Admin takes no files, and has nothing that could store one.
DATA_UPLOAD_MAX_NUMBER_FILES = 0
FILE_UPLOAD_HANDLERS: list[str] = []

DATABASES = {"default": env.database("DATABASE_URL", VAR_DIR / "db.sqlite3")}
if DATABASES["default"].get("ENGINE") == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] != ":memory:":
        # Every process uses the same file, whatever folder it was started in.
        DATABASES["default"]["NAME"] = str(BASE_DIR / DATABASES["default"]["NAME"])
    elif PRODUCTION:
        env.refuse("DATABASE_URL", "DATABASE_URL names a database in memory, which ends with its process. Name a file.")
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
    }
    # An in-memory database fails under a threaded live server.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["ENGINE"] = "backend.frame.postgresql"
    DATABASES["default"]["CONN_MAX_AGE"] = env.number("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Behind PgBouncer, the next rows of a cursor may be asked of another connection.
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 3
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-ins are counted in the cache. Sessions stay out of it: docs/decisions/0015 has the reasons.
# Without Redis, in the memory of each process, where tries at other names do not push out the count of one.
CACHES: dict[str, Any] = {"default": {"BACKEND": "backend.frame.local_cache.Cache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}
_bundle = env.certificates("CACHE_CA_BUNDLE")
if _cache := env.cache("CACHE_URL"):
    # Another program may use the same Redis.
    CACHES = {"default": _cache | {"BACKEND": "backend.frame.shared_cache.Cache", "KEY_PREFIX": "commerce-admin"}}
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
    if _bundle:
        CACHES["default"]["OPTIONS"]["ssl_ca_certs"] = _bundle
        if not _cache["LOCATION"].startswith("rediss://"):
            env.refuse(
                "CACHE_CA_BUNDLE", "CACHE_CA_BUNDLE is for TLS. Begin CACHE_URL with rediss://, or leave it out."
            )
SESSION_ENGINE = "backend.frame.session"

# The rest of how people sign in is in config/sign_in.py.
# Pwned Passwords, ordered by hash, for those who downloaded it.
BREACHED_PASSWORDS = env.breached_passwords("BREACHED_PASSWORDS")
# People without a second factor set one up after signing in; a role can ask for it too.
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=False)
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.number("REAUTHENTICATE_AFTER", 15 * 60, lowest=60)
# The number of reverse proxies in front: the limits of a sign-in count by the address that the last of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
# Without a mail server, the page for a new password says whom to ask.
_mail = env.mail("EMAIL_URL", "" if PRODUCTION else "consolemail://")
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST") or "localhost", _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER") or "", _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.address("DEFAULT_FROM_EMAIL", "" if PRODUCTION else "commerce-admin@localhost")
if _mail and not DEFAULT_FROM_EMAIL:
    env.refuse("DEFAULT_FROM_EMAIL", "With EMAIL_URL, set DEFAULT_FROM_EMAIL too: the address that e-mails come from.")
# Programs that ask for /metrics from another host send it.
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:  # noqa: PLR2004  (the text says it too)
    reason = "METRICS_TOKEN is weak: it needs 32 random characters or more."
    env.refuse("METRICS_TOKEN", f"{reason} docs/settings.md says how to make it.")

# For how long `maintain` keeps rows of the action log; 0 keeps all.
ACTION_LOG_DAYS = env.number("ACTION_LOG_DAYS", 0)
if 0 < ACTION_LOG_DAYS < 30:  # noqa: PLR2004  (the text says it too, and the triggers of the log)
    env.refuse("ACTION_LOG_DAYS", "ACTION_LOG_DAYS must be 30 or more, or 0 to keep all rows.")

LANGUAGE_CODE = "en"
# Each by its own name, as the account menu shows it. CONTRIBUTING.md says how to add a language.
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
FORMAT_MODULE_PATH = ["config.formats"]
# In the numbers of a page that a template localizes, not in the fields of forms.
USE_THOUSAND_SEPARATOR = True

STATIC_URL = f"{URL_PREFIX}/static/"
STATIC_ROOT = STATIC_DIR if PRODUCTION else None
# The user guide shows the pictures of the documentation.
STATICFILES_DIRS = [BASE_DIR / "static", ("guide", BASE_DIR / "docs" / "images")]
STATICFILES_FINDERS = [
    "backend.frame.assets.AssetsFinder",
    "backend.frame.assets.SourcesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "backend.frame.static_files.CollectedFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Without this, a stylesheet that changes while the server runs is cut at its old length.
WHITENOISE_AUTOREFRESH = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; font-src 'self'; form-action 'self'; "
    f"frame-ancestors 'none'; img-src 'self'; report-uri {URL_PREFIX}/admin/csp-report/; "
    "require-trusted-types-for 'script'; script-src 'self'; style-src 'self'"
)
# Of a picture, a stylesheet or a script that somebody opens like a page.
STATIC_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Pages need the clipboard and passkeys, and nothing else that a browser asks people about. Each byte counts: every page
# has it.
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb"))
SESSION_IDLE_S = env.number("SESSION_IDLE_S", 30 * 60, lowest=60)
SESSION_ABSOLUTE_S = env.number("SESSION_ABSOLUTE_S", 12 * 60 * 60, lowest=60)
# The framework's name for it, which counts where nobody is signed in.
SESSION_COOKIE_AGE = SESSION_IDLE_S
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A browser takes a cookie with __Host- from this host over https alone, so no other host of the domain can plant one.
# Such a cookie is for every path: that of the Admin is in its name, since a browser may use several on one host.
_prefix, _suffix = "__Host-" if PRODUCTION else "", URL_PREFIX.replace("/", "_")
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME, MESSAGES_COOKIE_NAME, KNOWN_DEVICE_COOKIE_NAME = (
    f"{_prefix}{name}{_suffix}" for name in ("sessionid", "csrftoken", "django_language", "messages", "known_device")
)
MESSAGE_STORAGE = "backend.frame.session.Messages"
# Without the prefix, as in development, a cookie can be for the path alone.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = "/" if PRODUCTION else URL_PREFIX or "/"
# Not Strict: links in mails and the way back from PayPal lead to people who are signed in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "backend.frame.error_pages.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", YEAR_S)
    # Other hosts of the domain may speak plain HTTP, so both wait until somebody asks for them.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD", default=False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    if SECURE_HSTS_PRELOAD and not (SECURE_HSTS_INCLUDE_SUBDOMAINS and SECURE_HSTS_SECONDS >= YEAR_S):
        needs = f"SECURE_HSTS_INCLUDE_SUBDOMAINS=true, and SECURE_HSTS_SECONDS of {YEAR_S} or more"
        env.refuse("SECURE_HSTS_PRELOAD", f"SECURE_HSTS_PRELOAD needs {needs}: browsers preload nothing less.")
    # Without its stylesheet, the page that explains an endless redirect could hardly be read.
    _exempt = [*(f"{re.escape(URL_PREFIX + probe)}$" for probe in PROBES), re.escape(STATIC_URL)]
    if STAND_IN:
        # A redirect would make a GET of a POST, and lead a client to send its token again. The gateway answers itself.
        _calls = "merchant-registry|payments|gateway|exports|feeds|cabp-org|ims"
        _exempt.append(f"{re.escape(URL_PREFIX)}/(?:{_calls})(?:/|$)")
    SECURE_REDIRECT_EXEMPT = [f"^{address[1:]}" for address in _exempt]
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DEFAULT_EXCEPTION_REPORTER_FILTER = "backend.frame.error_pages.SecretsFilter"
LOGGING = log.settings(is_production=PRODUCTION, action_log=env.log_place("ACTION_LOG_FORWARD"))

env.stop_if_broken()
# For `connector doctor`, which names what is set.
SETTINGS_GIVEN = sorted(env.given)
if PRODUCTION and DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    try:
        make_private(Path(DATABASES["default"]["NAME"]))
    except SettingError as error:
        env.refuse("DATABASE_URL", str(error))
        env.stop_if_broken()
