"""Second factors of people, and the clock that their codes depend on."""

import hashlib
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import User
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from backend.people.second_factor import codes
from tests.addresses import LOGIN
from tests.factories import PASSWORD

TWO_FACTOR = "/admin/account-setting/two-factor/"
SECOND_STEP = f"{LOGIN}two-factor/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# A passkey as a browser sends it, with nothing in it that fits.
LIKE_ONE: dict[str, Any] = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "e30",
        "attestationObject": "oA",
        "authenticatorData": "AAAA",
        "signature": "AAAA",
        "userHandle": "MQ",
    },
    "clientExtensionResults": {},
}


class Clock:
    """The time step that codes are of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.step = 1000
        monkeypatch.setattr(codes, "yield_hotp_counters_from_time", self._steps)

    def _steps(self) -> Iterator[int]:
        yield self.step

    def code(self, secret: str = SECRET) -> str:
        """Return the code that an app with `secret` shows now."""
        return format_hotp_value(hotp_value(secret, self.step))

    def wait(self) -> None:
        """Wait for the next code."""
        self.step += 1


def give_app(person: User) -> Authenticator:
    """Let `person` have an authenticator app with `SECRET`."""
    factor: Authenticator = TOTP.activate(person, SECRET).instance
    return factor


def give_codes(person: User) -> list[str]:
    """Let `person` have recovery codes, and return them."""
    given: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    return given


class Device:
    """A device with one passkey, which does what a browser and a person do together."""

    def __init__(self, host: str = "localhost", origin: str = "http://localhost") -> None:
        self.host, self.origin = host, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}).encode()

    def _sent(self, **response: bytes) -> str:
        answer = {name: websafe_encode(value) for name, value in response.items()}
        name = websafe_encode(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": answer})

    def new(self, challenge: str, *, is_verified: bool = True) -> str:
        """Return what a browser sends of the new passkey."""
        known = AttestedCredentialData.create(b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key()))
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
        flags |= AuthenticatorData.FLAG.UV if is_verified else 0
        data = AuthenticatorData.create(hashlib.sha256(self.host.encode()).digest(), flags, 0, known)
        attestation = AttestationObject.create("none", data, {})
        return self._sent(clientDataJSON=self._said("create", challenge), attestationObject=bytes(attestation))

    def sign(self, challenge: str, person: User, *, is_verified: bool = True) -> str:
        """Return what a browser sends to sign in `person`."""
        said = self._said("get", challenge)
        flags = AuthenticatorData.FLAG.UP | (AuthenticatorData.FLAG.UV if is_verified else 0)
        data = bytes(AuthenticatorData.create(hashlib.sha256(self.host.encode()).digest(), flags, 1))
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        handle = user_pk_to_url_str(person).encode()
        return self._sent(clientDataJSON=said, authenticatorData=data, signature=signature, userHandle=handle)


def give_passkey(person: User, device: Device | None = None, name: str = "Phone") -> Authenticator:
    """Let `person` have the passkey of a device."""
    credential = json.loads((device or Device()).new("AAAA"))
    factor: Authenticator = WebAuthn.add(person, name, credential).instance
    return factor


def type_password(client: Client, name: str = "alice", password: str = PASSWORD, **extra: str) -> str:
    """Sign in as far as the password goes; return where that leads, empty where it was refused."""
    answer = client.post(LOGIN, {"login": name, "password": password}, **extra)  # type: ignore[arg-type]
    return answer.headers.get("Location", "")


def type_code(client: Client, code: str, **extra: str) -> str:
    """Type a code as the second step; return where that leads, empty where it was refused."""
    answer = client.post(SECOND_STEP, {"code": code}, **extra)  # type: ignore[arg-type]
    return answer.headers.get("Location", "")


def is_in(client: Client) -> bool:
    """Return whether `client` is signed in."""
    return client.get("/admin/").status_code == 200
