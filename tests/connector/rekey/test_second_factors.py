"""The secrets of second factors are encrypted with the ring, and re-encrypted with it."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django import Settings

from backend.frame.outages import SealedValueError
from connector.errors import ValuesUnopenedError
from connector.keys import keyring
from connector.rekey import reencryption
from tests.connector.rekey.test_rekey_command import refused
from tests.factories import rotate

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def factors(charlie: User) -> list[Authenticator]:
    """An authenticator app and recovery codes of Charlie."""
    return [TOTP.activate(charlie, SECRET).instance, RecoveryCodes.activate(charlie).instance]


def test_no_secret_is_stored_as_it_is(factors: list[Authenticator]) -> None:
    app, recovery = factors
    assert app.data["secret"].startswith("cs1:")
    assert recovery.data["seed"].startswith("cs1:")
    assert decrypt(app.data["secret"]) == SECRET


def test_a_secret_opens_nowhere_else(factors: list[Authenticator]) -> None:
    sealed = keyring.default().encrypt(SECRET, associated_data="connector_keypair|api_key|sandbox|1")
    with pytest.raises(SealedValueError):
        decrypt(sealed)


def test_secrets_are_counted_and_reencrypted(factors: list[Authenticator], settings: Settings) -> None:
    recovery = factors[1].wrap().generate_codes()
    new, old = rotate(settings)
    assert {key.key_id: key.count for key in reencryption.read().keys} == {new: 0, old: 2}
    assert reencryption.rekey() == 2
    assert {key.key_id: key.count for key in reencryption.read().keys} == {new: 2, old: 0}
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == SECRET
    assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == recovery


def test_a_key_that_a_secret_needs_is_not_retired(factors: list[Authenticator], settings: Settings) -> None:
    _new, old = rotate(settings)
    assert f"mfa_authenticator.data, charlie, second factor, {old}" in refused("--retire", old)[1]
    call_command("rekey")
    call_command("rekey", "--retire", old)


@pytest.mark.parametrize("data", [{}, {"secret": "damaged"}, {"secret": None}])
def test_a_secret_that_does_not_open_stops_the_reencryption(
    factors: list[Authenticator], settings: Settings, data: dict[str, str]
) -> None:
    Authenticator.objects.filter(type="totp").update(data=data)
    rotate(settings)
    with pytest.raises(ValuesUnopenedError):
        reencryption.rekey()
    (value,) = reencryption.read().unopened
    assert (value.place, value.owner_label) == ("mfa_authenticator.data", "charlie")


def test_a_passkey_has_no_secret(charlie: User) -> None:
    Authenticator.objects.create(user=charlie, type="webauthn", data={"name": "Phone"})
    assert reencryption.values() == []
