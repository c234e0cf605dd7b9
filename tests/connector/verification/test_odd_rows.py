"""Rows of the registry that nobody expected, and what the configuration page makes of them."""

import pytest
from django.test import Client

from connector import connection
from connector.configuration import verify_now
from connector.gateway.client import Credentials, DataSpace
from tests.addresses import CONFIGURATION
from tests.factories import choose_identifier, connect, learn
from tests.gateways import LIVE_ID, REGISTRY, SANDBOX, TESTING_ID, Outside, row
from tests.markup import text

pytestmark = pytest.mark.django_db


def read(*rows: object, outside: Outside, pair: Credentials) -> None:
    """Verify a connected pair whose account has these rows."""
    connect(pair)
    outside.accept(SANDBOX)
    outside.answer(SANDBOX, REGISTRY, json={"results": rows})
    verify_now.verify(connection.load(), [SANDBOX])


@pytest.mark.parametrize(
    ("odd", "said"),
    [((None,), "1 data space of this account is not listed"), ((None, {}), "2 data spaces of this account are not")],
    ids=["one", "two"],
)
def test_the_page_counts_the_rows_that_lead_nowhere(
    as_alice: Client, outside: Outside, pair: Credentials, odd: tuple[object, ...], said: str
) -> None:
    read(row(), *odd, outside=outside, pair=pair)
    assert said in text(as_alice.get(CONFIGURATION))


def test_a_data_space_without_a_name_and_a_type_is_shown_by_its_id(
    as_alice: Client, outside: Outside, pair: Credentials
) -> None:
    read(row(environmentName=None, environmentType=None), outside=outside, pair=pair)
    assert f">{TESTING_ID}</option>" in as_alice.get(CONFIGURATION).content.decode()


def test_a_production_data_space_stays_protected_while_its_type_is_not_known(connected: None) -> None:
    choose_identifier(LIVE_ID)
    learn(SANDBOX, data_spaces=[DataSpace.from_row(row(environmentId=LIVE_ID, environmentType=None)).to_json()])
    assert connection.load().data_space_type == "Production"
