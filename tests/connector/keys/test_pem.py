"""The paste doctor repairs what it can and names what it cannot."""

import base64
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from connector.keys import paste, pem
from connector.keys.mistakes import ApiKeyMistake, Mistake, MistakeError
from tests.connector.conftest import pkcs1, pkcs8


def mistake_of(text: str) -> Mistake | ApiKeyMistake:
    with pytest.raises(MistakeError) as caught:
        pem.parse(text)
    return caught.value.mistake


def test_it_takes_the_key_as_the_portal_gives_it_without_a_repair(private_key_pem: str) -> None:
    for text in (private_key_pem, private_key_pem.removesuffix("\n")):
        key = pem.parse(text)
        assert key.pem == private_key_pem
        assert key.repairs == ()


REPAIRED: dict[str, Callable[[str], str]] = {
    "Windows line endings": lambda text: text.replace("\n", "\r\n"),
    "blanks around the key": lambda text: f" \n\n{text}\n \t\n",
    "other text around the key": lambda text: f"Here is the key:\n{text}Bye",
}


@pytest.mark.parametrize("repair", REPAIRED)
def test_it_names_its_one_repair(repair: str, private_key_pem: str) -> None:
    key = pem.parse(REPAIRED[repair](private_key_pem))
    assert (key.pem, key.repairs) == (private_key_pem, (repair,))


def test_it_turns_pkcs1_into_pkcs8(rsa_key: rsa.RSAPrivateKey, private_key_pem: str) -> None:
    key = pem.parse(pkcs1(rsa_key))
    assert key.pem == private_key_pem
    assert "PKCS#1" in key.repairs[0]


def test_it_refuses_an_enormous_key_without_validating_it() -> None:
    p, q = (1 << 4100) + 1, (1 << 4099) + 1
    public = rsa.RSAPublicNumbers(65537, p * q)
    numbers = rsa.RSAPrivateNumbers(p=p, q=q, d=3, dmp1=3, dmq1=3, iqmp=3, public_numbers=public)
    assert mistake_of(pkcs8(numbers.private_key(unsafe_skip_rsa_key_validation=True))) is Mistake.TOO_LONG


def test_it_refuses_a_text_of_megabytes_at_once() -> None:
    assert mistake_of("-----BEGIN PRIVATE KEY-----" * 1_000_000) is Mistake.TOO_LONG


def test_it_refuses_a_key_whose_numbers_do_not_fit(private_key_pem: str) -> None:
    body = "".join(private_key_pem.strip().split("\n")[1:-1])
    der = bytearray(base64.b64decode(body))
    der[len(der) // 2] ^= 1
    changed = base64.encodebytes(bytes(der)).decode()
    assert mistake_of(f"-----BEGIN PRIVATE KEY-----\n{changed}-----END PRIVATE KEY-----") is Mistake.NOT_A_KEY


@given(st.text())
def test_any_text_is_refused_by_name(text: str) -> None:
    assert mistake_of(text) in Mistake


@given(st.binary(max_size=300), st.sampled_from(["PRIVATE KEY", "RSA PRIVATE KEY"]))
def test_any_bytes_in_a_block_are_refused_by_name(data: bytes, label: str) -> None:
    body = base64.encodebytes(b"\x30" + bytes([len(data) % 128]) + data).decode()
    assert mistake_of(f"-----BEGIN {label}-----\n{body}-----END {label}-----\n") in Mistake


@pytest.mark.parametrize("mistake", [*Mistake, *ApiKeyMistake])
def test_every_mistake_says_what_to_do(mistake: Mistake | ApiKeyMistake) -> None:
    assert mistake.label.count(".") >= 1
    assert mistake.label.endswith(".")


def test_the_key_hides_in_its_repr(private_key: pem.PrivateKey) -> None:
    assert repr(private_key) == f"PrivateKey(fingerprint='{private_key.fingerprint}')"


@pytest.mark.skipif(which("openssl") is None, reason="openssl is not installed")
def test_openssl_prints_the_same_fingerprint(private_key: pem.PrivateKey, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(private_key.pem)
    command = f"openssl pkey -in {path} -pubout -outform DER | openssl dgst -sha256 -binary | base64"
    printed = subprocess.run(command, shell=True, capture_output=True, check=True).stdout  # noqa: S602  (exactly the documented command)
    assert private_key.fingerprint == "SHA256:" + printed.decode().strip().rstrip("=")


def test_it_loads_what_it_stored(private_key: pem.PrivateKey) -> None:
    assert pem.load(private_key.pem) == private_key


def test_it_loads_nothing_else(ec_key_pem: str) -> None:
    for text, mistake in ((ec_key_pem, Mistake.NOT_RSA), ("x", Mistake.NOT_A_KEY), ("é", Mistake.NOT_A_KEY)):
        with pytest.raises(MistakeError) as caught:
            pem.load(text)
        assert caught.value.mistake is mistake


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(octets)]) + octets) + content


def test_a_factor_of_any_size_that_does_not_give_the_modulus_is_refused_without_validating_it(
    rsa_key: rsa.RSAPrivateKey,
) -> None:
    # The library tests factors for primality before it multiplies them: that takes 40 s for one of 32,000 bits.
    numbers = rsa_key.private_numbers()
    public, huge = numbers.public_numbers, (1 << 32_000) + 1
    values = (0, public.n, public.e, numbers.d, huge, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    body = b"".join(der(2, value.to_bytes(value.bit_length() // 8 + 1, "big")) for value in values)
    text = base64.encodebytes(der(0x30, body)).decode()
    with pem.VALIDATING, pytest.raises(MistakeError) as caught:
        paste.take_apart(f"-----BEGIN RSA PRIVATE KEY-----\n{text}-----END RSA PRIVATE KEY-----\n")
    assert caught.value.mistake is Mistake.NOT_A_KEY


def test_a_valid_key_of_lopsided_factors_is_refused_without_validating_it() -> None:
    # One factor is a Mersenne prime of 3,217 bits: testing it takes 7 s, and nothing else runs meanwhile.
    p, q, e = 65539, (1 << 3217) - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    text = pkcs8(numbers.private_key(unsafe_skip_rsa_key_validation=True))
    with pem.VALIDATING, pytest.raises(MistakeError) as caught:
        paste.take_apart(text)
    assert caught.value.mistake is Mistake.NOT_A_KEY


def test_one_pasted_key_is_validated_at_a_time(private_key_pem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paste, "PATIENCE_S", 0.01)
    with pem.VALIDATING, pytest.raises(MistakeError) as caught:
        paste.take_apart(private_key_pem)
    assert caught.value.mistake is Mistake.BUSY
    assert paste.take_apart(private_key_pem).private_key


def test_a_refused_key_lets_the_next_one_be_validated(rsa_key: rsa.RSAPrivateKey, private_key_pem: str) -> None:
    numbers = rsa_key.private_numbers()
    wrong = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d, numbers.dmp1 + 2, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    )
    text = pkcs8(wrong.private_key(unsafe_skip_rsa_key_validation=True))
    assert mistake_of(text) is Mistake.NOT_A_KEY
    assert paste.take_apart(private_key_pem).private_key


def test_a_key_of_the_installation_waits_for_its_turn(private_key_pem: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        with pem.VALIDATING:
            reading = thread.submit(pem.parse, private_key_pem)
            with pytest.raises(TimeoutError):
                reading.result(paste.PATIENCE_S + 0.2)
        assert reading.result(10).pem == private_key_pem
