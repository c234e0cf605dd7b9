"""`manage.py rekey`, for administrators and scripts."""

import io

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from backend.audit.actor import SHELL
from backend.audit.models import LoggedAction
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.keys.keyring import Keyring
from connector.models import KeyPair
from connector.rekey import reencryption
from tests.connector.conftest import before_sealing
from tests.factories import dump, rotate, store
from tests.gateways import SANDBOX

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rekey", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*arguments: str) -> tuple[str, str]:
    """Return what it printed, and why it failed."""
    out = io.StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("rekey", *arguments, stdout=out)
    assert ended.value.returncode == 1
    return out.getvalue(), str(ended.value)


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


@pytest.fixture
def ids(pair: Credentials, settings: Settings) -> tuple[str, str]:
    """Store a pair, then put a new key first; return the ids of the new and the old key."""
    store(SANDBOX, pair)
    return rotate(settings)


def damage() -> None:
    KeyPair.objects.update(private_key="damaged")


def test_it_reencrypts_and_reports(ids: tuple[str, str]) -> None:
    new, old = ids
    output = run()
    assert lines(output)[1:3] == [[new, "1", "(newest)", "2"], [old, "2", "0"]]
    assert "Re-encrypted with the newest key: 2 values." in output
    assert f"No value needs {old}. If it is an old key, run: python manage.py rekey --retire {old}" in output


def test_the_action_log_names_who_ran_it(ids: tuple[str, str]) -> None:
    run()
    damage()
    refused()
    names = LoggedAction.objects.values_list("user_name", flat=True)
    assert [name.endswith(f" {SHELL}") for name in names] == [True, True]


def test_a_dry_run_only_reports(ids: tuple[str, str]) -> None:
    new, old = ids
    before = dump(with_log=True)
    assert lines(run("--dry-run"))[1:] == [[new, "1", "(newest)", "0"], [old, "2", "2"]]
    assert dump(with_log=True) == before


def test_a_key_outside_the_ring_is_reported(pair_stored: None, settings: Settings) -> None:
    (old,) = (key.key_id for key in reencryption.read().keys)
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    output, why = refused("--dry-run")
    assert lines(output)[2] == [old, "unknown", "key", "2"]
    assert "2 values do not open." in why


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_value_that_does_not_open_is_named_and_nothing_changed(
    ids: tuple[str, str], arguments: tuple[str, ...]
) -> None:
    damage()
    before = dump()
    output, why = refused(*arguments)
    assert "connector_keypair.private_key, sandbox, pair in use, no readable key id" in output
    assert "Put the key they were stored with back into ENCRYPTION_KEYS" in why
    assert dump() == before


def test_a_key_that_holds_values_is_not_retired(ids: tuple[str, str]) -> None:
    _new, old = ids
    output, why = refused("--retire", old)
    assert lines(output)[2] == [old, "2", "2"]
    assert f"{old} stays: 2 values need it." in why
    assert f"connector_keypair.api_key, sandbox, pair in use, {old}" in why


def test_a_key_that_a_damaged_value_may_need_is_not_retired(ids: tuple[str, str]) -> None:
    _new, old = ids
    run()
    damage()
    assert "1 values need it." in refused("--retire", old)[1]


def test_a_key_that_holds_nothing_may_go(ids: tuple[str, str]) -> None:
    _new, old = ids
    run()
    assert f"No stored value needs {old}. Take it out of ENCRYPTION_KEYS now" in run("--retire", old.upper())


def test_the_newest_key_stays(ids: tuple[str, str]) -> None:
    new, _old = ids
    assert "it is the newest key" in refused("--retire", new)[1]


def test_a_key_that_nobody_has_is_not_retired(ids: tuple[str, str]) -> None:
    assert "holds no key with the id 0123" in refused("--retire", "0123")[1]


def test_a_value_that_was_saved_meanwhile_is_a_failure(
    pair: Credentials, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store(SANDBOX, pair)
    theirs = row.seal("api_key", pair.api_key)
    rotate(settings)
    before_sealing(monkeypatch, lambda: KeyPair.objects.update(api_key=theirs))
    assert "2 values were saved with an older key meanwhile" in refused()[1]


def test_it_makes_a_key_and_says_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    call_command("rekey", "--generate")
    key, advice = capfd.readouterr()
    assert Keyring([key.strip()])
    assert "ENCRYPTION_KEYS=<key in use>,<this key>" in advice
    assert key.strip() not in advice


def test_it_makes_a_key_where_the_ring_cannot_be_used(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["my-precious-key"]
    assert Keyring([run("--generate").strip()])
    why = refused()[1]
    assert "Encryption key 1 is malformed" in why
    assert "rekey --generate" in why
    assert "my-precious-key" not in why


def test_it_does_one_thing_at_a_time() -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("rekey", "--dry-run", "--generate")
