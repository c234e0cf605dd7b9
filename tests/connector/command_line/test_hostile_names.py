"""No name from a gateway commands a terminal, whichever subcommand prints it."""

import unicodedata

import pytest
from django.utils import timezone

from connector import connection
from connector.configuration import verify_now
from tests.connector.command_line.conftest import run
from tests.factories import set_instance
from tests.gateways import LIVE_ID, PROJECT_ID, REGISTRY, SANDBOX, TESTING_ID, Outside, row

pytestmark = pytest.mark.django_db
HOSTILE = "Sho\x1b[2J\x1b]0;owned\x07p\t\r\nEU\x9b31m\u202egnp\u2028\u200b[bold red]"
SPACE = f"{REGISTRY}/environments/{TESTING_ID}"


@pytest.fixture
def hostile(outside: Outside, connected: None) -> None:
    """A gateway whose every text is hostile, an instance in a data space with such a name, and another beside it."""
    seen = {"id": "other", "name": "Shop\t\r\n\u2028\u200b[bold red]", "seenAt": timezone.now().isoformat()}
    names = {"organizationName": HOSTILE, "projectName": HOSTILE, "environmentName": HOSTILE, "lastInstance": seen}
    here = row(**names, environmentType="Production", cloudId=HOSTILE)
    outside.accept(SANDBOX, rows=(here, row(**names, environmentId=LIVE_ID, environmentType=HOSTILE)))
    outside.answer(SANDBOX, f"{SPACE}/cloudid/abc", "PUT", json={"status": 200})
    set_instance(name=HOSTILE)
    verify_now.verify(connection.load(), [SANDBOX])


@pytest.mark.parametrize("screen", [True, False])
@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["status", "--json"],
        ["verify"],
        ["projects"],
        ["projects", "--json"],
        ["project", "select", PROJECT_ID, LIVE_ID],
        ["project", "select", PROJECT_ID, LIVE_ID, "--confirm", "[bold red]", "--confirm", HOSTILE],
        ["project", "select", HOSTILE, "nothing"],
        ["keys", "remove", SANDBOX],
        ["cloud-id"],
        ["cloud-id", "abc"],
        ["clean-up"],
    ],
)
def test_a_hostile_name_stays_text(
    hostile: None, monkeypatch: pytest.MonkeyPatch, arguments: list[str], *, screen: bool
) -> None:
    # Progress draws with commands of its own, except here.
    monkeypatch.setenv("TERM", "dumb")
    ran = run(*arguments, screen=screen)
    printed = (ran.out + ran.error).replace("\x1b[1m", "").replace("\x1b[0m", "")
    harmful = {character for character in printed if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}}
    assert ran.out + ran.error
    assert harmful <= {"\n", "\t"}
    assert "\t" not in printed or not screen
