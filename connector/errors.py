"""What can go wrong between this instance and Commerce Services. No text of an error carries a secret."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from connector.action_log import Refusal


class ConnectorError(Exception):
    """The base of every error of this app.

    `code` is what programs and the action log know it by: a `Refusal`, or a cause. `text` is for people, and `field` is
    the form field it belongs to, empty for the form as a whole. An error without a text is not about what was sent.
    An error about several fields or key pairs has `texts` by field, and `causes` by environment.
    """

    code: str = ""
    text: str | Promise = ""
    field: str = ""
    texts: Mapping[str, str | Promise] = MappingProxyType({})
    causes: Mapping[str, str] = MappingProxyType({})


class KeyringError(ConnectorError):
    """The ring of encryption keys cannot be used; the text names the position of the key, never its value."""


class UndecryptableError(KeyringError):
    """A stored value does not open. There is one text for every reason, so that an attacker learns nothing."""

    code = "undecryptable"
    text = gettext_lazy(
        "The former pair does not open with any encryption key, so nothing was changed. Ask the people who run this "
        "server to restore the key that it was stored with. If somebody changed its row in the database, nothing "
        "brings it back: enter a new pair."
    )

    def __init__(self) -> None:
        super().__init__("The stored value does not open with any encryption key of the ring.")


class ValuesUnopenedError(KeyringError):
    """Nothing was re-encrypted, since `count` stored values do not open with any key of the ring."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Nothing was changed: {count} stored values do not open with any encryption key of the ring.")
        self.count = count


class Reason(StrEnum):
    """Why a call to the gateway failed, as far as the transport and the answer show."""

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


@dataclass(eq=False, repr=False)
class GatewayError(ConnectorError):
    """A call to the gateway failed. It carries facts, no text of the answer's body and no key.

    `status` is the HTTP status, or the one in the body where that says otherwise, None without an answer;
    `retry_after_s` is in seconds, 3600 at most; `detail` is a cause's name, from our own stand-in only;
    `server_date` is the answer's `Date` header.
    """

    reason: Reason
    _: KW_ONLY
    status: int | None = None
    retry_after_s: int | None = None
    detail: str = ""
    request_id: str = ""
    server_date: datetime | None = None

    def __str__(self) -> str:
        return f"The gateway call failed: {self.reason.value}, status {self.status or 'none'}."


class RefusedError(ConnectorError):
    """An action was not done, or may not have been: `text` says why, and what to do; `code` is a refusal or a cause."""

    def __init__(self, code: str, text: str, field: str = "") -> None:
        super().__init__(text)
        self.code, self.text, self.field = code, text, field


class StaleRevisionError(ConnectorError):
    """Somebody saved since the state was read that a change builds on."""

    code = Refusal.STALE
    text = gettext_lazy(
        "Nothing was changed: the configuration was saved again after you opened it, in another tab or by somebody "
        "else. Check the current values, then try again."
    )


class BusyError(StaleRevisionError):
    """Somebody else's change is asking the gateway at this moment and goes first."""

    code = Refusal.BUSY
    text = gettext_lazy(
        "Nothing was changed: this configuration is being changed at this moment, in another tab or by somebody else. "
        "Wait a few seconds, look at it again, then repeat what you did."
    )


class PairMissingError(ConnectorError):
    """There is no key pair that the action could use."""

    code = "keys_missing"
    text = gettext_lazy(
        "There is no key pair that this can be done with. Enter the keys of the active environment first."
    )


class PairRejectedError(ConnectorError):
    """A verified pair would be replaced by one that the gateway rejects, or that could not be checked.

    `texts` gives the reason at the field of the half that is to blame.
    """

    code, field = "rejected", "insist"

    def __init__(self, texts: Mapping[str, str], causes: Mapping[str, str]) -> None:
        super().__init__("A new pair is not verified.")
        self.text, self.texts, self.causes = " ".join(texts.values()), texts, causes
