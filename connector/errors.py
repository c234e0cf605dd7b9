"""What can go wrong between this instance and Commerce Services. No text of an error carries a secret."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connector.environment import Environment


class ConnectorError(Exception):
    """The base of every error of this app."""


class KeyringError(ConnectorError):
    """The ring of encryption keys cannot be used; the text names the position of the key, never its value."""


class UndecryptableError(KeyringError):
    """A stored value does not open. There is one text for every reason, so that it tells an attacker nothing."""

    def __init__(self) -> None:
        super().__init__("The stored value does not open with any encryption key of the ring.")


class ValuesUnopenedError(KeyringError):
    """Nothing was re-encrypted, since `count` stored values do not open with any key of the ring."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Nothing was changed: {count} stored values do not open with any encryption key of the ring.")
        self.count = count


class Mistake(models.TextChoices):
    """What was pasted instead of a usable private key; the label says what it is and what to do."""

    PUBLIC_KEY = (
        "public_key",
        _(
            "This is a public key. Paste the private key: the text that begins with “BEGIN PRIVATE KEY”, "
            "in the file you downloaded from the API Portal."
        ),
    )
    CERTIFICATE = (
        "certificate",
        _(
            "This is a certificate, which holds a public key only. Paste the private key: the text that begins with "
            "“BEGIN PRIVATE KEY”, in the file you downloaded from the API Portal."
        ),
    )
    API_KEY = (
        "api_key",
        _(
            "This is an API key, the public half of a pair. Paste it into the API key field, "
            "and the private key that belongs to it here."
        ),
    )
    PASSPHRASE = (
        "passphrase",
        _(
            "This private key is protected by a passphrase, so it cannot sign anything here. Remove the passphrase "
            "with “openssl pkey -in key.pem -out plain.pem”, then paste the new file's text."
        ),
    )
    OPENSSH = (
        "openssh",
        _(
            "This is a key in the format of SSH, PuTTY or PGP, which Commerce Services does not use. "
            "Paste the private key that the API Portal gave you."
        ),
    )
    NOT_RSA = (
        "not_rsa",
        _(
            "This private key is of another kind than RSA, and Commerce Services accepts RSA keys only. "
            "Paste the private key that the API Portal gave you."
        ),
    )
    TOO_SHORT = (
        "too_short",
        _(
            "This RSA key is shorter than 2048 bits, which is no longer safe to use. "
            "Generate a new key pair in the API Portal and paste its private key."
        ),
    )
    MISSING_BEGIN_END = (
        "missing_begin_end",
        _(
            "The first or the last line of the key is missing. Copy the whole text again, "
            "with the line “BEGIN PRIVATE KEY” and the line “END PRIVATE KEY”."
        ),
    )
    TRUNCATED = (
        "truncated",
        _(
            "A part of this private key is missing: the text breaks off too early. "
            "Copy the whole text again, from the BEGIN line to the END line."
        ),
    )
    CIPHERTEXT = (
        "ciphertext",
        _(
            "This is an encrypted value, not the key itself. Only the database, vault or program that encrypted it "
            "can read it. Decrypt it there, or ask the license owner for the private key as the API Portal gave it."
        ),
    )
    JWK = (
        "jwk",
        _(
            "This is a key in the form of a JSON Web Key (JWK) or XML, not the text that Commerce Services uses. "
            "Paste the text that begins with “BEGIN PRIVATE KEY”, in the file you downloaded from the API Portal."
        ),
    )
    KEY_STORE = (
        "key_store",
        _(
            "This is a key store (PKCS#12, a .p12 or .pfx file), which can hold several keys behind a passphrase. Take "
            "the key out with “openssl pkcs12 -in store.p12 -nocerts -nodes”, then paste the text that this prints."
        ),
    )
    TOKEN = (
        "token",
        _(
            "This is a token (JWT), which was signed with a key and expires. It is not the key. "
            "Paste the private key that the API Portal gave you."
        ),
    )
    TOO_LONG = (
        "too_long",
        _(
            "This is too long to be a private key of Commerce Services. "
            "Paste the text of one key only, from its BEGIN line to its END line."
        ),
    )
    SEVERAL_KEYS = (
        "several_keys",
        _(
            "This text holds more than one private key, and which one is meant cannot be told. "
            "Paste the text of one key only, from its BEGIN line to its END line."
        ),
    )
    SEVERAL_API_KEYS = (
        "several_api_keys",
        _(
            "Beside the private key, this text holds more than one API key, and which one is meant cannot be told. "
            "Paste the private key alone, and its API key into the API key field."
        ),
    )
    NOT_A_KEY = (
        "not_a_key",
        _(
            "This text cannot be read as a private key. Open the file you downloaded from the API Portal in a text "
            "editor, copy all of it and paste it here."
        ),
    )
    BUSY = (
        "busy",
        _(
            "Other private keys are being checked at this moment, so this one was not, and nothing was changed. "
            "Wait a few seconds, then paste it again and send the form again."
        ),
    )


