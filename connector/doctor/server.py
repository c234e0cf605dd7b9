"""This process and its machine: version, settings, files, limits, clock."""

import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.core.files.storage import storages
from django.utils import timezone
from django.utils.crypto import get_random_string
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from backend.frame.outages import SharedCacheError
from backend.frame.static_files import CollectedFiles
from connector.doctor.findings import Finding, fine, wrong
from connector.gateway.client import host_of

LEAST_FREE_BYTES = 200 * 1024**2
_FEWEST_FILES = 1024


def version() -> Iterator[Finding]:
    """Say which versions run here."""
    yield fine(
        f"Commerce Admin {settings.VERSION}, Python {platform.python_version()}, Django {django.get_version()}, "
        f"{platform.system()} {platform.release()} ({platform.machine()})"
    )


def mode() -> Iterator[Finding]:
    """Say how it is configured: the names of the settings that are set, not their values."""
    kind = "production" if settings.PRODUCTION else "development"
    stand_in = "installed" if settings.STAND_IN else "not installed"
    yield fine(f"{kind} mode, stand-in {stand_in}, reverse proxies trusted: {settings.ALLAUTH_TRUSTED_PROXY_COUNT}")
    yield fine(f"Set: {', '.join(settings.SETTINGS_GIVEN) or 'nothing, all settings have their defaults'}")


def system_checks() -> Iterator[Finding]:
    """Repeat the framework's checks, with those of production mode there."""
    found = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    serious = [message for message in found if message.level >= checks.WARNING and not message.is_silenced()]
    for message in serious:
        yield wrong(f"{message.id}: {message.msg}", str(message.hint or "See docs/settings.md."))
    if not serious:
        yield fine("No check of the settings has anything to say.")


def clock() -> Iterator[Finding]:
    """Say the time as it is here; the gateways are asked for theirs."""
    now = timezone.localtime()
    yield fine(f"{now.isoformat(timespec='seconds')}, time zone {settings.TIME_ZONE}")


def static_files() -> Iterator[Finding]:
    """Find out whether a server of production mode would start with what was collected."""
    storage = storages["staticfiles"]
    if not isinstance(storage, CollectedFiles):
        yield fine("Served from where they are, as in every development copy.")
    elif storage.is_complete():
        yield fine("Those of this version are collected.")
    else:
        text = "Those of this version were not collected, so the server does not start."
        yield wrong(text, "python manage.py collectstatic --no-input")


def cache_works() -> Iterator[Finding]:
    """Put a value into the cache, and get it back."""
    config = settings.CACHES["default"]
    location = config.get("LOCATION") or ""
    first = location if isinstance(location, str) else next(iter(location), "")
    name = f"Redis at {host_of(first)}" if "://" in first else "local memory of each process"
    key, value = f"doctor-{get_random_string(12)}", get_random_string(12)
    remedy = "Start or repair it, or correct CACHE_URL."
    try:
        cache.set(key, value, 30)
        is_kept = cache.get(key) == value
        cache.delete(key)
    except SharedCacheError as error:
        yield wrong(f"{name} {_why_unusable(error)}.", remedy)
        return
    if is_kept:
        yield fine(name)
    else:
        yield wrong(f"{name} does not keep what is put into it.", remedy)


def _why_unusable(error: SharedCacheError) -> str:
    """Return what is wrong, in words of ours: those of the client may hold the name of the user."""
    cause = error.__cause__
    if isinstance(cause, AuthenticationError | NoPermissionError):
        return "refuses the user or the password, or lets that user do too little"
    if isinstance(cause, RedisConnectionError | RedisTimeoutError):
        return "does not answer in time, or not with the TLS that CACHE_URL and CACHE_CA_BUNDLE ask for"
    return "cannot be used: it may be full, a copy that only reads, or hold values of another program"


def limits() -> Iterator[Finding]:
    """Find too little room for data, and for connections."""
    folder = Path(settings.VAR_DIR)
    free = shutil.disk_usage(folder if folder.exists() else settings.BASE_DIR).free
    text = f"{free / 1024**3:.1f} GB are free for {folder}"
    yield fine(text) if free >= LEAST_FREE_BYTES else wrong(text, "Free some space: a full disk loses data.")
    try:
        import resource  # noqa: PLC0415  (Windows has none)
    except ImportError:
        return
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    text = f"{files} open files are allowed"
    remedy = f"Allow {_FEWEST_FILES} or more, as LimitNOFILE of systemd or with ulimit -n: each connection is one."
    is_enough = files == resource.RLIM_INFINITY or files >= _FEWEST_FILES
    yield fine(text) if is_enough else wrong(text, remedy)
