"""System checks of what is in front of the server and of its database."""

import pytest
from django.db import connection
from pytest_django import Settings

from dashboard import checks


def test_the_check_for_deployment_says_what_no_proxy_means(settings: Settings) -> None:
    settings.PRODUCTION = True
    found = [message.id for message in checks.check_trusted_proxies(None)]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert (found, list(checks.check_trusted_proxies(None))) == (["dashboard.I001"], [])


@pytest.mark.django_db
def test_a_database_without_a_pooler_is_as_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    assert list(checks.check_pooler(None)) == []
