"""One private key: read from the text that holds it, validated, and written in one canonical form.

`repairs` takes off what mail, programs and stores put around a key, `encapsulation` finds its BEGIN and END lines,
`der` reads the letters between them, and `diagnosis` says what a text without a key is. Whatever they make of a text,
only a key whose numbers agree is accepted.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from connector.keys import api_keys, diagnosis, encapsulation, repairs
from connector.keys.encapsulation import Block
from connector.keys.mistakes import Mistake, MistakeError

MIN_BITS = 2048
# Validating 8192 bits takes seconds of processor time: too much for a text that anybody may paste.
MAX_BITS = 4096
# The factors of a key are about equally long. A prime of nearly all the bits takes as long to test as a longer key.
_MAX_BITS_APART = 16
# A validation holds the interpreter, for 0.4 s with 4096 bits. A process runs one at a time.
VALIDATING = Lock()
_FOR_EVER = -1.0

# A text with more keys than this is a whole key ring.
_MOST_BLOCKS = 8


@dataclass(frozen=True)
class PrivateKey:
    """An RSA private key that Commerce Services accepts; its `repr` shows the fingerprint only.

    `pem` is canonical: PKCS#8, line feeds, no passphrase. `repairs` names what had to be repaired, translated.
    `fingerprint` is `SHA256:` and the unpadded base64 of the SHA-256 of the public key's SubjectPublicKeyInfo. To
    compare: `openssl pkey -in key.pem -pubout -outform DER | openssl dgst -sha256 -binary | base64` prints the same
    with one `=` at the end.
    """

    key: RSAPrivateKey = field(repr=False, compare=False)
    pem: str = field(repr=False)
    fingerprint: str
    repairs: tuple[str, ...] = field(default=(), repr=False, compare=False)


def parse(text: str) -> PrivateKey:
    """Return the private key in a text of the installation's own, repaired and validated. Raises MistakeError."""
    return read(text, _FOR_EVER)[0]


def load(pem: str) -> PrivateKey:
    """Return the key of a `pem` of `parse`, without validating it again: 3,000 times faster. Raises MistakeError."""
    if not pem.isascii():
        raise MistakeError(Mistake.NOT_A_KEY)
    return _private_key(_loaded(load_pem_private_key, pem.encode()), pem)


def read(text: str, patience_s: float) -> tuple[PrivateKey, str]:
    """Return the private key in `text`, and the text around it.

    While other keys are validated, it waits `patience_s` seconds; less than 0 is for ever.

    Raises:
        MistakeError: `text` holds no usable private key, or its turn did not come in time.
    """
    if repairs.is_too_long(text):
        raise MistakeError(Mistake.TOO_LONG)
    peeled, names = repairs.peel(text)
    block = _only_block(peeled, text)
    key = _validated(_loaded(load_der_private_key, block.der or b""), patience_s)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
    named = tuple(str(name) for name in names + repairs.names_of(block, peeled))
    return _private_key(key, pem, named), f"{peeled[: block.begin.start]}-{peeled[block.stop :]}"


def _only_block(peeled: str, pasted: str) -> Block:
    """Return the one block of `peeled` that holds a whole key, or raise what is there instead."""
    boundaries = encapsulation.find(peeled)
    blocks = encapsulation.blocks(peeled, boundaries)
    if not blocks:
        before_end = peeled[: boundaries[0].start] if boundaries else peeled
        mistake = diagnosis.mistake_of_text(before_end, pasted, has_end=bool(boundaries))
        if mistake is None:
            mistake = Mistake.API_KEY if api_keys.KEY.search(peeled) else Mistake.NOT_A_KEY
        raise MistakeError(mistake)
    keys = [block for block in blocks if not block.is_placeholder] or blocks[:1]
    if len(keys) > _MOST_BLOCKS or len({block.der or block.raw for block in keys}) > 1:
        raise MistakeError(Mistake.SEVERAL_KEYS)
    block = next((block for block in keys if block.end), keys[0])
    if mistake := diagnosis.mistake_of_block(block):
        raise MistakeError(mistake)
    return block


def _loaded(load_key: Callable[..., Any], data: bytes) -> RSAPrivateKey:
    """Return the key in `data` without validating it, which takes 3,000 times longer."""
    try:
        key = load_key(data, password=None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        raise MistakeError(Mistake.PASSPHRASE) from None
    except UnsupportedAlgorithm:
        raise MistakeError(Mistake.NOT_RSA) from None
    except ValueError:
        raise MistakeError(Mistake.NOT_A_KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise MistakeError(Mistake.NOT_RSA)
    return key


def _validated(key: RSAPrivateKey, patience_s: float) -> RSAPrivateKey:
    """Return `key` after the library checked all its numbers; what would take it seconds is refused before."""
    if key.key_size < MIN_BITS:
        raise MistakeError(Mistake.TOO_SHORT)
    if key.key_size > MAX_BITS:
        raise MistakeError(Mistake.TOO_LONG)
    numbers = key.private_numbers()
    # The library tests factors for primality before it multiplies them, however long they are.
    is_balanced = abs(numbers.p.bit_length() - numbers.q.bit_length()) <= _MAX_BITS_APART
    if not is_balanced or numbers.p * numbers.q != numbers.public_numbers.n:
        raise MistakeError(Mistake.NOT_A_KEY)
    if not VALIDATING.acquire(timeout=patience_s):
        raise MistakeError(Mistake.BUSY)
    try:
        return numbers.private_key()
    except ValueError:
        raise MistakeError(Mistake.NOT_A_KEY) from None
    finally:
        VALIDATING.release()


def _private_key(key: RSAPrivateKey, pem: str, repairs: tuple[str, ...] = ()) -> PrivateKey:
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(spki).digest()).decode().rstrip("=")
    return PrivateKey(key, pem, f"SHA256:{digest}", repairs)
