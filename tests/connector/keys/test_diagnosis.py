"""A text that is no key is refused, and the error names what it is."""

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from connector.keys import paste
from connector.keys.keyring import Keyring, generate_key
from connector.keys.mistakes import Mistake, MistakeError
from tests.connector.conftest import API_KEY, pkcs8
from tests.connector.keys.test_pastes import base64_of, each, lines

Thing = Callable[[rsa.RSAPrivateKey], str]


def noise(size: int) -> str:
    return base64_of(os.urandom(size))


def store(key: rsa.RSAPrivateKey) -> bytes:
    return pkcs12.serialize_key_and_certificates(b"shop", key, None, None, BestAvailableEncryption(b"x"))


def certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name, now = x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(1))
    return builder.sign(key, hashes.SHA256())


def ssh(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def private(key: rsa.RSAPrivateKey, passphrase: bytes = b"") -> bytes:
    locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, locked)


def public(key: rsa.RSAPrivateKey, form: PublicFormat, encoding: Encoding = Encoding.DER) -> bytes:
    return key.public_key().public_bytes(encoding, form)


def csr(key: rsa.RSAPrivateKey) -> str:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def locked(key: rsa.RSAPrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"x")).decode()


def other_kind(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def labelled(label: str, body: str = "MHcC") -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----"


def without(first: int, last: int | None) -> Thing:
    return lambda key: "\n".join(lines(pkcs8(key))[first:last])


NAMED: dict[str, tuple[Mistake, Thing]] = {
    "API key": (Mistake.API_KEY, lambda _key: API_KEY),
    "Vault": (Mistake.CIPHERTEXT, lambda _key: f"vault:v1:{noise(900)}"),
    "Vault in JSON": (Mistake.CIPHERTEXT, lambda _key: json.dumps({"data": {"ciphertext": f"vault:v12:{noise(900)}"}})),
    "Ansible": (Mistake.CIPHERTEXT, lambda _key: f"key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {'6162' * 20}"),
    "sops": (Mistake.CIPHERTEXT, lambda _key: f"ENC[AES256_GCM,data:{noise(900)},iv:a=,tag:b=,type:str]"),
    "Commerce": (Mistake.CIPHERTEXT, lambda _key: f"0:3:{noise(900)}"),
    "Commerce, short": (Mistake.CIPHERTEXT, lambda _key: "0:3:q1w2e3r4t5=="),
    "our own envelope": (
        Mistake.CIPHERTEXT,
        lambda _key: Keyring([generate_key()]).encrypt("x", associated_data="here"),
    ),
    "Commerce in SQL": (Mistake.CIPHERTEXT, lambda _key: f"('payment/key', '0:2:{noise(900)}')"),
    "age": (
        Mistake.CIPHERTEXT,
        lambda _key: f"-----BEGIN AGE ENCRYPTED FILE-----\n{noise(90)}\n-----END AGE ENCRYPTED FILE-----",
    ),
    "PGP message": (Mistake.CIPHERTEXT, lambda _key: f"-----BEGIN PGP MESSAGE-----\n\n{noise(90)}\n=abcd\n"),
    "sealed secret": (Mistake.CIPHERTEXT, lambda _key: base64_of(b"\2\0" + os.urandom(1200))),
    "sealed secret in YAML": (Mistake.CIPHERTEXT, lambda _key: f"kind: SealedSecret\nspec:\n  key: AgA{noise(99)}"),
    "openssl enc": (Mistake.CIPHERTEXT, lambda _key: base64_of(b"Salted__" + os.urandom(900))),
    "Fernet": (Mistake.CIPHERTEXT, lambda _key: base64_of(b"\x80\0\0\0\0" + os.urandom(900))),
    "Jasypt": (Mistake.CIPHERTEXT, lambda _key: f"ENC({noise(900)})"),
    "JWK": (Mistake.JWK, lambda _key: json.dumps({"kty": "RSA", "n": "A" * 342, "e": "AQAB", "d": "B" * 342})),
    "JWK in base64": (Mistake.JWK, lambda _key: base64_of(json.dumps({"kty": "RSA", "n": "A" * 342, "e": "AQAB"}))),
    "XML key": (Mistake.JWK, lambda _key: f"<RSAKeyValue><Modulus>{noise(256)}</Modulus></RSAKeyValue>"),
    "PKCS#12": (Mistake.KEY_STORE, lambda key: base64_of(store(key))),
    "PKCS#12 in lines": (Mistake.KEY_STORE, lambda key: base64.encodebytes(store(key)).decode()),
    "PKCS#12 opened as a text": (Mistake.KEY_STORE, lambda key: store(key).decode("cp1252", "replace")),
    "JWT": (Mistake.TOKEN, lambda key: jwt.encode({"iss": API_KEY, "exp": 1}, key, "RS256")),
    "JWT in a header": (Mistake.TOKEN, lambda key: f"Authorization: Bearer {jwt.encode({'a': 1}, key, 'RS256')}"),
    "certificate": (Mistake.CERTIFICATE, lambda key: certificate(key).public_bytes(Encoding.PEM).decode()),
    "certificate request": (Mistake.CERTIFICATE, csr),
    "certificate without marker lines": (
        Mistake.CERTIFICATE,
        lambda key: base64_of(certificate(key).public_bytes(Encoding.DER)),
    ),
    "OpenSSH": (Mistake.OPENSSH, ssh),
    "OpenSSH by another name": (Mistake.OPENSSH, lambda key: ssh(key).replace("OPENSSH ", "")),
    "OpenSSH without marker lines": (Mistake.OPENSSH, lambda key: "\n".join(lines(ssh(key))[1:-1])),
    "PuTTY": (Mistake.OPENSSH, lambda _key: f"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\n{noise(90)}"),
    "PGP private key": (Mistake.OPENSSH, lambda _key: f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{noise(90)}\n"),
    "ssh-rsa": (
        Mistake.PUBLIC_KEY,
        lambda key: public(key, PublicFormat.OpenSSH, Encoding.OpenSSH).decode() + " bob@host",
    ),
    "public key": (
        Mistake.PUBLIC_KEY,
        lambda key: public(key, PublicFormat.SubjectPublicKeyInfo, Encoding.PEM).decode(),
    ),
    "public key without marker lines": (
        Mistake.PUBLIC_KEY,
        lambda key: base64_of(public(key, PublicFormat.SubjectPublicKeyInfo)),
    ),
    "public key of PKCS#1": (Mistake.PUBLIC_KEY, lambda key: base64_of(public(key, PublicFormat.PKCS1))),
    "public key as a private one": (
        Mistake.PUBLIC_KEY,
        lambda key: public(key, PublicFormat.SubjectPublicKeyInfo, Encoding.PEM).decode().replace("PUBLIC", "PRIVATE"),
    ),
    "passphrase": (Mistake.PASSPHRASE, lambda key: locked(key, PrivateFormat.PKCS8)),
    "passphrase, not in the label": (
        Mistake.PASSPHRASE,
        lambda key: locked(key, PrivateFormat.PKCS8).replace("ENCRYPTED ", ""),
    ),
    "passphrase, PKCS#1": (Mistake.PASSPHRASE, lambda key: locked(key, PrivateFormat.TraditionalOpenSSL)),
    "elliptic curve": (Mistake.NOT_RSA, lambda _key: other_kind(ec.generate_private_key(ec.SECP256R1()))),
    "Ed25519": (Mistake.NOT_RSA, lambda _key: other_kind(ed25519.Ed25519PrivateKey.generate())),
    "elliptic curve by its label": (Mistake.NOT_RSA, lambda _key: labelled("EC PRIVATE KEY")),
    "DSA by its label": (Mistake.NOT_RSA, lambda _key: labelled("DSA PRIVATE KEY")),
    "parameters by their label": (Mistake.NOT_RSA, lambda _key: labelled("EC PARAMETERS")),
    "too short": (Mistake.TOO_SHORT, lambda _key: pkcs8(rsa.generate_private_key(65537, 1024))),  # noqa: S505
    "passphrase, without marker lines": (Mistake.PASSPHRASE, lambda key: base64_of(private(key, b"x"))),
    "without the first line": (Mistake.MISSING_BEGIN_END, without(1, None)),
    "without the last line": (Mistake.MISSING_BEGIN_END, without(0, -1)),
    "without the first and the last line": (Mistake.MISSING_BEGIN_END, without(1, -1)),
    "whole, without marker lines": (Mistake.MISSING_BEGIN_END, lambda key: base64_of(private(key))),
    "whole in a diff, without marker lines": (
        Mistake.MISSING_BEGIN_END,
        lambda key: each("\n".join(lines(pkcs8(key))[1:-1]), "+{1}"),
    ),
    "numbered, without the last line": (
        Mistake.MISSING_BEGIN_END,
        lambda key: each("\n".join(lines(pkcs8(key))[:-1]), "{0:6}\t{1}"),
    ),
    "cut off after 100 characters": (Mistake.TRUNCATED, lambda key: pkcs8(key)[:100]),
    "cut off after 200 characters": (Mistake.TRUNCATED, lambda key: pkcs8(key)[:200]),
    "cut off after 777 characters": (Mistake.TRUNCATED, lambda key: pkcs8(key)[:777]),
    "cut off after 1500 characters": (Mistake.TRUNCATED, lambda key: pkcs8(key)[:1500]),
    "lines left out": (Mistake.TRUNCATED, lambda key: "\n".join(lines(pkcs8(key))[:10] + lines(pkcs8(key))[12:])),
    "a part, without marker lines": (Mistake.TRUNCATED, lambda key: base64_of(private(key))[:700]),
    "a part, numbered": (Mistake.TRUNCATED, lambda key: each("\n".join(lines(pkcs8(key))[:9]), "{0:6}\t{1}")),
    "half of the first line": (Mistake.TRUNCATED, lambda _key: "-----BEGIN PRIV"),
    "nothing": (Mistake.NOT_A_KEY, lambda _key: ""),
    "no base64": (Mistake.NOT_A_KEY, lambda _key: labelled("PRIVATE KEY", "!!")),
    "no sequence": (Mistake.NOT_A_KEY, lambda _key: labelled("PRIVATE KEY", "AAAA")),
    "an empty sequence": (Mistake.NOT_A_KEY, lambda _key: labelled("PRIVATE KEY", "MAAA")),
    "something else": (Mistake.NOT_A_KEY, lambda _key: "-----BEGIN SOMETHING-----\n-----END SOMETHING-----"),
    "random bytes": (Mistake.NOT_A_KEY, lambda _key: base64_of(b"\xff" + os.urandom(900))),
    "time": (Mistake.NOT_A_KEY, lambda _key: "12:30:45 nothing new"),
    "words": (Mistake.NOT_A_KEY, lambda _key: "please send me the private key"),
}


@pytest.mark.parametrize("thing", NAMED)
def test_a_text_that_is_no_key_is_refused_by_its_name(thing: str, rsa_key: rsa.RSAPrivateKey) -> None:
    mistake, make = NAMED[thing]
    with pytest.raises(MistakeError) as caught:
        paste.take_apart(make(rsa_key))
    assert caught.value.mistake is mistake
