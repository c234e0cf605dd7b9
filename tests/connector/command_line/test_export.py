"""`manage.py connector export`."""

import json

import pytest
from pytest_django import Settings

from connector.gateway.client import Credentials
from tests.connector.command_line import conftest
from tests.factories import know_merchant
from tests.gateways import PROJECT_ID, TESTING_ID

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    ran = conftest.run("export", *arguments)
    assert ran.code == 0
    return ran.out, ran.error


def test_it_prints_what_is_set_in_the_paths_of_a_store(connected: None, settings: Settings) -> None:
    settings.GATEWAY_URLS = {"sandbox": "https://gateway.test/sandbox/", "production": "https://gateway.test/"}
    know_merchant(status="COMPLETED", merchant_id="7c1d")
    assert json.loads(run()[0]) == {
        "magento_saas/environment": "sandbox",
        "services_connector/sandbox_gateway_url": "https://gateway.test/sandbox/",
        "services_connector/production_gateway_url": "https://gateway.test/",
        "services_connector/services_id/project_id": PROJECT_ID,
        "services_connector/services_id/project_name": "Fabrikam EU",
        "services_connector/services_id/environment_id": TESTING_ID,
        "services_connector/services_id/environment_name": "Staging",
        "services_connector/services_id/environment": "Testing",
        "payment/payment_methods/method": "sandbox",
        "payment/payment_methods/sandbox_merchant_id": "7c1d",
        "payment/payment_services/active": "1",
    }


def test_it_prints_lines_as_a_store_does(connected: None) -> None:
    output, _error = run("--format", "config-show")
    assert f"services_connector/services_id/project_id - {PROJECT_ID}\n" in output
    assert "services_connector/services_id/environment_name - Staging\n" in output


@pytest.mark.parametrize("form", ["json", "config-show"])
def test_nothing_of_a_pair_is_exported_and_the_command_says_so(connected: None, pair: Credentials, form: str) -> None:
    output, error = run("--format", form)
    assert "Key pairs are not exported" in error
    for secret in ("_key", pair.api_key, pair.private_key.fingerprint, pair.private_key.pem.splitlines()[1]):
        assert secret not in output


def test_a_password_in_the_address_of_a_gateway_is_not_exported(db: None, settings: Settings) -> None:
    settings.GATEWAY_URLS = {"sandbox": "https://me:canary@gateway.test:8443/a/", "production": "https://gateway.test/"}
    output, error = run()
    assert json.loads(output)["services_connector/sandbox_gateway_url"] == "https://gateway.test:8443/a/"
    assert "canary" not in output
    assert error == ""
