"""What can go wrong between this instance and Commerce Services. No text of an error carries a secret."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connector.action_log import Refusal


class ConnectorError(Exception):
    """The base of every error of this app.

    `code` is what programs and the action log know it by: a `Refusal`, or a cause. `text` is for people, and `field` is
    the form field it belongs to, empty for the form as a whole. An error without a text is not about what was sent.
    One that is about several fields or key pairs has the `texts` by field, and the `causes` by environment.
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
        "server to restore the key that it was stored with."
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


class NotDoneError(ConnectorError):
    """Commerce Services did not do what they were asked for, or may not have; `cause` is why."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(f"Commerce Services did not do it: {cause}.")
        self.code = cause
        self.text = text


class StaleRevisionError(ConnectorError):
    """Somebody saved since the state was read that a change builds on."""

    code = Refusal.STALE
    text = gettext_lazy(
        "Nothing was changed: the configuration was saved again after you opened it, in another tab or by somebody "
        "else. Look at what is stored now, then repeat what you did."
    )


class BusyError(StaleRevisionError):
    """Somebody else's change is asking the gateway at this moment and goes first."""

    code = Refusal.BUSY
    text = gettext_lazy(
        "Nothing was changed: this configuration is being changed at this moment, in another tab or by somebody else. "
        "Wait a few seconds, look at it again, then repeat what you did."
    )


class NotConfirmedError(ConnectorError):
    """A change loses something, and `name`, which has to be typed to confirm it, was not."""

    code, field = Refusal.NOT_CONFIRMED, "confirmation"

    def __init__(self, name: str) -> None:
        super().__init__("The change was not confirmed.")
        self.name = name
        self.text = _("Type “%(name)s” here to confirm what this change costs. Nothing was changed.") % {"name": name}


class SwitchNotConfirmedError(ConnectorError):
    """Another environment would become the active one, and that was not confirmed."""

    code, field = Refusal.SWITCH_NOT_CONFIRMED, "switches"
    text = gettext_lazy("Tick the box to confirm the switch, then save again. Nothing was saved.")


class OccupiedError(ConnectorError):
    """The data space is used by another instance: `name`, last seen there at `seen_at`."""

    code, field = Refusal.OCCUPIED, "data_space_id"

    def __init__(self, name: str, seen_at: datetime) -> None:
        super().__init__("The data space is used by another instance.")
        self.name = name
        self.seen_at = seen_at
        self.text = _(
            "“%(name)s” works in this data space; it was last seen there on %(time)s. Two instances in one data space "
            "overwrite each other's data. Nothing was saved: choose another data space, or choose this one below and "
            "confirm that you mean it."
        ) % {"name": name, "time": date_format(timezone.localtime(seen_at), "DATETIME_FORMAT")}


class OneAtATimeError(ConnectorError):
    """Keys and identifier would be changed in one save."""

    code = Refusal.ONE_AT_A_TIME
    text = gettext_lazy(
        "Keys and project or data space are not changed in one save: if payments stopped, nobody could tell which "
        "of them it was. Nothing was saved. Save the keys first, then choose the project or data space."
    )


class TooManyAddressesError(ConnectorError):
    """As many addresses as are remembered are known already."""

    code = Refusal.TOO_MANY_ADDRESSES
    text = gettext_lazy(
        "Nothing was changed: this Admin has as many addresses as are remembered. Open it at one of them, or say that "
        "it has moved where they are no longer used: that forgets them."
    )


class PairMissingError(ConnectorError):
    """There is no key pair that the action could use."""

    code = "keys_missing"
    text = gettext_lazy(
        "There is no key pair that this can be done with. Enter the keys of the active environment first."
    )


class PairInTheWayError(PairMissingError):
    """The action would replace a pair that works, or one that cannot be opened now."""

    text = gettext_lazy(
        "Nothing was moved: it would replace a pair that works or that only its encryption key can open."
    )


class PairRejectedError(ConnectorError):
    """A verified pair would be replaced by one that the gateway rejects, or that could not be checked.

    `texts` gives the reason at the field of the half that is to blame.
    """

    code, field = "rejected", "insist"

    def __init__(self, texts: Mapping[str, str], causes: Mapping[str, str]) -> None:
        super().__init__("A new pair is not verified.")
        self.text, self.texts, self.causes = " ".join(texts.values()), texts, causes


class IdentifierError(ConnectorError):
    """A project or data space cannot be used; `field` is where it was chosen."""

    code = Refusal.IDENTIFIER

    def __init__(self, text: str, *, field: str) -> None:
        super().__init__(text)
        self.text = text
        self.field = field


class LockedError(IdentifierError):
    """An environment variable sets the value of `field`, which the action would store."""

    code = Refusal.LOCKED

    def __init__(self, field: str) -> None:
        super().__init__(
            _("An environment variable sets this. Change it there and restart the server. Nothing was done here."),
            field=field,
        )


class ProjectLimitError(IdentifierError):
    """The account has `count` projects, at least one, and its license allows no more."""

    code = Refusal.LICENSE

    def __init__(self, count: int) -> None:
        text = ngettext(
            "No project was created: this account has %(count)d project, and its license allows no more. Choose that "
            "one under Project, or ask the license owner to extend the license.",
            "No project was created: this account has %(count)d projects, and its license allows no more. Choose one "
            "of them under Project, or ask the license owner to extend the license.",
            count,
        )
        super().__init__(text % {"count": count}, field="project_id")
