"""The ring of encryption keys: nothing else encrypts or decrypts what the database stores.

A stored value is one line of text, `cs1:<key id>:<base64url of nonce and ciphertext>`. The key id names the key of the
ring that wrote it. Version, key id and the caller's associated data (table, column and row) are authenticated: a value
does not open in another row, nor with another header.

Source: NIST SP 800-38D (AES-GCM, 96-bit random nonces).
"""

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from connector.errors import KeyringError, UndecryptableError

ENVELOPE_PREFIX = "cs1:"
KEY_BYTES = 32
NONCE_BYTES = 12

_ENVELOPE = re.compile(r"cs1:([0-9a-f]{16}):([A-Za-z0-9_-]+)", re.ASCII)
_KEY_ID_CONTEXT = b"commerce-admin key id v1:"


class Keyring:
    """Encrypts with the newest key and decrypts with every key it holds.

    `keys`, at least one, are urlsafe base64 of 32 random bytes each, newest first; `generate_key()` makes one.

    Raises:
        KeyringError: a key is missing, malformed or weak; the text names its position.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._ciphers = {}
        for position, key in enumerate(keys, start=1):
            raw = _decode_key(key, position)
            self._ciphers[hashlib.sha256(_KEY_ID_CONTEXT + raw).hexdigest()[:16]] = AESGCM(raw)
        # Newest first; a key that is listed twice counts once.
        self.key_ids = tuple(self._ciphers)
        self.newest_key_id = self.key_ids[0]

    def encrypt(self, plain: str, *, associated_data: str) -> str:
        """Return the envelope of `plain`, which opens only with the same `associated_data`."""
        nonce = os.urandom(NONCE_BYTES)
        header = f"{ENVELOPE_PREFIX}{self.newest_key_id}:"
        cipher = self._ciphers[self.newest_key_id]
        sealed = cipher.encrypt(nonce, plain.encode(), _authenticated(header, associated_data))
        return header + _base64url(nonce + sealed)

    def decrypt(self, stored: str, *, associated_data: str) -> str:
        """Return the text that `encrypt` was given. Raises UndecryptableError, whatever the reason."""
        key_id = self.key_id(stored)
        header = f"{ENVELOPE_PREFIX}{key_id}:"
        body = stored.removeprefix(header)
        try:
            data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            nonce, sealed = data[:NONCE_BYTES], data[NONCE_BYTES:]
            plain = self._ciphers[key_id].decrypt(nonce, sealed, _authenticated(header, associated_data)).decode()
        except (InvalidTag, KeyError, ValueError):
            raise UndecryptableError from None
        # The last character has bits that mean nothing. Only the spelling of `encrypt` opens.
        if _base64url(data) != body:
            raise UndecryptableError
        return plain

    @staticmethod
    def key_id(stored: str) -> str:
        """Return the id of the key that wrote `stored`, in the ring or not, or raise UndecryptableError."""
        match = _ENVELOPE.fullmatch(stored)
        if not match:
            raise UndecryptableError
        return match[1]


_ring = lru_cache(maxsize=4)(Keyring)


def default() -> Keyring:
    """Return the ring of `settings.ENCRYPTION_KEYS`, built once per value of that setting. Raises as `Keyring`."""
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def generate_key() -> str:
    """Return a new random key in the form that `ENCRYPTION_KEYS` takes."""
    raw = os.urandom(KEY_BYTES)
    return generate_key() if _is_weak(raw) else base64.urlsafe_b64encode(raw).decode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _authenticated(header: str, associated_data: str) -> bytes:
    # The header has a fixed form, so the two can be joined without a separator.
    return f"{header}{associated_data}".encode()


def _decode_key(key: str, position: int) -> bytes:
    if not key:
        message = f"Encryption key {position} is missing. Set ENCRYPTION_KEYS, newest key first."
        raise KeyringError(message)
    try:
        raw = base64.b64decode(key, altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        message = f"Encryption key {position} is malformed: ENCRYPTION_KEYS takes urlsafe base64 of {KEY_BYTES} bytes."
        raise KeyringError(message) from None
    if _is_weak(raw):
        message = (
            f"Encryption key {position} is weak: ENCRYPTION_KEYS takes {KEY_BYTES} random bytes, not a text or pattern."
        )
        raise KeyringError(message)
    return raw


def _is_weak(raw: bytes) -> bool:
    """Return whether `raw` is text or a pattern. Random bytes look like one once in four billion times."""
    return raw.isascii() or len(set(raw)) < KEY_BYTES // 2
