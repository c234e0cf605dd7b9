"""Where this instance is served. This distinguishes a copied database from an installation that moved.

A copy of the database has the instance id, the project and the data space of the original, so Commerce Services cannot
distinguish the two. Only the address that people open differs.
"""

import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.urls import get_script_prefix

from backend.audit import actor
from connector.connection import Connection
from connector.models import Instance

DEFAULT_PORTS = {"http": 80, "https": 443}
# How many addresses one installation may have; nobody reads a longer list.
MAX_KNOWN = 20


def of(request: HttpRequest) -> str:
    """Return where `request` reached this Admin, as `scheme://host[:port][/path]` without the scheme's default port.

    The host is one of `ALLOWED_HOSTS`: the framework refuses every other. It accepts any digits as a port.

    Raises:
        DisallowedHost: there is no such port.
    """
    scheme, host = request.scheme or "http", request.get_host()
    below = get_script_prefix().rstrip("/")
    with suppress(ValueError):
        port = urlsplit(f"//{host}").port
        if port != 0:
            name, _digits = split_domain_port(host)
            shown = "" if port in {None, DEFAULT_PORTS.get(scheme)} else f":{port}"
            return f"{scheme}://{name}{shown}{below}"
    message = "There is no such port as that of the Host header."
    raise DisallowedHost(message)


def place(address: str) -> tuple[str, int | None, str]:
    """Return host, port and path of `address`, as `of` returns it: the same for all addresses of one place.

    The scheme does not matter, with the port that it implies: a proxy that ends TLS changes both. The names of the
    loopback interface (`localhost`, `127.0.0.1`, `[::1]`) are one place, since a laptop is opened by any of them.
    Another port or path is another place: two installations on one host, such as a shop and its staging copy, differ
    in nothing else.
    """
    parts = urlsplit(address)
    name, port = parts.hostname or "", parts.port
    try:
        is_loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_loopback = name == "localhost" or name.endswith(".localhost")
    return "localhost" if is_loopback else name, None if port in DEFAULT_PORTS.values() else port, parts.path


def elsewhere(instance: Instance, request: HttpRequest) -> str:
    """Return the address of `request` if the instance was only known to be served at others, else an empty string.

    An instance that was never connected is at no address yet: a copy of it could disturb nothing.
    """
    here = of(request)
    known = {place(address) for address in instance.served_at}
    return here if known and place(here) not in known else ""


def note(connection: Connection) -> bool:
    """Store where the instance is served once it is connected, if that is not known yet. Return whether it was stored.

    It is the address of the request that is being answered. A command or a scheduler has none, and stores nothing.
    Neither does a request with an impossible address: it was answered already.
    """
    request = actor.request_in_hand.get()
    if request and connection.is_connected and not connection.instance.served_at:
        with suppress(DisallowedHost):
            return bool(Instance.objects.filter(pk=1, served_at=[]).update(served_at=[of(request)]))
    return False
