"""The paste doctor: pasted text in, a usable private key out, or one typed error per mistake.

Every step looks at the text a bounded number of times, so the time taken is linear in its length. What is undone before
a key is looked for stands in `connector.repairs`.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field, replace
from threading import Lock

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.utils.translation import gettext_lazy as _

from connector import repairs
from connector.errors import ApiKeyError, ApiKeyMistake, Mistake, PemError
from connector.keyring import ENVELOPE_PREFIX

__all__ = [
    "ApiKeyError",
    "Mistake",
    "Pasted",
    "PemError",
    "PrivateKey",
    "is_too_long",
    "load",
    "looks_like_ciphertext",
    "parse",
    "parse_api_key",
    "take_apart",
    "take_apart_api_key",
]

MAX_BYTES = 64 * 1024
MIN_BITS = 2048
# Validating a key of 8192 bits takes seconds of processor time: too much for a text that anybody may paste.
MAX_BITS = 4096
# The factors of a key have half of its bits each. A lopsided one is of no use, and a prime of nearly all the bits takes
# as long to test as a far longer key.
_MAX_BITS_OFF_HALF = 8
# A validation holds the interpreter, 0.4 s for 4096 bits: one runs at a time in a process, and people wait this long.
VALIDATING = Lock()
PATIENCE_S = 3.0
_FOR_EVER_S = -1.0

_WIDTH = 64
_DER_SEQUENCE = 0x30
_DER_LONG_FORM = 0x80
_DER_HEADER_CHARACTERS = 8
_API_KEY_LENGTH = 32
_HEXADECIMAL_KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", re.ASCII | re.IGNORECASE)
_CIPHERTEXT = re.compile(r"\d{1,4}:\d{1,4}:\S", re.ASCII)
# Inside of a text it must be longer than the seconds of a time.
_CIPHERTEXT_INSIDE = re.compile(rf"(?<![\w:.])(?:\d{{1,4}}:\d{{1,4}}:[A-Za-z0-9+/=]{{12}}|{ENVELOPE_PREFIX})", re.ASCII)
# A key that went through one line may have blanks anywhere in its first and last line, or none at all.
_MARKER = re.compile(r"-----(BEGIN|END)([A-Z0-9\s]{1,60})-----", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
_BASE64_OPENING = re.compile(r"[A-Za-z0-9+/=]*", re.ASCII)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]{64}", re.ASCII)
# What stands in the BEGIN line, without its blanks, and what it means. The first fitting row counts.
_LABELS = (
    ("PUBLICKEY", Mistake.PUBLIC_KEY),
    ("CERTIFICATE", Mistake.CERTIFICATE),
    ("OPENSSH", Mistake.OPENSSH),
    ("SSH2", Mistake.OPENSSH),
    ("ENCRYPTED", Mistake.PASSPHRASE),
    ("ECP", Mistake.NOT_RSA),
    ("DSAP", Mistake.NOT_RSA),
)
_PKCS1 = "RSAPRIVATEKEY"
_PKCS8 = "PRIVATEKEY"
# How keys of a known sort begin that have no BEGIN line. Four letters A are the first bytes of every key of SSH.
_OPENINGS = (
    (re.compile(r"(?:ssh|ecdsa)-[\w@.-]{1,40}\s*AAAA", re.ASCII), Mistake.PUBLIC_KEY),
    (re.compile(r"PuTTY-User-Key-File", re.ASCII), Mistake.OPENSSH),
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


@dataclass(frozen=True)
class Pasted:
    """What a text held: an API key, a private key, both, or neither where it was empty."""

    api_key: str = ""
    private_key: PrivateKey | None = None


@dataclass(frozen=True)
class _Block:
    """The one block of a private key in a text; `before` and `after` are what stands around it."""

    label: str
    body: str
    before: str
    after: str


def is_too_long(text: str) -> bool:
    """Tell whether `text` has more than 64 kB as UTF-8; nothing else looks at such a text."""
    return len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES


def parse(text: str) -> PrivateKey:
    """Return the private key that `text` holds, repaired where that cannot change its meaning, and fully validated.

    It is for a text of the installation's own, and waits until no other key is validated.

    Raises:
        PemError: `text` holds no usable private key; `mistake` says what it holds instead.
    """
    return _parse(text, _FOR_EVER_S)[0]


def take_apart(text: str) -> Pasted:
    """Return the private key that `text` holds, as `parse` does, and the API key that stands beside it, if one does.

    It is for what people paste: where others are validated for 3 seconds, it gives up.

    Raises:
        PemError: `text` holds no usable private key, or more than one API key; or others are being validated.
    """
    key, around = _parse(text, PATIENCE_S)
    api_keys = _api_keys(around)
    if len(api_keys) > 1:
        raise PemError(Mistake.SEVERAL_API_KEYS)
    if not api_keys:
        return Pasted(private_key=key)
    # The text around the key was not left aside: the other half stood there.
    named = (name for name in key.repairs if name != str(repairs.OTHER_TEXT))
    return Pasted(api_keys.pop(), replace(key, repairs=(*named, str(_("both halves of the pair in one text")))))


def take_apart_api_key(text: str) -> Pasted:
    """Return the API key that `text` holds, and the private key that stands beside it, if one does.

    Raises:
        ApiKeyError: it holds no API key; `mistake` says what it holds instead.
        PemError: it holds both halves, and the private one is not usable.
    """
    try:
        return Pasted(parse_api_key(text))
    except ApiKeyError as error:
        if error.mistake is not ApiKeyMistake.PRIVATE_KEY:
            raise
        repaired, _names = repairs.apply(text)
        if not _api_keys(repaired.partition("-----")[0] + "-----" + repaired.rpartition("-----")[2]):
            raise
    return take_apart(text)


def _parse(text: str, patience_s: float) -> tuple[PrivateKey, str]:
    """Return the private key of `text`, and what stands around it."""
    if is_too_long(text):
        raise PemError(Mistake.TOO_LONG)
    text, names = repairs.apply(text)
    block = _block(text)
    body = repairs.unquoted(block.body)
    surroundings = repairs.name_of_surroundings(block.before, block.after)
    if body != block.body and surroundings is not repairs.QUOTATION_MARKS:
        names.append(repairs.QUOTATION_MARKS)
    if surroundings:
        names.append(surroundings)
    if block.label == _PKCS1:
        names.append(_("PKCS#1 format (“BEGIN RSA PRIVATE KEY”)"))
    if not _is_wrapped(body):
        names.append(_("line breaks and indentation"))
    key = _validated(_der(body), patience_s)
    found = _private_key(key, _canonical(key), tuple(str(name) for name in names))
    return found, f"{block.before}-----{block.after}"


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
    if is_too_long(text):
        raise ApiKeyError(ApiKeyMistake.WRONG_LENGTH)
    api_key = repairs.without_ornaments(text).lower()
    if _HEXADECIMAL_KEY.fullmatch(api_key):
        return api_key
    repaired = repairs.apply(api_key)[0]
    if "private key" in repaired or "-----begin" in repaired:
        raise ApiKeyError(ApiKeyMistake.PRIVATE_KEY)
    if looks_like_ciphertext(api_key):
        raise ApiKeyError(ApiKeyMistake.CIPHERTEXT)
    if len(api_key) != _API_KEY_LENGTH:
        raise ApiKeyError(ApiKeyMistake.WRONG_LENGTH)
    raise ApiKeyError(ApiKeyMistake.OTHER_CHARACTERS)


def looks_like_ciphertext(text: str) -> bool:
    """Tell whether `text` is an encrypted value: `N:N:…` of a Commerce database dump, or an envelope of our own."""
    bare = repairs.without_ornaments(text)
    return bare.startswith(ENVELOPE_PREFIX) or bool(_CIPHERTEXT.match(bare))


def _api_keys(text: str) -> set[str]:
    return {found.lower() for found in _HEXADECIMAL_KEY.findall(text)}


def _block(text: str) -> _Block:
    """Return the block of a private key, or raise what is there instead."""
    markers = list(_MARKER.finditer(text))
    if not markers:
        raise PemError(_mistake_without_markers(text))
    labels = [_label(marker) for marker in markers]
    bodies = _bodies(text, markers)
    first = next((number for number in bodies if labels[number] in {_PKCS1, _PKCS8}), None)
    if first is None:
        raise PemError(_mistake_of_labels(labels))
    if len({"".join(repairs.unquoted(body).split()) for body in bodies.values()}) > 1:
        raise PemError(Mistake.SEVERAL_KEYS)
    body, end = bodies[first], first + 1
    if "ENCRYPTED" in body and "Proc-Type" in body:
        raise PemError(Mistake.PASSPHRASE)
    if end == len(markers) or (markers[end][1], labels[end]) != ("END", labels[first]):
        raise PemError(_mistake_without_end(body))
    return _Block(labels[first], body, text[: markers[first].start()], text[markers[end].end() :])


def _label(marker: re.Match[str]) -> str:
    return "".join(marker[2].split())


def _bodies(text: str, markers: list[re.Match[str]]) -> dict[int, str]:
    """Return what stands between the BEGIN line of each private key, of any kind, and the marker after it."""
    ends = [marker.start() for marker in markers[1:]] + [len(text)]
    return {
        number: text[marker.end() : ends[number]]
        for number, marker in enumerate(markers)
        if marker[1] == "BEGIN" and _label(marker).endswith(_PKCS8)
    }


def _mistake_without_markers(text: str) -> Mistake:
    if looks_like_ciphertext(text) or _CIPHERTEXT_INSIDE.search(text):
        return Mistake.CIPHERTEXT
    for opening, mistake in _OPENINGS:
        if opening.search(text):
            return mistake
    has_half_a_marker = "-----BEGIN" in text or "-----END" in text or "PRIVATE KEY" in text
    # Lines that were broken elsewhere make one of a key's own length again.
    joined = "".join(repairs.without_ornaments(line) for line in text.split("\n"))
    if has_half_a_marker or _BASE64_LINE.search(joined):
        return Mistake.MISSING_BEGIN_END
    return Mistake.API_KEY if _api_keys(text) else Mistake.NOT_A_KEY


def _mistake_of_labels(labels: list[str]) -> Mistake:
    for name, mistake in _LABELS:
        if any(name in label for label in labels):
            return mistake
    return Mistake.MISSING_BEGIN_END if {_PKCS1, _PKCS8} & {*labels} else Mistake.NOT_A_KEY


def _mistake_without_end(body: str) -> Mistake:
    """Tell whether only the last line is missing, or a part of the key too; anything may follow it."""
    opening = _BASE64_OPENING.match("".join(repairs.unquoted(body).split()))
    text = opening[0] if opening else ""
    try:
        expected = _der_length(base64.b64decode(text[:_DER_HEADER_CHARACTERS], validate=True))
    except binascii.Error:
        return Mistake.TRUNCATED
    except PemError as error:
        return error.mistake
    return Mistake.MISSING_BEGIN_END if len(text) >= -(-expected // 3) * 4 else Mistake.TRUNCATED


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
    # The bits that the last character has to spare are zero: no second spelling of the same bytes is taken.
    if len(der) > expected or base64.b64encode(der).decode("ascii") != text:
        raise PemError(Mistake.NOT_A_KEY)
    return der


def _der_length(der: bytes) -> int:
    """Return how many bytes the outermost sequence of `der` says that it has, its header included.

    Raises:
        PemError: `der` is empty or does not begin with a sequence.

    Source: ITU-T X.690, 8.1.3.
    """
    if not der:
        raise PemError(Mistake.TRUNCATED)
    if der[0] != _DER_SEQUENCE:
        raise PemError(Mistake.NOT_A_KEY)
    first = der[1] if len(der) > 1 else 0
    if first < _DER_LONG_FORM:
        return 2 + first
    octets = first - _DER_LONG_FORM
    return 2 + octets + int.from_bytes(der[2 : 2 + octets], "big")


def _validated(der: bytes, patience_s: float) -> RSAPrivateKey:
    # The size is looked at before the validation, which takes seconds and more for an enormous modulus.
    key = _loaded(der, is_validated=False)
    if key.key_size < MIN_BITS:
        raise PemError(Mistake.TOO_SHORT)
    if key.key_size > MAX_BITS:
        raise PemError(Mistake.TOO_LONG)
    numbers = key.private_numbers()
    # Two factors that do not give the modulus may have any size, and testing them for primality any duration.
    if numbers.p * numbers.q != numbers.public_numbers.n or not _is_balanced(numbers.p, numbers.q):
        raise PemError(Mistake.NOT_A_KEY)
    if not VALIDATING.acquire(timeout=patience_s):
        raise PemError(Mistake.BUSY)
    try:
        return _loaded(der, is_validated=True)
    finally:
        VALIDATING.release()


def _is_balanced(p: int, q: int) -> bool:
    half = (p.bit_length() + q.bit_length()) // 2
    return abs(p.bit_length() - half) <= _MAX_BITS_OFF_HALF


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
