"""One table of every address, every kind of person and every method: access.txt.

`pytest tests/attacks --write-access` writes it as the pages answer now. Read what changed before you commit it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.people import resources
from connector.models import Instance
from tests.attacks import routes
from tests.attacks.world import COOKIE, NOBODY, World, browser_of, put_back
from tests.conftest import signed_in
from tests.factories import person, stored

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "access.txt"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# A call of the gateway that a key signed.
SIGNED = "signed"
LETTERS = {400: "b", 403: "x", 404: "n", 405: "-", 409: "c", 410: "g", 413: "l", 415: "l", 429: "t", 501: "e"}
EXPLANATION = f"""\
What each address answers to {", ".join(METHODS)}, by a letter each:
  o  it answers             >  it leads on                s  it asks to sign in first
  x  it refuses this person -  it does not take this      b  the request lacks something
  n  nothing is found       c  it refuses this now        g  it is gone
  l  too much, or a type that it does not take            t  too often
  e  it says that the stand-in has no checkout
HEAD is answered like GET. The columns: nobody; somebody without a role; somebody with a role for one resource, by its
permission; bob, who may use Payment Services and configure; alice, who may do everything. The session does not matter
to programs, so their addresses have nobody, alice, and a key of the sandbox that signed.
"""


def letter(response: Any) -> str:
    """Return what a response says of the person and the method."""
    if response.status_code < 300:
        return "o"
    if response.status_code in {301, 302, 303, 307, 308}:
        return "s" if "/admin/login/?next=" in response["Location"] else ">"
    return LETTERS[response.status_code]


def answer(world: World, name: str, path: str, method: str) -> str:
    """Return the letter for one request, which is undone."""
    with put_back():
        headers = world.signature(path) if name == SIGNED else {}
        return letter(browser_of(world, name).generic(method, path, headers=headers))


def lines(world: World, addresses: dict[str, str], people: list[str]) -> Iterator[str]:
    """Yield the head of a table, and the line of each address."""
    width = max(map(len, [*routes.pages(), *routes.for_programs()]))
    yield " ".join([f"{'':<{width}}", *(f"{name[:6]:<6}" for name in people)]).rstrip()
    for address, path in addresses.items():
        found = ["".join(answer(world, name, path, method) for method in METHODS) for name in people]
        yield " ".join([f"{address:<{width}}", *found])


def test_every_address_lets_in_whom_the_table_says(world: World, request: pytest.FixtureRequest) -> None:
    managers = {resource.key.partition(".")[2]: resource.permissions for resource in resources.resources()}
    for name, permissions in managers.items():
        world.sessions[name] = signed_in(person(name, *permissions)).cookies[COOKIE].value
    Instance.objects.current()
    before = stored()
    pages = {address: paths[0] for address, paths in routes.pages().items()}
    calls = dict(zip(routes.for_programs(), world.calls(), strict=True))
    found = [
        *EXPLANATION.splitlines(),
        *lines(world, pages, [NOBODY, "charlie", *managers, "bob", "alice"]),
        *lines(world, calls, [NOBODY, "alice", SIGNED]),
    ]
    if request.config.getoption("--write-access", default=False):
        TABLE.write_text("\n".join(found) + "\n", encoding="utf-8")
    written = TABLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in found if line not in written] == []
    assert written == found
    assert stored() == before


def test_head_is_answered_like_get(world: World) -> None:
    pages = {path for paths in routes.pages().values() for path in paths}
    differ = {path for path in pages if answer(world, "alice", path, "HEAD") != answer(world, "alice", path, "GET")}
    assert differ == set()
