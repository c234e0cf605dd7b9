"""How the secrets of second factors are encrypted: the room that has the encryption keys registers it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Cipher:
    """How a secret is encrypted, and how it is read again. `open` raises SealedValueError where no key fits."""

    seal: Callable[[str], str]
    open: Callable[[str], str]


_ciphers: list[Cipher] = []


def register(cipher: Cipher) -> None:
    """Encrypt with `cipher` from now on. Call it from `AppConfig.ready`."""
    _ciphers[:] = [cipher]


def seal(text: str) -> str:
    """Return `text` encrypted."""
    return _ciphers[0].seal(text)


def opened(stored: str) -> str:
    """Return the text that `seal` was given. Raises SealedValueError."""
    return _ciphers[0].open(stored)
