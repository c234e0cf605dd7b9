"""The date of a former pair is part of its encryption: somebody who edits the database prolongs nothing."""

from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.test import Client
from pytest_django import Settings

from connector import connection
from connector.errors import UndecryptableError
from connector.gateway.client import Credentials
from connector.keys import keyring
from connector.models import RESTORABLE, KeyPair
from connector.rekey import reencryption
from tests.addresses import CONFIGURATION
from tests.connector.configuration.test_erasing import maintain
from tests.factories import dump, key_id, rotate, store
from tests.gateways import SANDBOX
from tests.markup import text

pytestmark = pytest.mark.django_db
RESTORE = f"{CONFIGURATION}restore/sandbox/"


def former() -> KeyPair:
    pair: KeyPair = KeyPair.objects.former().get()
    return pair


def edit(moment: datetime | None) -> KeyPair:
    """Change the date of the former pair as somebody does who has the database and no encryption key."""
    pair = former()
    with database.cursor() as cursor:
        sql = "UPDATE connector_keypair SET replaced_at = %s WHERE replaced_at IS NOT NULL"
        cursor.execute(sql, [moment and database.ops.adapt_datetimefield_value(moment)])
    pair.refresh_from_db()
    return pair


def replaced_at() -> datetime:
    moment = former().replaced_at
    assert moment
    return moment


@pytest.mark.parametrize("column", ["api_key", "private_key"])
@pytest.mark.parametrize("change", [timedelta(microseconds=1), -timedelta(seconds=1), RESTORABLE])
def test_with_another_date_it_does_not_open(replaced: Credentials, column: str, change: timedelta) -> None:
    pair = edit(replaced_at() + change)
    with pytest.raises(UndecryptableError):
        pair.open(column)


def test_with_its_own_date_it_opens(replaced: Credentials) -> None:
    assert edit(replaced_at()).open("private_key") == replaced.private_key.pem


def test_without_a_date_it_is_no_pair_in_use(replaced: Credentials) -> None:
    KeyPair.objects.current().delete()
    pair = edit(None)
    for column in ("api_key", "private_key"):
        with pytest.raises(UndecryptableError):
            pair.open(column)
    assert connection.load().slots[SANDBOX].cause == "undecryptable"


def test_a_pair_in_use_cannot_be_made_a_former_one(pair_stored: None) -> None:
    pair = KeyPair.objects.get()
    pair.replaced_at = pair.set_at
    with pytest.raises(UndecryptableError):
        pair.open("api_key")


def test_the_page_refuses_to_restore_it_and_says_why(
    as_alice: Client, accepted: None, pair: Credentials, replaced: Credentials
) -> None:
    edit(replaced_at() + timedelta(days=29))
    page = text(as_alice.post(RESTORE, follow=True))
    assert "If somebody changed its row in the database, nothing brings it back" in page
    assert connection.load().slots[SANDBOX].credentials == pair


def test_once_its_time_is_over_an_earlier_date_restores_nothing(as_alice: Client, replaced: Credentials) -> None:
    edit(replaced_at() - RESTORABLE)
    assert as_alice.post(RESTORE).status_code == 404
    maintain()
    assert not KeyPair.objects.former().exists()


def test_a_new_encryption_key_keeps_the_date(replaced: Credentials, settings: Settings) -> None:
    rotate(settings)
    assert reencryption.rekey() == 4
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert former().open("private_key") == replaced.private_key.pem
    with pytest.raises(UndecryptableError):
        edit(replaced_at() + RESTORABLE).open("private_key")


def test_an_edited_date_stops_the_re_encryption(replaced: Credentials) -> None:
    edit(replaced_at() + timedelta(days=1))
    unopened = reencryption.read().unopened
    places = ["connector_keypair.api_key", "connector_keypair.private_key"]
    assert [(value.use, value.place) for value in unopened] == [(reencryption.FORMER, place) for place in places]


def test_a_pair_that_did_not_open_when_it_was_replaced_needs_both_keys(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store(SANDBOX, pair)
    missing = settings.ENCRYPTION_KEYS[0]
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    store(SANDBOX, other_pair)
    new, unknown = reencryption.read().keys
    assert (unknown.key_id, unknown.count) == (key_id(missing), 2)
    assert (new.count, [value.use for value in new.needing].count(reencryption.FORMER)) == (4, 2)
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, missing]
    assert former().open("private_key") == pair.private_key.pem
    assert reencryption.read().unopened == []


def test_the_key_of_the_date_stays_while_a_former_pair_needs_it(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    store(SANDBOX, pair)
    rotate(settings)
    store(SANDBOX, other_pair)
    rotate(settings)
    assert [key.may_go for key in reencryption.read().keys] == [False, False, False]
    reencryption.rekey()
    assert [key.may_go for key in reencryption.read().keys] == [False, True, True]


def test_nothing_is_left_of_a_pair_that_was_erased(as_alice: Client, replaced: Credentials) -> None:
    pair = former()
    as_alice.post(f"{CONFIGURATION}erase/sandbox/", {"confirmation": "Sandbox"})
    rows = dump(with_log=True)
    assert str(pair.pk) not in rows
    assert not any(getattr(pair, column) in rows for column in ("api_key", "private_key"))
