"""What people paste instead of a key: each mistake has a name, and a text that says what it is and what to do."""

from enum import Enum
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector.errors import ConnectorError

_FROM_PORTAL = _("Paste the private key that the API Portal gave you.")
_FROM_FILE = _(
    "Paste the private key: the text that begins with “BEGIN PRIVATE KEY”, in the file you downloaded from the API "
    "Portal."
)
_ONE_KEY = _("Paste the text of one key only, from its BEGIN line to its END line.")


class _Mistake(Enum):
    """A mistake by its name. `sentences` say what was pasted, and what to do about it in the field."""

    sentences: tuple[Promise, ...]

    def __new__(cls, *sentences: Promise) -> Self:
        """Make a member whose value is its number: to compare translated texts would translate them."""
        mistake = object.__new__(cls)
        mistake._value_ = len(cls.__members__)
        mistake.sentences = sentences
        return mistake

    @property
    def label(self) -> str:
        """What it is and what to do."""
        return " ".join(map(str, self.sentences))


class Mistake(_Mistake):
    """What was pasted instead of a usable private key."""

    PUBLIC_KEY = (_("This is a public key."), _FROM_FILE)
    CERTIFICATE = (_("This is a certificate, which holds a public key only."), _FROM_FILE)
    API_KEY = (
        _("This is an API key, the public half of a pair."),
        _("Paste it into the API key field, and the private key that belongs to it here."),
    )
    PASSPHRASE = (
        _("This private key is protected by a passphrase, so it cannot sign anything here."),
        _("Remove the passphrase with “openssl pkey -in key.pem -out plain.pem”, then paste the new file’s text."),
    )
    OPENSSH = (
        _("This is a key in the format of SSH, PuTTY or PGP, which Commerce Services does not use."),
        _FROM_PORTAL,
    )
    NOT_RSA = (
        _("This private key is of another kind than RSA, and Commerce Services accepts RSA keys only."),
        _FROM_PORTAL,
    )
    TOO_SHORT = (
        _("This RSA key is shorter than 2048 bits, which is no longer safe to use."),
        _("Generate a new key pair in the API Portal and paste its private key."),
    )
    MISSING_BEGIN_END = (
        _("The first or the last line of the key is missing."),
        _("Copy the whole text again, with the line “BEGIN PRIVATE KEY” and the line “END PRIVATE KEY”."),
    )
    TRUNCATED = (
        _("A part of this private key is missing: the text breaks off too early."),
        _("Copy the whole text again, from the BEGIN line to the END line."),
    )
    CIPHERTEXT = (
        _("This is an encrypted value, not the key itself."),
        _(
            "Only the database, vault or program that encrypted it can read it. Decrypt it there, or ask the license "
            "owner for the private key as the API Portal gave it."
        ),
    )
    JWK = (
        _("This is a key in the form of a JSON Web Key (JWK) or XML, not the text that Commerce Services uses."),
        _("Paste the text that begins with “BEGIN PRIVATE KEY”, in the file you downloaded from the API Portal."),
    )
    KEY_STORE = (
        _("This is a key store (PKCS#12, a .p12 or .pfx file), which can hold several keys behind a passphrase."),
        _(
            "Take the key out with “openssl pkcs12 -in store.p12 -nocerts -nodes”, then paste the text that this "
            "prints."
        ),
    )
    TOKEN = (_("This is a token (JWT), which was signed with a key and expires. It is not the key."), _FROM_PORTAL)
    TOO_LONG = (_("This is too long to be a private key of Commerce Services."), _ONE_KEY)
    SEVERAL_KEYS = (_("This text holds more than one private key, so it is unclear which one you mean."), _ONE_KEY)
    SEVERAL_API_KEYS = (
        _("Beside the private key, this text holds more than one API key, so it is unclear which one you mean."),
        _("Paste the private key alone, and its API key into the API key field."),
    )
    NOT_A_KEY = (
        _("This text cannot be read as a private key."),
        _("Open the file you downloaded from the API Portal in a text editor, copy all of it and paste it here."),
    )
    BUSY = (
        _("Other private keys are being checked at this moment, so this one was not, and nothing was changed."),
        _("Wait a few seconds, then paste it again and send the form again."),
    )


class ApiKeyMistake(_Mistake):
    """What was pasted instead of an API key."""

    PRIVATE_KEY = _(
        "This is a private key. Paste it into the private key field, "
        "and copy the API key (32 letters and digits) from the API Portal into this one."
    )
    CIPHERTEXT = _(
        "This is an encrypted value, not the API key itself. Only what encrypted it can read it. "
        "Copy the API key from the API Portal, where it stays listed."
    )
    SEVERAL = _(
        "This text holds more than one API key, so it is unclear which one you mean. "
        "Copy the one that you need from the API Portal."
    )
    WRONG_LENGTH = _(
        "An API key has exactly 32 characters, and this has more or fewer. Copy it again from the API Portal."
    )
    OTHER_CHARACTERS = _(
        "An API key consists of the digits 0 to 9 and the letters a to f, and this has other characters. "
        "Copy it again from the API Portal."
    )


class MistakeError(ConnectorError):
    """A text is no usable key; `mistake` is what it is instead."""

    def __init__(self, mistake: Mistake | ApiKeyMistake) -> None:
        self.mistake, self.code, self.text = mistake, mistake.name.lower(), mistake.label
        super().__init__(f"No usable key: {self.code}.")
