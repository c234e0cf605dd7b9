"""Every setting, read from the environment or a `.env` file; docs/settings.md lists them."""

import tomllib
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from config.development import local_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
# The project is run from its checkout, not installed: its own metadata says which version it is.
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


class _Environment(FileAwareMapping):
    """The process's environment, and files named by `…_FILE`, without the blank or line end after a value."""

    def __getitem__(self, key: str) -> str:
        value: str = super().__getitem__(key)  # type: ignore[no-untyped-call]  # it has no types
        return value.strip()


class _Env(environ.Env):
    ENVIRON = _Environment()  # type: ignore[no-untyped-call, assignment]  # it has no types


env = _Env()  # type: ignore[no-untyped-call]
env.read_env(BASE_DIR / ".env")

MODE = env.str("MODE", default="development")
if MODE not in {"development", "production"}:
    message = f"MODE is {MODE!r}; it is either 'development' or 'production'."
    raise ImproperlyConfigured(message)
PRODUCTION = MODE == "production"
PORT = env.int("PORT", default=8000)

if PRODUCTION:
    missing = [name for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS") if not env.str(name, default="")]
    if missing:
        message = f"Production mode needs its own {', '.join(missing)}. docs/settings.md says how to make them."
        raise ImproperlyConfigured(message)
    _secrets: dict[str, str] = {}
else:
    _secrets = local_secrets(VAR_DIR / "development.json")

SECRET_KEY = env.str("SECRET_KEY", default="") or _secrets["SECRET_KEY"]
# Newest first: the first one encrypts, every one of them decrypts.
ENCRYPTION_KEYS = [
    key.strip() for key in (env.str("ENCRYPTION_KEYS", default="") or _secrets["ENCRYPTION_KEYS"]).split(",")
]
DEBUG = env.bool("DEBUG", default=False) and not PRODUCTION
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The connection. What the environment sets here is shown locked on the configuration page.
STAND_IN = env.bool("STAND_IN", default=not PRODUCTION)
STAND_IN_URL = env.str("STAND_IN_URL", default=f"http://127.0.0.1:{PORT}")
GATEWAY_URLS = {
    "sandbox": env.str(
        "SANDBOX_GATEWAY_URL",
        default="https://commerce-beta.adobe.io/" if PRODUCTION else f"{STAND_IN_URL}/gateway/sandbox/",
    ),
    "production": env.str(
        "PRODUCTION_GATEWAY_URL",
        default="https://commerce.adobe.io/" if PRODUCTION else f"{STAND_IN_URL}/gateway/production/",
    ),
}
GATEWAY_PROXY = env.str("GATEWAY_PROXY", default="")
GATEWAY_CA_BUNDLE = env.str("GATEWAY_CA_BUNDLE", default="")
API_PORTAL_URL = env.str(
    "API_PORTAL_URL",
    default="/account/api-portal/" if STAND_IN else "https://account.magento.com/apiportal/index/index/",
)
LOCKED_VALUES = {
    # A private key may be written on one line, with \n where its lines end.
    name: env.str(f"CONNECTOR_{name.upper()}", default="", multiline=name.endswith("private_key"))
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
    "connector",
    "payments",
    *(["saas"] if STAND_IN else []),
    "allauth",
    "allauth.account",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.no_store",
    "config.readable.middleware",
    "config.withheld.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.session.end_middleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.acting",
    "config.kept.middleware",
    "config.session.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.session.context",
                "config.menu.context",
                "config.notifications.context",
            ],
        },
    },
]

FORM_RENDERER = "config.withheld.Renderer"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
    }
    # An in-memory database fails under a threaded live server.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 3
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if env.str("CACHE_URL", default=""):
    CACHES = {"default": env.cache_url("CACHE_URL")}
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

AUTHENTICATION_BACKENDS = ["config.auth.OneQueryBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "config.auth.Adapter"
ACCOUNT_SESSION_REMEMBER = False
# A key is a name from one address, so that nobody locks others out of their names. The limit of a name alone stops
# those who guess from many addresses; one address comes to 60 an hour by the other limit.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "login_failed_name": "200/h/key"}
# How many reverse proxies stand before this process: the sign-in rate limit counts by the address the last one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

LANGUAGE_CODE = "en"
# Each by its own name, as the account menu shows it. Another language needs a catalogue and a line here.
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static" if PRODUCTION else None
# The user guide shows the pictures of the documentation.
STATICFILES_DIRS = [BASE_DIR / "static", ("guide", BASE_DIR / "docs" / "images")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Without it a stylesheet that changes while the server runs is cut at its old length.
WHITENOISE_AUTOREFRESH = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
    },
}
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=8 * 60 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.errors.SecretsFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "config.withheld.Formatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # The development server notes whole addresses.
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
