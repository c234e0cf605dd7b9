"""Second factors of people, and the clock that their codes depend on."""

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client

from backend.people.second_factor import codes
from tests.addresses import LOGIN
from tests.factories import PASSWORD

TWO_FACTOR = "/admin/account-setting/two-factor/"
SECOND_STEP = f"{LOGIN}two-factor/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Clock:
    """The time step that codes are of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.step = 1000
        monkeypatch.setattr(codes, "yield_hotp_counters_from_time", self._steps)

    def _steps(self) -> Iterator[int]:
        yield self.step

    def code(self, secret: str = SECRET) -> str:
        """Return the code that an app with `secret` shows now."""
        return format_hotp_value(hotp_value(secret, self.step))

    def wait(self) -> None:
        """Wait for the next code."""
        self.step += 1


def give_app(person: User) -> Authenticator:
    """Let `person` have an authenticator app with `SECRET`."""
    factor: Authenticator = TOTP.activate(person, SECRET).instance
    return factor


def give_codes(person: User) -> list[str]:
    """Let `person` have recovery codes, and return them."""
    given: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    return given


def type_password(client: Client, name: str = "alice", password: str = PASSWORD, **extra: str) -> str:
    """Sign in as far as the password goes; return where that leads, empty where it was refused."""
    answer = client.post(LOGIN, {"login": name, "password": password}, **extra)  # type: ignore[arg-type]
    return answer.headers.get("Location", "")


def type_code(client: Client, code: str, **extra: str) -> str:
    """Type a code as the second step; return where that leads, empty where it was refused."""
    answer = client.post(SECOND_STEP, {"code": code}, **extra)  # type: ignore[arg-type]
    return answer.headers.get("Location", "")


def is_in(client: Client) -> bool:
    """Return whether `client` is signed in."""
    return client.get("/admin/").status_code == 200
