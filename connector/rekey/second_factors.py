"""The secrets of second factors: how they are encrypted, and which of them are stored.

allauth encrypts a secret before it knows the row that it goes to, so these values are tied to their column alone.
"""

from allauth.mfa.models import Authenticator

from backend.frame.outages import SealedValueError
from connector.errors import KeyringError
from connector.keys import keyring
from connector.keys.keyring import Keyring

CONTEXT = "mfa_authenticator|data"
# Where each type has its secret. A passkey is a public key, so it has none.
FIELDS = {Authenticator.Type.TOTP.value: "secret", Authenticator.Type.RECOVERY_CODES.value: "seed"}


def seal(plain: str) -> str:
    """Return `plain` encrypted."""
    return keyring.default().encrypt(plain, associated_data=CONTEXT)


def opened(stored: str) -> str:
    """Return the plain text of `stored`. Raises SealedValueError."""
    try:
        return keyring.default().decrypt(stored, associated_data=CONTEXT)
    except KeyringError:
        raise SealedValueError from None


def stored(*, to_change: bool = False) -> list[Authenticator]:
    """Return every factor that has a secret. `to_change` locks the rows, and needs a transaction."""
    rows = Authenticator.objects.filter(type__in=FIELDS).order_by("pk")
    # Without the lock, a code that somebody uses at the same moment would work again.
    return list(rows.select_for_update() if to_change else rows.select_related("user"))


def secret_of(factor: Authenticator) -> str:
    """Return the encrypted secret of `factor`, empty where its row is damaged."""
    return str(factor.data.get(FIELDS[factor.type], ""))


def reencrypt(factor: Authenticator, newest: str) -> int:
    """Encrypt the secret of `factor` with the newest key; return how many values had another one."""
    sealed = secret_of(factor)
    if Keyring.key_id(sealed) == newest:
        return 0
    factor.data[FIELDS[factor.type]] = seal(opened(sealed))
    factor.save(update_fields=["data"])
    return 1
