"""Parts of a private key are found, and ordinary text is not taken for one."""

import random
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.frame.leaks import holds_key, without_keys
from connector.gateway.client import Credentials

INNOCENT = [
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
    "Donaudampfschifffahrtsgesellschaftskapitaen",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "Where is my private key, and who set it on 2026-03-01?",
    "/home/anna/Documents/Shop2026/keys/NewKey",
    "C:/Users/JSmith/AppData/Roaming/Shop/EU_Prod_2026",
    "https://shop.example.com/de/B2B/Katalog/Neu-2026/index.html?utm_source=Newsletter",
    "anna-maria.von-und-zu-Guttenberg@fabrikam-online-shop.example",
    "3f2b9c1d4e5f60718293a4b5c6d7e8f9",
    "3F2B9C1D4E5F60718293A4B5C6D7E8F9",
    "SandboxKey_3f2b9c1d4e5f60718293a4b5c6d7e8f9",
    "0b7c1d8e-0000-4000-8000-00000000abcd",
    "0B7C1D8E-5f1a-4C3B-8000-00000000ABCD",
    "Fabrikam-EU-Production-Store-View-DE_DE-2026",
    "ACME-Corp-B2C-Sandbox-QA1-Key3",
    "MagentoPaymentServicesDashboard",
    "MagentoB2BStorefrontSandboxKey",
    "Magento_PaymentServicesDashboard::paymentservicesdashboard",
    "commerce-services-connector/remove-keys/sandbox",
    "FABRIKAM_SHOP_EU_PRODUCTION_2026_V2",
    "github.com/magento-commerce/services-connector/issues/12",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "V1StGXR8Z5jdHi6BmyTq3x",
    "SHA256:6HAQ/qbDAgMBAAECggEATKeAaU3rcq8dgYXTtkAAfeS",
    "MAG000000007",
    "ＦＡＢＲＩＫＡＭ株式会社ＥＵＰｒｏｄｕｃｔｉｏｎ店２０２６",
    "हिन्दी\u200dदुकान FabrikamShop\u200cEU\u200cProduction\u200cStore",
    "株式会社ファブリカムのオンラインショップの本番環境用の鍵の名前",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_people_write_is_no_part_of_a_key(text: str) -> None:
    assert not holds_key(text)
    assert not holds_key(quote(text))
    assert without_keys(text) == text


@settings(max_examples=200, deadline=None)
@given(
    start=st.integers(36, 1500),
    length=st.integers(48, 200),
    around=st.sampled_from(["{}", "Shop {}", "({})", "/a/{}/"]),
)
def test_every_part_of_a_key_is_noticed(pair: Credentials, start: int, length: int, around: str) -> None:
    body = "".join(pair.private_key.pem.splitlines()[1:-1])
    part = body[start : start + length]
    assert holds_key(around.format(part))
    assert part[10:30] not in without_keys(around.format(part))


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize(("length", "missed"), [(24, 10), (32, 1), (40, 0)])
def test_hardly_any_short_part_is_missed(encode: Callable[[bytes], bytes], length: int, missed: int) -> None:
    body = encode(random.Random(7).randbytes(5000)).decode()  # noqa: S311  (no key, and the same in every run)
    parts = [body[at : at + length] for at in range(len(body) - length)]
    assert len(parts) > 6000
    assert sum(not holds_key(part) for part in parts) <= missed


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200b\u200d"])
def test_invisible_characters_hide_no_part_of_a_key(pair: Credentials, hidden: str) -> None:
    assert holds_key(hidden.join(pair.private_key.pem.splitlines()[7]))


def test_full_width_letters_hide_no_part_of_a_key(pair: Credentials) -> None:
    line = pair.private_key.pem.splitlines()[7]
    assert holds_key("".join(chr(ord(character) + 0xFEE0) for character in line))


def test_every_line_of_a_key_is_noticed_in_base64_too(pair: Credentials) -> None:
    again = b64encode(pair.private_key.pem.encode()).decode()
    lines = [*pair.private_key.pem.splitlines()[:-2], *(again[at : at + 64] for at in range(0, len(again) - 64, 64))]
    assert [line for line in lines if not holds_key(line)] == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END ENCRYPTED PRIVATE KEY-----",
        "Key-----BEGIN PRIVATE KEY-----",
        "SHA256:6HAQ/qbDAgMBAAECggEATKeAaU3rcq8dgYXTtkAAfeS0AlnenhtkA",
    ],
)
def test_the_first_and_last_line_of_a_key_are_noticed(text: str) -> None:
    assert holds_key(text)


def test_an_address_keeps_what_is_no_key(pair: Credentials) -> None:
    line = quote(pair.private_key.pem.splitlines()[9], safe="")
    assert without_keys(f"/admin/search/?q={line}&page=2") == "/admin/search/?q=…&page=2"


@pytest.mark.parametrize("text", ["Ab1/", "A1-", "%2B", "-BEGIN ", "-", "PRIVATE KEY", "A"])
def test_a_long_text_is_looked_through_in_one_go(text: str) -> None:
    long = text * (1_000_000 // len(text))
    assert not holds_key(long)
    assert without_keys(long) == long
