"""New RSA key pairs."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

KEY_BITS = 3072


@dataclass(frozen=True)
class NewPair:
    """Both halves of a new key pair as PEM: PKCS#8 without a passphrase, and SubjectPublicKeyInfo."""

    public_key: str
    private_key: str = field(repr=False)

    @classmethod
    def generate(cls) -> "NewPair":
        """Make a pair; takes some tenths of a second."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        private_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public_key = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(public_key.decode("ascii"), private_key.decode("ascii"))
