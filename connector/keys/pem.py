"""The paste doctor: pasted text in, a usable private key out, or one typed error per mistake.

`connector.repairs` takes off what is around the whole text, `connector.markers` finds the letters of the key, and only
what loads as a key and whose numbers agree counts. `connector.diagnosis` names what is no key. Every step looks at the
text a bounded number of times, so the time taken is linear in its length.
"""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from threading import Lock

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.utils.translation import gettext as _

from connector.keys import api_keys, diagnosis, markers, repairs
from connector.keys.mistakes import ApiKeyError, ApiKeyMistake, Mistake, PemError

__all__ = [
    "ApiKeyError",
    "Mistake",
    "Pasted",
    "PemError",
    "PrivateKey",
    "is_too_long",
    "load",
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

# Whoever pastes more keys than these pasted a whole key ring.
_MOST_BLOCKS = 8


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
    """Return the private key that `text` holds, as `parse` does, and the API key beside it, where a label names one.

    It is for what people paste: where others are validated for 3 seconds, it gives up.

    Raises:
        PemError: `text` holds no usable private key, or more than one API key; or others are being validated.
    """
    key, around = _parse(text, PATIENCE_S)
    return _pasted(key, api_keys.find(around)[0])


def take_apart_api_key(text: str) -> Pasted:
    """Return the API key that `text` holds, and the private key beside it, if there is one.

    Raises:
        ApiKeyError: it holds no API key; `mistake` says what it holds instead.
        PemError: it holds both halves, and the private one is not usable.
    """
    try:
        return Pasted(parse_api_key(text))
    except ApiKeyError as error:
        if error.mistake is not ApiKeyMistake.PRIVATE_KEY:
            raise
        peeled, _names = repairs.peel(text)
        found = markers.find(peeled)
        labelled, bare = api_keys.find(f"{peeled[: found[0].start]}-{peeled[found[-1].end :]}")
        if not labelled | bare:
            raise
    # What nothing is said of is an API key by the field that it is in.
    return _pasted(_parse(text, PATIENCE_S)[0], labelled or bare)


def _pasted(key: PrivateKey, found: set[str]) -> Pasted:
    if len(found) > 1:
        raise PemError(Mistake.SEVERAL_API_KEYS)
    if not found:
        return Pasted(private_key=key)
    # The text around the key was not left aside: the other half is in it.
    named = (name for name in key.repairs if name != str(repairs.OTHER_TEXT))
    return Pasted(found.pop(), replace(key, repairs=(*named, _("both halves of the pair in one text"))))


def _parse(text: str, patience_s: float) -> tuple[PrivateKey, str]:
    """Return the private key of `text`, and what is around it."""
    if is_too_long(text):
        raise PemError(Mistake.TOO_LONG)
    peeled, names = repairs.peel(text)
    block = _block(peeled, text)
    key = _validated(block, patience_s)
    named = tuple(str(name) for name in names + repairs.names_of(block, peeled))
    return _private_key(key, _canonical(key), named), f"{peeled[: block.begin.start]}-{peeled[block.stop :]}"


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
    return api_keys.parse(text)


def _block(peeled: str, pasted: str) -> markers.Block:
    """Return the one block with a whole key, or raise what is there instead."""
    found = markers.find(peeled)
    blocks = markers.blocks(peeled, found)
    if not blocks:
        before_end = peeled[: found[0].start] if found else peeled
        mistake = diagnosis.mistake_of_text(before_end, pasted, has_end=bool(found))
        if mistake is None:
            mistake = Mistake.API_KEY if api_keys.holds_any(peeled) else Mistake.NOT_A_KEY
        raise PemError(mistake)
    keys = [block for block in blocks if not block.is_empty] or blocks[:1]
    if len(keys) > _MOST_BLOCKS or len({block.der or block.raw for block in keys}) > 1:
        raise PemError(Mistake.SEVERAL_KEYS)
    block = next((block for block in keys if block.end), keys[0])
    if mistake := diagnosis.mistake_of_block(block):
        raise PemError(mistake)
    return block


def _validated(block: markers.Block, patience_s: float) -> RSAPrivateKey:
    der = block.der or b""
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


def _canonical(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _private_key(key: RSAPrivateKey, pem: str, repairs: tuple[str, ...]) -> PrivateKey:
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(spki).digest()).decode().rstrip("=")
    return PrivateKey(key=key, pem=pem, fingerprint=f"SHA256:{digest}", repairs=repairs)
