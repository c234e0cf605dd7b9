"""People, keys, a project and an independent signer.

Alice owns the license of Luma, Bob has shared access to it, Charlie has no role anywhere.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission, User
from joserfc import jws
from joserfc.jwk import RSAKey

from saas.choices import Role
from saas.models import Account, ApiKey, DataSpace, Project
from tests.saas.factories import AccountFactory, ApiKeyFactory, MembershipFactory, ProjectFactory

CLAIMS = {
    "iss": "8E6307BF5D775FA00A495EF9@AdobeOrg",
    "sub": "3181519E5E2714990A495E2E@techacct.adobe.com",
    "https://ims-na1.adobelogin.com/s/ent_reactor_sdk": True,
    "https://ims-na1.adobelogin.com/s/asset_compute_meta": True,
    "https://ims-na1.adobelogin.com/s/ent_adobeio_sdk": True,
    "https://ims-na1.adobelogin.com/s/event_receiver_api": True,
    "aud": "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c",
}
Signer = Callable[..., dict[str, str]]
INSTANCE_ID = "5f0c7a52-9b0e-4a5e-8a3a-0d2f6c1b7e90"
OTHER_INSTANCE_ID = "77d1e4b0-3c55-4b7e-b1a2-6f9e0c8d2a41"


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def other_rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(mage_id="MAG000000042")


@pytest.fixture
def project(account: Account) -> Project:
    return ProjectFactory.create(account=account)


@pytest.fixture
def space(project: Project) -> DataSpace:
    return project.data_spaces.get(position=0)


def member(account: Account, role: Role, name: str) -> User:
    user: User = MembershipFactory.create(account=account, role=role, user__username=name).user
    return user


@pytest.fixture
def alice(account: Account) -> User:
    return member(account, Role.LICENSE_OWNER, "alice")


@pytest.fixture
def bob(account: Account, alice: User) -> User:
    return member(account, Role.SHARED_ACCESS, "bob")


@pytest.fixture
def may_switch(alice: User) -> None:
    alice.user_permissions.add(Permission.objects.get(codename="change_fault"))


@pytest.fixture
def api_key(account: Account, rsa_key: RSAKey) -> ApiKey:
    return ApiKeyFactory.create(account=account, public_key=rsa_key.as_pem(private=False).decode())


@pytest.fixture
def sign(rsa_key: RSAKey) -> Signer:
    """Return a function that makes the headers of a request; a keyword replaces a claim, `None` leaves it out."""

    def headers(api_key: str, *, with_key: RSAKey = rsa_key, **claims: Any) -> dict[str, str]:
        wanted = {"exp": int(time.time()) + 300, **CLAIMS, **claims}
        payload = {name: value for name, value in wanted.items() if value is not None}
        return key_headers(api_key) | {"x-gw-signature": compact(payload, with_key)}

    return headers


def key_headers(api_key: str) -> dict[str, str]:
    return {"magento-api-key": api_key, "x-api-key": api_key}


def instance_headers(name: str = "Luma Admin", instance_id: str = INSTANCE_ID) -> dict[str, str]:
    return {"X-Commerce-Instance-Id": instance_id, "X-Commerce-Instance-Name": quote(name, safe="")}


def compact(payload: Any, key: RSAKey, header: dict[str, Any] | None = None) -> str:
    return jws.serialize_compact(header or {"typ": "JWT", "alg": "RS256"}, json.dumps(payload), key, ["RS256", "RS512"])
