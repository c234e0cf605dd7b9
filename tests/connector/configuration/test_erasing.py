"""What was replaced or removed is erased: by a person, or by maintenance after 30 days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector import connection
from connector.configuration import pairs
from connector.gateway.client import Credentials
from connector.models import RESTORABLE, Instance, KeyPair
from tests.addresses import CONFIGURATION
from tests.factories import store
from tests.gateways import SANDBOX
from tests.markup import text

pytestmark = pytest.mark.django_db
ERASE = f"{CONFIGURATION}erase/"


def let_pass(time: timedelta) -> None:
    KeyPair.objects.former().update(replaced_at=timezone.now() - time)
    Instance.objects.update(identifier_replaced_at=timezone.now() - time)


def actions_logged() -> list[tuple[str, str]]:
    return list(LoggedAction.objects.order_by("pk").values_list("action", "result"))


def test_a_former_pair_is_erased_before_its_time(replaced: Credentials, as_alice: Client, pair: Credentials) -> None:
    assert "Nobody can restore it afterwards." in text(as_alice.get(f"{ERASE}sandbox/"))
    refused = as_alice.post(f"{ERASE}sandbox/")
    assert "This is not the name that was asked for." in text(refused)
    as_alice.post(f"{ERASE}sandbox/", {"confirmation": "Sandbox"})
    assert list(KeyPair.objects.values_list("replaced_at", flat=True)) == [None]
    assert connection.load().slots[SANDBOX].credentials == pair
    assert ("former_keys_erased", "done") in actions_logged()


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_a_former_pair_that_is_not_there_cannot_be_erased(
    replaced: Credentials, as_alice: Client, environment: str
) -> None:
    assert as_alice.post(f"{ERASE}{environment}/").status_code == 404


def test_a_pair_that_was_erased_meanwhile_is_not_logged_again(replaced: Credentials) -> None:
    seen = connection.load()
    let_pass(RESTORABLE)
    maintain()
    assert seen.active.former
    pairs.erase(seen.active.former, seen)
    assert [action for action, _result in actions_logged()].count("former_keys_erased") == 1


def maintain() -> str:
    out = StringIO()
    call_command("maintain", stdout=out)
    return out.getvalue()


def erased_after(time: timedelta) -> int:
    let_pass(time)
    return pairs.erase_expired(timezone.now())


def test_nothing_is_erased_before_its_time(replaced: Credentials) -> None:
    Instance.objects.update(former_identifier={"project_id": "p"})
    assert erased_after(RESTORABLE - timedelta(minutes=1)) == 0
    assert KeyPair.objects.former().exists()


def test_what_is_over_is_erased_and_logged(replaced: Credentials, pair: Credentials) -> None:
    Instance.objects.update(former_identifier={"project_id": "p"})
    let_pass(RESTORABLE)
    assert "Erased: 2 former values." in maintain()
    assert not KeyPair.objects.former().exists()
    assert Instance.objects.current().former_identifier is None
    assert connection.load().slots[SANDBOX].credentials == pair
    assert actions_logged()[-2:] == [("former_keys_erased", "done"), ("identifier_erased", "done")]


def test_a_form_that_is_open_is_still_good_after_maintenance(replaced: Credentials) -> None:
    revision = Instance.objects.current().revision
    erased_after(RESTORABLE)
    assert Instance.objects.current().revision == revision


@pytest.mark.django_db(transaction=True)
def test_maintenance_may_run_several_times_at_once(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, other_pair)
    store(SANDBOX, pair)
    Instance.objects.current()
    Instance.objects.update(former_identifier={"project_id": "p"})
    let_pass(RESTORABLE)

    def run(_number: int) -> None:
        try:
            maintain()
        finally:
            database.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(4)))
    assert sorted(actions_logged()) == [("former_keys_erased", "done"), ("identifier_erased", "done")]
    assert connection.load().slots[SANDBOX].credentials == pair
