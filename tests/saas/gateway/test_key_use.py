"""When a key was used and by which instance, also after it was deleted."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from joserfc.jwk import RSAKey

from saas.models import ApiKey
from tests.saas.conftest import INSTANCE_ID, Signer, instance_headers, key_headers
from tests.saas.gateway.conftest import PING, invalid_client


def test_it_records_when_a_key_was_used(client: Client, api_key: ApiKey, sign: Signer) -> None:
    client.get(PING, headers=sign(api_key.api_key))
    api_key.refresh_from_db()
    assert api_key.was_used_since(timezone.now() - timedelta(seconds=5))


def test_a_refused_request_is_no_use_of_the_key(
    client: Client, api_key: ApiKey, sign: Signer, other_rsa_key: RSAKey
) -> None:
    client.get(PING, headers=sign(api_key.api_key, with_key=other_rsa_key))
    api_key.refresh_from_db()
    assert api_key.last_used_at is None


def test_it_remembers_which_instance_used_a_key(client: Client, api_key: ApiKey, sign: Signer) -> None:
    client.get(PING, headers=sign(api_key.api_key) | instance_headers("Luma · Zürich"))
    api_key.refresh_from_db()
    assert (str(api_key.last_used_instance), api_key.last_used_name) == (INSTANCE_ID, "Luma · Zürich")


def test_a_client_that_names_no_instance_is_nobody(client: Client, api_key: ApiKey, sign: Signer) -> None:
    client.get(PING, headers=sign(api_key.api_key) | instance_headers("Luma", instance_id="no uuid"))
    api_key.refresh_from_db()
    assert api_key.last_used_at is not None
    assert (api_key.last_used_instance, api_key.last_used_name) == (None, "")


def test_who_signs_nothing_is_not_believed_who_it_is(client: Client, api_key: ApiKey) -> None:
    client.get("/gateway/apikeycheck", headers=key_headers(api_key.api_key) | instance_headers())
    api_key.refresh_from_db()
    assert api_key.last_used_at is not None
    assert api_key.last_used_name == ""


def test_it_remembers_who_still_uses_a_deleted_key(client: Client, api_key: ApiKey, sign: Signer) -> None:
    api_key.delete_at(timezone.now())
    response = client.get(PING, headers=sign(api_key.api_key) | instance_headers("Old shop"))
    api_key.refresh_from_db()
    assert response.status_code == 403
    assert api_key.refused_at is not None
    assert (str(api_key.refused_instance), api_key.refused_name) == (INSTANCE_ID, "Old shop")
    assert api_key.last_used_at is None


def test_a_deleted_key_that_is_used_all_the_time_is_written_once_a_minute(
    client: Client, api_key: ApiKey, sign: Signer, django_assert_num_queries: Any
) -> None:
    api_key.delete_at(timezone.now())
    client.get(PING, headers=sign(api_key.api_key))
    with django_assert_num_queries(1):
        client.get(PING, headers=sign(api_key.api_key))


def test_who_cannot_sign_leaves_no_trace_on_a_deleted_key(
    client: Client, api_key: ApiKey, sign: Signer, other_rsa_key: RSAKey
) -> None:
    api_key.delete_at(timezone.now())
    response = client.get(PING, headers=sign(api_key.api_key, with_key=other_rsa_key) | instance_headers())
    api_key.refresh_from_db()
    assert response.json() == invalid_client("key_revoked")
    assert api_key.refused_at is None
