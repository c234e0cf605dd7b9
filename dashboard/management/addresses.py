"""Where a development server listens, where it is reached, and the settings that this needs."""

import errno
import os
import re
import signal
import socket
import sys
from contextlib import closing, suppress

from django.conf import settings
from django.core.management import CommandError

HIGHEST_PORT = 65_535
# Every address of this machine, and the one by which the machine reaches itself.
EVERY = {"0.0.0.0": "127.0.0.1", "0": "127.0.0.1", "::": "::1"}  # noqa: S104  (they are looked up)
# Addresses for documentation, which no machine has: the route to them is looked up, nothing is sent.
ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
_NAME = re.compile(r"[\w.-]+", re.ASCII)


def url(host: str, port: int) -> str:
    """Return where this machine reaches a server that listens on `host`."""
    return f"http://{bracketed(EVERY.get(host, host))}:{port}"


def bracketed(host: str) -> str:
    """Return `host` as addresses have it."""
    return f"[{host}]" if ":" in host else host


def hosts_elsewhere(host: str) -> list[str]:
    """Return how other machines may reach a server on every address, as far as this machine knows: address and name."""
    if host not in EVERY:
        return []
    found = []
    for family in (socket.AF_INET, socket.AF_INET6) if host == "::" else (socket.AF_INET,):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((ELSEWHERE[family], 1))
            found.append(bracketed(probe.getsockname()[0]))
    name = socket.gethostname().lower()
    return [*found, name] if _NAME.fullmatch(name) and name != "localhost" else found


def variables(host: str, port: int, *, has_gateways: bool) -> dict[str, str]:
    """Return the environment variables that a server on `host` needs and this process does not have.

    With `has_gateways`, its stand-in is the one that the gateways default to.
    """
    wanted = {}
    if port != settings.PORT:
        wanted["PORT"] = str(port)
    if has_gateways and url(host, port) != settings.STAND_IN_URL:
        wanted["STAND_IN_URL"] = url(host, port)
    allowed = settings.ALLOWED_HOSTS
    needed = dict.fromkeys([bracketed(host), bracketed(EVERY.get(host, host)), *hosts_elsewhere(host)])
    missing = [name for name in needed if name not in allowed]
    if missing and "*" not in allowed:
        wanted["ALLOWED_HOSTS"] = ",".join([*allowed, *missing])
    return wanted


def set_variables(wanted: dict[str, str]) -> None:
    """Set environment variables for the processes that this one starts."""
    for name, value in wanted.items():
        # Both together are an error.
        os.environ.pop(f"{name}_FILE", None)
        os.environ[name] = value


def start_again(wanted: dict[str, str]) -> None:
    """Run the command of this process from its beginning, with other settings."""
    set_variables(wanted)
    sys.stdout.flush()
    if sys.platform != "win32":
        # Until manage.py heeds them. A new interpreter would answer with a traceback.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (the command that runs)


def family_of(host: str, port: int) -> socket.AddressFamily:
    """Return the kind of address that `host` is, IPv4 if it has both.

    Raises:
        CommandError: nothing can listen there; the text is a single line.
    """
    if not 0 < port <= HIGHEST_PORT:
        # The operating system takes the number modulo 65536, and 0 for any free port.
        message = f"There is no port {port}. Choose another one with --port, from 1 to {HIGHEST_PORT}."
        raise CommandError(message)
    place = f"{bracketed(host)}:{port}"
    try:
        found = {entry[0]: entry for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        family, kind, protocol, _name, address = found.get(socket.AF_INET) or found[socket.AF_INET6]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (socket.gaierror, UnicodeError) as error:
        message = f"This machine knows no address for {host!a}. Choose another one with --host."
        raise CommandError(message) from error
    except OSError as error:
        option = "--host" if error.errno == errno.EADDRNOTAVAIL else "--port"
        message = f"Cannot listen on {place}: {error.strerror}. Choose another one with {option}."
        raise CommandError(message) from error
    return family
