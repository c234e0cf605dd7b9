"""Which passwords are refused, and why."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django import Settings

from backend.people.passwords import breached
from connector.models import Instance, Verification
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
ERIN = User(username="erin.w", first_name="Erin", last_name="Wójcik", email="erin@luma-shop.example")


def refusal(password: str, user: User | None = ERIN) -> str:
    """Return the codes of what is wrong with `password`, empty where it is good."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(str(part.code) for part in error.error_list)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse commerce staple",
        "correct horse battery staple",
        "la lune mange un croissant",
        "149283740192",
        "xK4$vm!Tq9zr",
        "пароль для магазина",
        "🐎🔋📎🌙🍞🐎🔋📎🌙🍞🚲🎈",
        "   blanks   around it   ",
        "x7 " * 42 + "ab",
        "erin likes purple bicycles",
    ],
)
def test_a_good_password_may_have_any_characters(password: str) -> None:
    assert refusal(password) == ""


@pytest.mark.parametrize("password", ["", "short", "eleven char", "ﬃ" * 3])
def test_it_has_12_characters_or_more(password: str) -> None:
    assert refusal(password) == "password_too_short"


def test_it_has_128_characters_or_fewer() -> None:
    assert refusal("q8Zt" * 32) == ""
    assert refusal("q8Zt" * 32 + "x") == "password_too_long"
    assert refusal("x" * 2_000_000) == "password_too_long"


# The last one is in full-width letters.
@pytest.mark.parametrize(
    "password",
    [
        "Commerce2026",
        "C0mmerce2026!",
        "adobe-admin1",
        "adobe-adobe-2026",
        "payment-services1",
        "Magento-Admin-2026",
        "P@yment$erv1ces",
        "Erin.Wojcik.1987",
        "WÓJCIK-erin-99",
        "luma-shop-2026",
        "erin@luma-shop.example",
        "Summer-2026!!",
        "Motdepasse-2026",
        "aaaaaaaaaaaa",
        "aaaaaabbbbbbcccccc",
        "commercecommerce",
        "".join(chr(ord(letter) + 0xFEE0) for letter in "COMMERCE2026"),
    ],
)
def test_words_that_others_guess_first_are_not_enough(password: str) -> None:
    assert refusal(password).split()[0] == "password_of_known_words"


def test_the_words_of_the_shop_are_those_that_are_stored_and_of_its_address(
    settings: Settings, connected: None
) -> None:
    tried = {"Zephyrtronics-2026": "", "Quillwork-26!!!": "", "Brindlewood-2026": ""}
    assert {password: refusal(password) for password in tried} == tried
    settings.ALLOWED_HOSTS = ["admin.zephyrtronics.example"]
    Instance.objects.update(name="Quillwork")
    Verification.objects.update(organization_name="Brindlewood Ltd")
    assert {refusal(password) for password in tried} == {"password_of_known_words"}


@pytest.mark.parametrize(
    "password", ["cheeseburger", "Cheeseburger", "1qaz2wsx3edc4rfv", "qwertyuiop123", "123456789012"]
)
def test_a_password_of_a_data_breach_is_refused(password: str) -> None:
    assert "password_breached" in refusal(password)


def test_the_list_in_the_tree_is_in_order_and_small() -> None:
    lines = breached.BUILT_IN.read_text(encoding="ascii").splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) > 40_000
    assert all(re.fullmatch("[0-9A-F]{10}", line) for line in lines)
    assert breached.BUILT_IN.stat().st_size < 1_000_000


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_downloaded_list_is_searched(settings: Settings, tmp_path: Path, line_end: str) -> None:
    known = [f"quite unusual words number {number}" for number in range(100)]
    lines = sorted(f"{breached.sha1(password).decode()}:{number}" for number, password in enumerate(known))
    settings.BREACHED_PASSWORDS = tmp_path / "pwned.txt"
    settings.BREACHED_PASSWORDS.write_bytes(line_end.join(lines).encode())
    assert {refusal(password) for password in known} == {"password_breached"}
    assert refusal("quite unusual words number 100") == ""


def test_a_list_that_has_gone_does_not_stop_anybody(
    settings: Settings, tmp_path: Path, all_logs: pytest.LogCaptureFixture
) -> None:
    settings.BREACHED_PASSWORDS = tmp_path / "gone.txt"
    assert refusal(PASSWORD) == ""
    assert "cannot be read" in all_logs.text
    assert PASSWORD not in all_logs.text


def test_every_refusal_says_what_to_do() -> None:
    for password in ("short", "Commerce2026", "cheeseburger"):
        with pytest.raises(ValidationError) as refused:
            validate_password(password, ERIN)
        assert any("words" in text for text in refused.value.messages), password
