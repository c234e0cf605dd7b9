"""A device with one passkey: what a browser would send of it."""

import json
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.contrib.auth.models import User
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

HOST = "testserver"
CREDENTIAL_ID = b"passkey-1"


class Device:
    """Keeps a passkey of `person`."""

    def __init__(self, person: User) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        public = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid(bytes(16)), CREDENTIAL_ID, public)
        attestation = AttestationObject.create("none", self._seen(made), {})
        response = {"clientDataJSON": self._asked("create", ""), "attestationObject": websafe_encode(attestation)}
        data = {"name": "Laptop", "credential": self._credential(response)}
        Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)

    def answer(self, challenge: str) -> str:
        """Return what the browser sends after the person touched the device."""
        seen, asked = self._seen(), self._asked("get", challenge)
        signed = self.key.sign(seen + sha256(websafe_decode(asked)).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": asked, "authenticatorData": websafe_encode(seen)}
        return json.dumps(self._credential(response | {"signature": websafe_encode(signed)}))

    def _seen(self, made: AttestedCredentialData | None = None) -> AuthenticatorData:
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
        if made:
            flags |= AuthenticatorData.FLAG.AT
        seen: AuthenticatorData = AuthenticatorData.create(sha256(HOST.encode()).digest(), flags, 0, made or b"")
        return seen

    def _asked(self, what: str, challenge: str) -> str:
        asked = {"type": f"webauthn.{what}", "challenge": challenge, "origin": f"https://{HOST}"}
        return websafe_encode(json.dumps(asked).encode())

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        credential_id = websafe_encode(CREDENTIAL_ID)
        return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}
