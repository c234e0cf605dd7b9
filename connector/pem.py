"""The paste doctor: pasted text in, a usable private key out, or one typed error per mistake.

Every step looks at the text a bounded number of times, so the time taken is linear in its length. Another repair is
another function in `REPAIRS`.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.errors import ApiKeyError, ApiKeyMistake, Mistake, PemError
from connector.keyring import ENVELOPE_PREFIX

__all__ = [
    "ApiKeyError",
    "Mistake",
    "PemError",
    "PrivateKey",
    "load",
    "looks_like_ciphertext",
    "parse",
    "parse_api_key",
]

MAX_CHARACTERS = 64 * 1024
MIN_BITS = 2048
# Validating a key of 8192 bits takes seconds of processor time: too much for a text that anybody may paste.
MAX_BITS = 4096

_WIDTH = 64
_DER_SEQUENCE = 0x30
_DER_LONG_FORM = 0x80
_API_KEY_LENGTH = 32
_HEXADECIMAL_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CIPHERTEXT = re.compile(r"\d{1,4}:\d{1,4}:\S", re.ASCII)
_MARKER = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
# What stands in the BEGIN line, and what it means. The first fitting row counts.
_LABELS = (
    ("PUBLIC KEY", Mistake.PUBLIC_KEY),
    ("CERTIFICATE", Mistake.CERTIFICATE),
    ("OPENSSH", Mistake.OPENSSH),
    ("SSH2", Mistake.OPENSSH),
    ("ENCRYPTED", Mistake.PASSPHRASE),
    ("EC P", Mistake.NOT_RSA),
    ("DSA P", Mistake.NOT_RSA),
)
_PKCS1 = "RSA PRIVATE KEY"
_PKCS8 = "PRIVATE KEY"
# How texts begin that are keys of a known sort without any BEGIN line.
_OPENINGS = (
    ("ssh-", Mistake.PUBLIC_KEY),
    ("ecdsa-", Mistake.PUBLIC_KEY),
    ("PuTTY-User-Key-File", Mistake.OPENSSH),
)


@dataclass(frozen=True)
class PrivateKey:
    """An RSA private key that Commerce Services accepts; its `repr` shows the fingerprint only.

    `pem` is canonical: PKCS#8, line feeds, no passphrase. `repairs` names what had to be repaired, translated.
    `fingerprint` is `SHA256:` and the unpadded base64 of the SHA-256 of the public key's SubjectPublicKeyInfo, so
    that it can be compared without showing the key: `openssl pkey -in key.pem -pubout -outform DER |
    openssl dgst -sha256 -binary | base64` prints the same, with one `=` at the end.
    """

    key: RSAPrivateKey = field(repr=False, compare=False)
    pem: str = field(repr=False)
    fingerprint: str
    repairs: tuple[str, ...] = field(default=(), repr=False, compare=False)


def parse(text: str) -> PrivateKey:
    """Return the private key that `text` holds, repaired where that cannot change its meaning, and fully validated.

    Raises:
        PemError: `text` holds no usable private key; `mistake` says what it holds instead.
    """
    if len(text) > MAX_CHARACTERS:
        raise PemError(Mistake.TOO_LONG)
    repairs: list[Promise] = []
    for name, repair in REPAIRS:
        repaired = repair(text)
        if repaired != text:
            repairs.append(name)
        text = repaired
    label, body, is_alone = _block(text)
    if not is_alone:
        repairs.append(_("other text around the key"))
    if label == _PKCS1:
        repairs.append(_("PKCS#1 format (“BEGIN RSA PRIVATE KEY”)"))
    if not _is_wrapped(body):
        repairs.append(_("line breaks and indentation"))
    key = _validated(_der(body))
    return _private_key(key, _canonical(key), tuple(str(name) for name in repairs))


def load(pem: str) -> PrivateKey:
    """Return the private key of a text that `parse` made; it is not validated again, which is 3,000 times faster.

    Raises:
        PemError: `pem` is no RSA private key.
    """
    try:
        key = serialization.load_pem_private_key(
            pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise PemError(Mistake.NOT_A_KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise PemError(Mistake.NOT_RSA)
    return _private_key(key, pem, ())


def parse_api_key(text: str) -> str:
    """Return the API key that `text` holds: 32 lower-case hexadecimal digits.

    Raises:
        ApiKeyError: it holds none; `mistake` says what it holds instead.
    """
    api_key = text[:MAX_CHARACTERS].strip().lower()
    if _HEXADECIMAL_KEY.fullmatch(api_key):
        return api_key
    if "private key" in api_key or "-----begin" in api_key:
        raise ApiKeyError(ApiKeyMistake.PRIVATE_KEY)
    if looks_like_ciphertext(api_key):
        raise ApiKeyError(ApiKeyMistake.CIPHERTEXT)
    if len(api_key) != _API_KEY_LENGTH:
        raise ApiKeyError(ApiKeyMistake.WRONG_LENGTH)
    raise ApiKeyError(ApiKeyMistake.OTHER_CHARACTERS)


def looks_like_ciphertext(text: str) -> bool:
    """Tell whether `text` is an encrypted value: `N:N:…` of a Commerce database dump, or an envelope of our own."""
    bare = text.lstrip(" \t\r\n'\"\ufeff")
    return bare.startswith(ENVELOPE_PREFIX) or bool(_CIPHERTEXT.match(bare))


def _unix_line_endings(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_surrounding_blanks(text: str) -> str:
    # One line feed at the end is how a PEM file ends: nothing to repair.
    ending = "\n" if text.endswith("\n") else ""
    return text.strip(" \t\n\v\f\ufeff\u00a0") + ending


REPAIRS: tuple[tuple[Promise, Callable[[str], str]], ...] = (
    (_("Windows line endings"), _unix_line_endings),
    (_("blanks around the key"), _without_surrounding_blanks),
)


def _block(text: str) -> tuple[str, str, bool]:
    """Return label and body of the block of a private key, and whether it stands alone, or raise what is there."""
    if looks_like_ciphertext(text):
        raise PemError(Mistake.CIPHERTEXT)
    markers = list(_MARKER.finditer(text))
    if not markers:
        raise PemError(_mistake_without_markers(text))
    begin = next((marker for marker in markers if marker[1] == "BEGIN" and marker[2] in {_PKCS1, _PKCS8}), None)
    if begin is None:
        raise PemError(_mistake_of_label(markers))
    end = next((marker for marker in markers if marker.start() >= begin.end()), None)
    body = text[begin.end() : end.start() if end else len(text)]
    if "ENCRYPTED" in body and "Proc-Type" in body:
        raise PemError(Mistake.PASSPHRASE)
    if end is None or end.groups() != ("END", begin[2]):
        raise PemError(_mistake_without_end(body))
    is_alone = not text[: begin.start()] and not text[end.end() :].strip()
    return begin[2], body, is_alone


def _mistake_without_markers(text: str) -> Mistake:
    stripped = text.strip()
    if _HEXADECIMAL_KEY.fullmatch(stripped.lower()):
        return Mistake.API_KEY
    for opening, mistake in _OPENINGS:
        if stripped.startswith(opening):
            return mistake
    has_half_a_marker = "-----BEGIN" in text or "-----END" in text or "PRIVATE KEY" in text
    if has_half_a_marker or (len(stripped) > _WIDTH and _BASE64.fullmatch("".join(stripped.split()))):
        return Mistake.MISSING_BEGIN_END
    return Mistake.NOT_A_KEY


def _mistake_of_label(markers: list[re.Match[str]]) -> Mistake:
    for name, mistake in _LABELS:
        if any(name in marker[2] for marker in markers):
            return mistake
    if any(marker[2] in {_PKCS1, _PKCS8} for marker in markers):
        return Mistake.MISSING_BEGIN_END
    return Mistake.NOT_A_KEY


def _mistake_without_end(body: str) -> Mistake:
    # Only the last line was left out when the key itself is complete; a half-copied one may end in half a marker.
    try:
        _der(body.split("-----", 1)[0])
    except PemError as error:
        return error.mistake
    return Mistake.MISSING_BEGIN_END


def _der(body: str) -> bytes:
    """Return the decoded body of a block; its outermost length says whether all of it is there."""
    text = "".join(body.split())
    if not _BASE64.fullmatch(text):
        raise PemError(Mistake.NOT_A_KEY if text else Mistake.TRUNCATED)
    try:
        der = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise PemError(Mistake.TRUNCATED) from None
    expected = _der_length(der)
    if len(der) < expected:
        raise PemError(Mistake.TRUNCATED)
    if len(der) > expected:
        raise PemError(Mistake.NOT_A_KEY)
    return der


def _der_length(der: bytes) -> int:
    """Return how many bytes the outermost sequence of `der` says that it has, its header included.

    Raises:
        PemError: `der` does not begin with a sequence.

    Source: ITU-T X.690, 8.1.3.
    """
    if der[0] != _DER_SEQUENCE:
        raise PemError(Mistake.NOT_A_KEY)
    first = der[1] if len(der) > 1 else 0
    if first < _DER_LONG_FORM:
        return 2 + first
    octets = first - _DER_LONG_FORM
    return 2 + octets + int.from_bytes(der[2 : 2 + octets], "big")


def _validated(der: bytes) -> RSAPrivateKey:
    # The size is looked at before the validation, which takes seconds and more for an enormous modulus.
    key = _loaded(der, is_validated=False)
    if key.key_size < MIN_BITS:
        raise PemError(Mistake.TOO_SHORT)
    if key.key_size > MAX_BITS:
        raise PemError(Mistake.TOO_LONG)
    numbers = key.private_numbers()
    # Two factors that do not give the modulus may have any size, and testing them for primality any duration.
    if numbers.p * numbers.q != numbers.public_numbers.n:
        raise PemError(Mistake.NOT_A_KEY)
    return _loaded(der, is_validated=True)


def _loaded(der: bytes, *, is_validated: bool) -> RSAPrivateKey:
    try:
        key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=not is_validated)
    except TypeError:
        raise PemError(Mistake.PASSPHRASE) from None
    except UnsupportedAlgorithm:
        raise PemError(Mistake.NOT_RSA) from None
    except ValueError:
        raise PemError(Mistake.NOT_A_KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise PemError(Mistake.NOT_RSA)
    return key


def _is_wrapped(body: str) -> bool:
    """Tell whether the base64 stands in lines of 64 characters, the last one shorter (RFC 7468, section 2)."""
    lines = body.strip("\n").split("\n")
    return all(len(line) == _WIDTH for line in lines[:-1]) and len(lines[-1]) <= _WIDTH


def _canonical(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _private_key(key: RSAPrivateKey, pem: str, repairs: tuple[str, ...]) -> PrivateKey:
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(spki).digest()).decode().rstrip("=")
    return PrivateKey(key=key, pem=pem, fingerprint=f"SHA256:{digest}", repairs=repairs)
