"""Read settings from environment variables, from `.env`, and from the files that `NAME_FILE` names.

A value that cannot be used ends the process with a line that names its setting and the remedy, never the value.
"""

import re
import ssl
import zoneinfo
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from environ import Env
from psycopg.conninfo import make_conninfo

from config.env_file import SettingError, read_env_file, text_of

_SECRET_KEY_CHARACTERS = 50
_SECRET_KEY_DIFFERENT = 5
_DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)
_FLAGS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_HOST = re.compile(r"[\w.:*\[\]-]+")
_ORIGIN = re.compile(r"https?://[\w.:*\[\]-]+")
_HIGHEST_PORT = 65_535
_LOG_PLACE = re.compile(
    r"stdout|syslog(?:\+tcp)?://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?|syslog:///[^?#]+", re.ASCII
)
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")
# The schemes of mail servers, with their usual ports.
_MAIL = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "consolemail": 0}
_HASH = re.compile(rb"[0-9A-Fa-f]{40}:[0-9]+\s*")
_HASHES_READ = 10
_POSTGRESQL = "django.db.backends.postgresql"
_ADDRESS = "Leave out quotation marks, and percent-encode the special characters of a password: / as %2F, @ as %40."


class Variables:
    """Settings written as `NAME` or `NAME_FILE`, in `process` or in the file `path`; `process` takes precedence.

    Empty means default. A value that cannot be used counts as empty until `stop_if_broken` ends the process.
    """

    def __init__(self, process: Mapping[str, str], path: Path) -> None:
        self._problems: dict[str, str] = {}
        # The names that are set, each as it is written there.
        self.given: set[str] = set()
        self._sources = [process]
        try:
            self._sources.append(read_env_file(path))
        except SettingError as error:
            self.refuse(path.name, str(error))

    def refuse(self, name: str, text: str) -> None:
        """Remember why the setting `name` cannot be used; the first reason counts."""
        self._problems.setdefault(name, text)

    def stop_if_broken(self) -> None:
        """If there are settings that cannot be used, end the process with status 1 and a line for each."""
        if self._problems:
            raise SystemExit("\n".join(f"error: {text}" for text in self._problems.values()))

    def text(self, name: str, default: str = "") -> str:
        """Return the value of `name`, without blanks around it."""
        source = next((place for place in self._sources if name in place or f"{name}_FILE" in place), {})
        value, path = source.get(name, "").strip(), source.get(f"{name}_FILE", "").strip()
        self.given |= {written for written, text in ((name, value), (f"{name}_FILE", path)) if text}
        if value and path:
            self.refuse(name, f"{name} is set twice, as {name} and as {name}_FILE. Remove one of them.")
            return default
        try:
            # Python turns bytes that are not UTF-8 into surrogates, which cannot be encoded.
            value.encode()
            return (text_of(path) if path else value).strip() or default
        except UnicodeEncodeError:
            self.refuse(name, f"{name} is not UTF-8 text. Set it again, as UTF-8.")
        except SettingError as error:
            self.refuse(name, f"{name}_FILE names a file that {error}")
        return default

    def number(self, name: str, default: int, *, lowest: int = 0, highest: int = 999_999_999) -> int:
        """Return the value of `name` as a whole number within the bounds."""
        text = self.text(name)
        if not text:
            return default
        if not _DIGITS.fullmatch(text) or not lowest <= int(text) <= highest:
            self.refuse(name, f"{name} must be a whole number from {lowest} to {highest}, in digits only.")
            return default
        return int(text)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return the value of `name` as true or false."""
        text = self.text(name).lower()
        if text and text not in _FLAGS:
            self.refuse(name, f"{name} must be true or false.")
        return _FLAGS.get(text, default)

    def hosts(self, name: str, default: Sequence[str]) -> list[str]:
        """Return the comma-separated host names of `name`."""
        wanted = "host names separated by commas, without https:// or quotation marks"
        return self._list(name, _HOST, wanted) or list(default)

    def origins(self, name: str) -> list[str]:
        """Return the comma-separated origins of `name`."""
        return self._list(name, _ORIGIN, "origins like https://admin.example.com, separated by commas, without paths")

    def prefix(self, name: str, default: str) -> str:
        """Return the path of `name`, without a slash at its end; empty for the root."""
        text = self.text(name, default)
        if not _PREFIX.fullmatch(text):
            self.refuse(name, f"{name} must be a path like /commerce: letters, digits and . _ ~ - between slashes.")
            return ""
        return text.rstrip("/")

    def time_zone(self, name: str, default: str) -> str:
        """Return the value of `name` as the name of a time zone."""
        text = self.text(name, default)
        if text != default and text not in zoneinfo.available_timezones():
            self.refuse(name, f"{name} must be the name of a time zone, like Europe/Paris.")
        return text

    def database(self, name: str, default: Path) -> dict[str, Any]:
        """Return the database settings for the address in `name`, by default for SQLite in the file `default`."""
        url = self.text(name).replace("#", "%23")
        if not url:
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
        scheme, _separator, rest = url.partition("://")
        if scheme == "sqlite":
            is_sound = rest == ":memory:" or (rest.startswith("/") and rest != "/" and "?" not in rest)
        else:
            is_sound = Env.DB_SCHEMES.get(scheme) == _POSTGRESQL and _has_whole_password(rest)
        try:
            config: dict[str, Any] = Env.db_url_config(url) if is_sound else {}  # type: ignore[no-untyped-call]
            # Without this, an unknown option fails in the first query only, with a traceback.
            make_conninfo(**config.get("OPTIONS", {}))
        except (ValueError, psycopg.Error):
            config = {}
        if config.get("NAME"):
            return config
        like = "sqlite:////folder/file.sqlite3 or postgres://user:password@host:port/name"
        self.refuse(name, f"{name} must be an address like {like}. {_ADDRESS}")
        return {}

    def cache(self, name: str) -> dict[str, Any]:
        """Return the cache settings for the address in `name`, empty without one."""
        url = self.text(name).replace("#", "%23")
        if not url:
            return {}
        try:
            parts = urlsplit(url)
            has_place = "://" in url and bool(parts.hostname or parts.path.strip("/")) and parts.port != 0
            is_sound = has_place and parts.scheme in {"redis", "rediss"} and not set(",;?") & set(url)
        except ValueError:
            is_sound = False
        if is_sound and _has_whole_password(url.partition("://")[2]):
            config: dict[str, Any] = Env.cache_url_config(url)  # type: ignore[no-untyped-call]
            return config
        like = "redis://:password@host:port/number, or rediss:// for TLS"
        self.refuse(name, f"{name} must be an address like {like}, without options. {_ADDRESS}")
        return {}

    def mail(self, name: str, default: str) -> dict[str, Any]:
        """Return the settings of the mail server at the address in `name`, empty without one."""
        url = self.text(name, default).replace("#", "%23")
        if not url:
            return {}
        try:
            parts = urlsplit(url)
            is_sound = parts.scheme in _MAIL and not set("?") & set(url) and parts.port != 0
            is_sound = is_sound and bool(parts.hostname) == (parts.scheme != "consolemail") and parts.path in {"", "/"}
        except ValueError:
            is_sound = False
        if is_sound and _has_whole_password(url.partition("://")[2]):
            config: dict[str, Any] = Env.email_url_config(url)  # type: ignore[no-untyped-call]
            return {"EMAIL_PORT": _MAIL[parts.scheme]} | {key: value for key, value in config.items() if value}
        like = "smtp+tls://user:password@host:587, smtp+ssl://, smtp:// without TLS, or consolemail://"
        self.refuse(name, f"{name} must be an address like {like}. {_ADDRESS}")
        return {}

    def address(self, name: str, default: str) -> str:
        """Return the e-mail address in `name`, which may have a name before it."""
        text = self.text(name, default)
        if text and not (text.isprintable() and re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", parseaddr(text)[1])):
            self.refuse(name, f"{name} must be an address like admin@example.com, or Admin <admin@example.com>.")
            return ""
        return text

    def certificates(self, name: str) -> str:
        """Return the path in `name` of a file of certificates to trust, empty without one."""
        path = self.text(name)
        try:
            if path:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        except (OSError, ValueError):
            self.refuse(name, f"{name} must name a file of certificates in PEM form that this process may read.")
            return ""
        return path

    def breached_passwords(self, name: str) -> Path | None:
        """Return the path in `name` of a list of SHA-1 hashes in order, None without one."""
        path = self.text(name)
        if not path:
            return None
        try:
            with Path(path).open("rb") as file:
                lines = [file.readline() for _line in range(_HASHES_READ)]
        except (OSError, ValueError):
            lines = [b""]
        if lines[0] and lines == sorted(lines) and all(_HASH.fullmatch(line) for line in lines):
            return Path(path)
        self.refuse(name, f"{name} must name a file of Pwned Passwords, ordered by hash, that this process may read.")
        return None

    def log_place(self, name: str) -> str:
        """Return where a log goes: `stdout`, the address of a syslog, or nowhere."""
        place = self.text(name)
        port = place.rpartition(":")[2]
        if not place or (_LOG_PLACE.fullmatch(place) and not (port.isdigit() and int(port) > _HIGHEST_PORT)):
            return place
        like = "syslog://host:514 (UDP), syslog+tcp://host:514 or syslog:///dev/log"
        self.refuse(name, f"{name} must be stdout, or an address like {like}.")
        return ""

    def _list(self, name: str, pattern: re.Pattern[str], wanted: str) -> list[str]:
        found = [part.strip() for part in self.text(name).split(",") if part.strip()]
        if not all(pattern.fullmatch(part) for part in found):
            self.refuse(name, f"{name} must be {wanted}.")
        return found


def is_weak(secret_key: str) -> bool:
    """Return whether Django's check security.W009 would reject `secret_key`; a server does not run that check."""
    few = len(secret_key) < _SECRET_KEY_CHARACTERS or len(set(secret_key)) < _SECRET_KEY_DIFFERENT
    return few or secret_key.startswith("django-insecure-")


def _has_whole_password(rest: str) -> bool:
    """Return whether nothing before the last @, in user or password, would end that part of an address too early."""
    return not set("/?") & set(rest.rpartition("@")[0])
