"""The work of reading a text grows in proportion to its length, however hostile it is, and only one key is tried."""

import sys
import tracemalloc
from collections import Counter
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.keys import paste, repairs
from connector.keys.mistakes import MistakeError
from tests.connector.conftest import API_KEY
from tests.connector.keys.test_repairs import refusal

pytestmark = pytest.mark.slow


@given(
    st.text(alphabet=st.sampled_from("-BEGIN PKYxAM=+/\\nu200b\"'>&#;<br>%25{}\n\r\0\u00e9\u200b\u00a0"), max_size=99)
)
def test_no_layer_makes_a_text_longer(text: str) -> None:
    for _name, layer in repairs.LAYERS:
        assert len(layer(text)) <= len(text)


def test_no_more_than_twelve_layers_are_peeled() -> None:
    assert repairs.peel("\\" * 2**15)[0] == "\\" * 2**3


LABELLED = "-----BEGIN PRIVATE KEY-----"
ADVERSARIAL = {
    "BEGIN": "-----BEGIN ",
    "BEGIN lines": LABELLED,
    "END lines": "-----END PRIVATE KEY-----",
    "short blocks": f"{LABELLED}AA-----END PRIVATE KEY-----",
    "long blocks": f"1 {LABELLED}\n{'MIIEvAIB' * 9}\n-----END PRIVATE KEY-----\n",
    "spaced markers": "E N D ",
    "hyphens": "-",
    "quotation marks": '"',
    "backslashes": "\\",
    "escapes": "\\u200b",
    "escaped line breaks": "\\\\n",
    "zero-width": "\u200b",
    "non-breaking": "\u00a0",
    "blanks": "a ",
    "lines": "a\n",
    "base64": "A",
    "base64 in lines": "LS0tLS1C" * 8 + "\n",
    "base64 in tokens": "LS0tLS1C" * 8 + ".",
    "digits": "0:0: ",
    "names": "a = ",
    "braces": '{"a": ',
    "hexadecimal": "f",
    "ssh": "ssh-",
    "percent": "%25",
    "entities": "&amp;",
    "tags": "<a ",
    "quoted-printable": "=3D",
    "soft breaks": "=\n",
    "tokens": "eyJhbGci.",
    "API keys": f"api key: {API_KEY} ",
}


class Work:
    """The calls made while a text is read; their number is the same on every machine."""

    def __init__(self, text: str) -> None:
        self.calls: Counter[str] = Counter()
        before = sys.getprofile()
        sys.setprofile(self._count)
        try:
            refusal(text)
            with suppress(MistakeError):
                paste.take_apart_api_key(text)
        finally:
            sys.setprofile(before)

    def _count(self, frame: FrameType, event: str, called: Any) -> None:
        if event in {"call", "c_call"}:
            self.calls[frame.f_code.co_name if event == "call" else called.__name__] += 1


@pytest.mark.parametrize("piece", ADVERSARIAL.values(), ids=ADVERSARIAL)
@pytest.mark.parametrize("opening", ["", LABELLED])
def test_twice_the_text_takes_about_twice_the_work(opening: str, piece: str) -> None:
    size = (repairs.MAX_BYTES - len(opening)) // len(piece.encode())
    half, whole = opening + piece * (size // 2), opening + piece * size
    assert not repairs.is_too_long(whole)
    assert Work(whole).calls.total() < 2.5 * Work(half).calls.total() + 500


@pytest.mark.parametrize("piece", ADVERSARIAL.values(), ids=ADVERSARIAL)
def test_a_text_takes_little_memory(piece: str) -> None:
    text = piece * (repairs.MAX_BYTES // len(piece.encode()))
    tracemalloc.start()
    try:
        refusal(text)
        with suppress(MistakeError):
            paste.take_apart_api_key(text)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10 * 1024 * 1024


def test_only_one_key_of_a_text_is_loaded_and_validated(private_key_pem: str, other_private_key_pem: str) -> None:
    five_times = Work(private_key_pem * 5).calls
    assert five_times["load_der_private_key"] == five_times["private_key"] == 1
    many = Work((private_key_pem + other_private_key_pem) * 9).calls
    assert many["load_der_private_key"] == many["private_key"] == 0