class PemError(ConnectorError):
    """A text is no usable private key; `mistake.label` is what to tell the person."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(f"No usable private key: {mistake.value}.")
        self.mistake = mistake


class ApiKeyMistake(models.TextChoices):
    """What was pasted instead of an API key; the label says what it is and what to do."""

    PRIVATE_KEY = (
        "private_key",
        _(
            "This is a private key. Paste it into the private key field, "
            "and copy the API key (32 letters and digits) from the API Portal into this one."
        ),
    )
    CIPHERTEXT = (
        "ciphertext",
        _(
            "This is an encrypted value, not the API key itself. Only what encrypted it can read it. "
            "Copy the API key from the API Portal, where it stays listed."
        ),
    )
    SEVERAL = (
        "several",
        _(
            "This text holds more than one API key, and which one is meant cannot be told. "
            "Copy the one that you need from the API Portal."
        ),
    )
    WRONG_LENGTH = (
        "wrong_length",
        _("An API key has exactly 32 characters, and this has more or fewer. Copy it again from the API Portal."),
    )
    OTHER_CHARACTERS = (
        "other_characters",
        _(
            "An API key consists of the digits 0 to 9 and the letters a to f, and this has other characters. "
            "Copy it again from the API Portal."
        ),
    )


class ApiKeyError(ConnectorError):
    """A text is no API key; `mistake.label` is what to tell the person."""

    def __init__(self, mistake: ApiKeyMistake) -> None:
        super().__init__(f"No usable API key: {mistake.value}.")
        self.mistake = mistake


class Reason(StrEnum):
    """Why a call to the gateway came to nothing, as far as the transport and the answer tell."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS_FAILED = "tls_failed"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    JWT_INVALID = "jwt_invalid"
    CLIENT_ID_INVALID = "client_id_invalid"
    API_KEY_INVALID = "api_key_invalid"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


class GatewayError(ConnectorError):
    """A call to the gateway failed. It carries facts, no text of the answer's body and no key.

    `status` is the HTTP status, or the one in the body where that says otherwise, None without an answer;
    `retry_after_s` is in seconds, 3600 at most; `detail` is a cause's name, from our own stand-in only;
    `server_date` is the answer's `Date` header.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        status: int | None = None,
        retry_after_s: int | None = None,
        detail: str = "",
        request_id: str = "",
        server_date: datetime | None = None,
    ) -> None:
        super().__init__(f"The gateway call failed: {reason.value}, status {status or 'none'}.")
        self.reason = reason
        self.status = status
        self.retry_after_s = retry_after_s
        self.detail = detail
        self.request_id = request_id
        self.server_date = server_date


class StaleRevisionError(ConnectorError):
    """Somebody saved since the state was read that a change builds on."""


class BusyError(StaleRevisionError):
    """Somebody else's change is asking the gateway at this moment and goes first."""


class NotConfirmedError(ConnectorError):
    """A change loses something, and `name`, which has to be typed to confirm it, was not."""

    def __init__(self, name: str) -> None:
        super().__init__("The change was not confirmed.")
        self.name = name


class SwitchNotConfirmedError(ConnectorError):
    """Another environment would become the active one, and that was not confirmed."""


class OccupiedError(ConnectorError):
    """The data space is used by another instance: `name`, last seen there at `seen_at`."""

    def __init__(self, name: str, seen_at: datetime) -> None:
        super().__init__("The data space is used by another instance.")
        self.name = name
        self.seen_at = seen_at


class OneAtATimeError(ConnectorError):
    """Keys and identifier would be changed in one save."""


class NothingToRestoreError(ConnectorError):
    """There is no former pair or identifier, or the time to restore it is over."""


class TooManyAddressesError(ConnectorError):
    """As many addresses as are remembered are known already."""


class PairMissingError(ConnectorError):
    """There is no key pair that the action could use."""


class PairInTheWayError(PairMissingError):
    """The action would replace a pair that works, or one that cannot be opened now."""


class PairRejectedError(ConnectorError):
    """A verified pair would be replaced by one that the gateway rejects, or that could not be checked.

    `explanations` gives per environment the reason and that the stored pair was kept; `causes` gives the causes.
    """

    def __init__(self, explanations: Mapping[Environment, str], causes: Mapping[Environment, str]) -> None:
        super().__init__("A new pair is not verified.")
        self.explanations = explanations
        self.causes = causes


class IdentifierError(ConnectorError):
    """A project or data space cannot be used; the text is for the person, `field` is where it was chosen."""

    def __init__(self, text: str, *, field: str) -> None:
        super().__init__(text)
        self.field = field


class LockedError(IdentifierError):
    """An environment variable sets what the action would store."""


class ProjectLimitError(IdentifierError):
    """The account has `count` projects, at least one, and its license allows no more."""

    def __init__(self, count: int) -> None:
        text = ngettext(
            "No project was created: this account has %(count)d project, and its license allows no more. Choose that "
            "one under Project, or ask the license owner to extend the license.",
            "No project was created: this account has %(count)d projects, and its license allows no more. Choose one "
            "of them under Project, or ask the license owner to extend the license.",
            count,
        )
        super().__init__(text % {"count": count}, field="project_id")
