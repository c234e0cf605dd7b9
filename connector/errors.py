"""What can go wrong between this instance and Commerce Services. No text of an error carries a secret."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

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
