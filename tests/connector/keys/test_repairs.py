"""A mangled key comes out as the same key, and nothing else passes for a key."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.keys import api_keys, paste, pem, repairs
from connector.keys.mistakes import ApiKeyMistake, Mistake, MistakeError
from tests.connector.conftest import pkcs1, pkcs8
from tests.connector.keys.manglings import ALL, NAMED, Mangling, combinations, furnished, mangled
from tests.connector.keys.test_diagnosis import NAMED as NO_KEYS

pytestmark = pytest.mark.slow
# Reading a key takes 30 ms, with 4096 bits 400 ms, so an example may take its time.
unhurried = settings(deadline=None, max_examples=40)
KINDS = ["pkcs8", "pkcs1", "3072"]


class Keys:
    """Texts of valid keys with their canonical form, in an object because a failing test prints its fixtures."""

    def __init__(self, texts: dict[str, tuple[str, str]]) -> None:
        self.of = texts


@pytest.fixture(scope="session")
def keys(rsa_key: rsa.RSAPrivateKey) -> Keys:
    plain, longer = pkcs8(rsa_key), pkcs8(rsa.generate_private_key(65537, 3072))
    return Keys({"pkcs8": (plain, plain), "pkcs1": (pkcs1(rsa_key), plain), "3072": (longer, longer)})


# A mangling turns these into something else.
FRAGILE = {"Commerce, short", "sealed secret in YAML", "PKCS#12 opened as a text", "half of the first line", "time"}


class Refused:
    """Texts without a usable key, each with the mistake, in an object because a failing test prints its fixtures."""

    def __init__(self, *texts: tuple[str, Mistake]) -> None:
        self.texts = texts


@pytest.fixture(scope="session")
def refused(rsa_key: rsa.RSAPrivateKey, ec_key_pem: str, other_private_key_pem: str) -> Refused:
    named = [(make(rsa_key), mistake) for name, (mistake, make) in NO_KEYS.items() if name not in FRAGILE]
    several = [(pkcs8(rsa_key) + other, Mistake.SEVERAL_KEYS) for other in (other_private_key_pem, ec_key_pem)]
    return Refused(*named, *several)


def refusal(text: str) -> Mistake | ApiKeyMistake | None:
    try:
        paste.take_apart(text)
    except MistakeError as error:
        return error.mistake
    return None


def test_a_key_of_4096_bits_is_taken() -> None:
    text = pkcs8(rsa.generate_private_key(65537, 4096))
    assert pem.parse(text.replace("\n", "\\n")).pem == text


@pytest.mark.parametrize(
    ("name", "mangling"), [(name, mangling) for name, family in NAMED.items() for mangling in family]
)
def test_every_mangling_is_repaired_by_its_name(name: str, mangling: str, keys: Keys) -> None:
    text, canonical = keys.of["pkcs8"]
    key = pem.parse(NAMED[name][mangling](text))
    assert key.pem == canonical
    assert name in key.repairs


@unhurried
@given(kind=st.sampled_from(KINDS), manglings=combinations())
def test_any_mangling_of_any_valid_key_gives_the_same_key(keys: Keys, kind: str, manglings: list[Mangling]) -> None:
    text, canonical = keys.of[kind]
    assert pem.parse(mangled(text, manglings)).pem == canonical


@unhurried
@given(kind=st.sampled_from(KINDS), manglings=furnished())
def test_any_furniture_of_lines_and_what_wraps_it_gives_the_same_key(
    keys: Keys, kind: str, manglings: list[Mangling]
) -> None:
    text, canonical = keys.of[kind]
    assert pem.parse(mangled(text, manglings)).pem == canonical


@unhurried
@given(data=st.data(), manglings=combinations(3))
def test_any_mangling_of_a_refused_text_is_refused_for_the_same_reason(
    refused: Refused, data: st.DataObject, manglings: list[Mangling]
) -> None:
    text, mistake = refused.texts[data.draw(st.integers(0, len(refused.texts) - 1))]
    assert refusal(mangled(text, manglings)) is mistake


def test_each_mangling_of_each_refused_text_is_refused_for_the_same_reason(
    refused: Refused,
) -> None:
    wrong = [
        (mistake, found)
        for text, mistake in refused.texts
        for mangling in ALL
        if (found := refusal(mangling(text))) != mistake
    ]
    assert wrong == []


@unhurried
@given(data=st.data(), manglings=combinations(2))
def test_a_key_that_is_cut_anywhere_is_never_accepted(
    keys: Keys, data: st.DataObject, manglings: list[Mangling]
) -> None:
    # A key that lost only dashes is still whole.
    text = keys.of["pkcs8"][0].strip().strip("-")
    cut = data.draw(st.integers(1, len(text) - 1))
    for part in (text[:cut], text[cut:]):
        assert refusal(mangled(part, manglings)) is not None


@unhurried
@given(data=st.data())
def test_a_key_with_another_bit_is_never_accepted(keys: Keys, data: st.DataObject) -> None:
    lines = keys.of["pkcs8"][0].strip().split("\n")
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    der[data.draw(st.integers(0, len(der) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    body = base64.encodebytes(bytes(der)).decode()
    assert refusal(f"{lines[0]}\n{body}{lines[-1]}\n") is not None


@unhurried
@given(data=st.data())
def test_a_key_with_another_character_is_never_another_key(keys: Keys, data: st.DataObject) -> None:
    text, canonical = keys.of["pkcs8"]
    at = data.draw(st.integers(0, len(text) - 1))
    changed = (
        text[:at] + data.draw(st.characters(max_codepoint=0x2FFF, categories=["L", "N", "P", "S"])) + text[at + 1 :]
    )
    assert refusal(changed) is not None or pem.parse(changed).pem == canonical


@given(st.text(alphabet=st.sampled_from("-BEGIN PRVATKYxAM=+/\\nu200b\"'>:{}\n\u200b\u00a0"), max_size=200))
def test_any_text_of_a_keys_parts_is_refused(text: str) -> None:
    assert refusal(text) is not None


def test_two_different_keys_are_refused_rather_than_chosen_from(
    private_key_pem: str, other_private_key_pem: str
) -> None:
    assert refusal(private_key_pem + other_private_key_pem) is Mistake.SEVERAL_KEYS
    assert refusal(f"{private_key_pem[:900]}\n{other_private_key_pem}") is Mistake.SEVERAL_KEYS


def test_two_different_keys_are_refused_wherever_the_second_one_hides(
    private_key_pem: str, other_private_key_pem: str
) -> None:
    hidden = base64.b64encode(other_private_key_pem.encode()).decode()
    assert refusal(f"{private_key_pem}\nnew: {hidden}") is Mistake.SEVERAL_KEYS
    assert refusal(json.dumps([private_key_pem.split("\n"), other_private_key_pem.split("\n")])) is Mistake.SEVERAL_KEYS


def test_a_diff_from_one_key_to_another_is_refused(private_key_pem: str, other_private_key_pem: str) -> None:
    begin, *old, end = private_key_pem.strip().split("\n")
    new = other_private_key_pem.strip().split("\n")[1:-1]
    changed = [f" {begin}", *(f"-{line}" for line in old), *(f"+{line}" for line in new), f" {end}"]
    assert refusal("\n".join(changed)) is Mistake.NOT_A_KEY


def test_the_same_key_twice_is_one_key(private_key_pem: str) -> None:
    key = pem.parse(private_key_pem + private_key_pem.replace("\n", "\n  "))
    assert key.pem == private_key_pem
    assert "other text around the key" in key.repairs


def test_the_limit_counts_bytes(private_key_pem: str) -> None:
    room = repairs.MAX_BYTES - len(private_key_pem)
    assert refusal(private_key_pem + "\n" * room) is None
    assert refusal(private_key_pem + "\n" * (room + 1)) is Mistake.TOO_LONG
    assert refusal(private_key_pem + "\u200b" * (room // 3)) is None
    assert refusal(private_key_pem + "\u200b" * (room // 3 + 1)) is Mistake.TOO_LONG


def test_a_text_over_the_limit_is_looked_at_by_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "peel", None)
    assert refusal("-----BEGIN PRIVATE KEY-----" * 10_000) is Mistake.TOO_LONG
    with pytest.raises(MistakeError) as caught:
        api_keys.parse("a" * 100_000)
    assert caught.value.mistake is ApiKeyMistake.WRONG_LENGTH
