"""Addresses for probes."""

from typing import NoReturn

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from connector.keys import keyring


def down(*_args: object) -> NoReturn:
    raise OperationalError


def failed(client: Client) -> tuple[int, list[str]]:
    response = client.get("/readyz")
    return response.status_code, response.json()["failed"]


def test_the_process_is_there_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_it_is_ready_with_a_migrated_database_whose_values_open(client: Client, pair_stored: None) -> None:
    assert failed(client) == (200, [])


@pytest.mark.django_db
def test_it_is_not_ready_where_a_value_does_not_open(client: Client, pair_stored: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [keyring.generate_key()]
    assert failed(client) == (503, ["stored_values"])


@pytest.mark.django_db
def test_it_is_not_ready_with_a_migration_to_apply(client: Client) -> None:
    MigrationRecorder(database).migration_qs.filter(app="connector").delete()
    assert failed(client) == (503, ["migrations"])


@pytest.mark.django_db
def test_without_its_database_the_process_is_there_and_not_ready(client: Client, as_alice: Client) -> None:
    for browser in (client, as_alice):
        with database.execute_wrapper(down):
            assert browser.get("/healthz").status_code == 200
            assert failed(browser) == (503, ["database"])


@pytest.mark.django_db
def test_it_names_everything_that_fails(client: Client, settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "backend.frame.shared_cache.Cache", "LOCATION": "redis://127.0.0.1:9/0"}}
    assert failed(client) == (503, ["cache"])
    with database.execute_wrapper(down):
        assert failed(client) == (503, ["database", "cache"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_only_ask(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "[fd00::7]", "", "no host!", "a" * 300])
def test_probes_answer_whatever_their_host(client: Client, settings: Settings, path: str, host: str) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["admin.example.com"], True
    settings.SECURE_REDIRECT_EXEMPT = [f"^{probe[1:]}$" for probe in settings.PROBES]
    assert client.get(path, headers={"host": host}).json()["status"] == "ok"
    assert client.get("/admin/login/", headers={"host": host}, secure=True).status_code == 400


def test_a_probe_with_a_session_reads_and_writes_none(client: Client) -> None:
    client.cookies["sessionid"] = "a" * 32
    response = client.get("/healthz")
    assert response.json() == {"status": "ok"}
    assert not response.cookies
