"""An API key is found in what people paste, and nothing else passes for one."""

import pytest

from connector.keys import pem
from connector.keys.mistakes import ApiKeyError, ApiKeyMistake, Mistake, PemError
from tests.connector.conftest import API_KEY

OTHER = "f" * 32
FOUND = {
    "alone": API_KEY,
    "capital letters": f" \t{API_KEY.upper()}\r\n",
    "comma": f"{API_KEY},",
    "full stop": f"{API_KEY}.",
    "label": f"API key: {API_KEY}",
    "label in French": f"Clé d’API : {API_KEY}",
    "label above": f"Public key\n{API_KEY}",
    "row of the portal": f"My shop\tSandbox\t{API_KEY}\t2 January 2025\tCopy",
    "file of the portal": f"sandbox-{API_KEY}.pem",
    "UUID": "01234567-89ab-cdef-0123-456789abcdef",
    "line break": f"{API_KEY[:20]}\n{API_KEY[20:]}",
    "label and line break": f"API key:\n{API_KEY[:16]}\n{API_KEY[16:]}",
    "quotation marks": f"\u201c{API_KEY}\u201d",
    "invisible characters": "\u200b".join(API_KEY),
    "shell": f"export API_KEY='{API_KEY}';",
    "JSON": f'{{"apiKey": "{API_KEY}"}}',
    "header": f"-H 'X-Api-Key: {API_KEY}'",
    "web page": f"<td>API key</td><td>{API_KEY}</td>",
    "address": f"?api_key%3D{API_KEY}",
    "twice": f"{API_KEY}\n{API_KEY.upper()}",
    "beside a checksum": f"API key: {API_KEY}\nmd5: {OTHER}",
    "beside a data space": f"API key: {API_KEY}, data space: 6f1b1b5e-5f5d-4d0e-9d5e-3b1c9a1f0c01",
}
REFUSED = {
    f"{API_KEY} {OTHER}": ApiKeyMistake.SEVERAL,
    f"md5: {API_KEY}": ApiKeyMistake.WRONG_LENGTH,
    API_KEY[:-1]: ApiKeyMistake.WRONG_LENGTH,
    f"{API_KEY}0": ApiKeyMistake.WRONG_LENGTH,
    f"{API_KEY[:-1]}z": ApiKeyMistake.OTHER_CHARACTERS,
    f"0:3:{'Ab1/' * 20}": ApiKeyMistake.CIPHERTEXT,
    "vault:v1:AbC1": ApiKeyMistake.CIPHERTEXT,
    "-----BEGIN PRIVATE KEY-----": ApiKeyMistake.PRIVATE_KEY,
}
LABELLED = {
    "prose": f"API key: {API_KEY}",
    "French": f"Clé publique : {API_KEY}",
    "program": f"client_id={API_KEY}",
    "table": f"Name\tPublic key\tCreated\nmy shop\t{API_KEY}\tyesterday",
    "XML": f"<api_key>{API_KEY}</api_key>",
    "UUID": "API key: 01234567-89ab-cdef-0123-456789abcdef",
    "file": f"sandbox-{API_KEY}.pem",
}
UNLABELLED = {
    "nothing": API_KEY,
    "checksum": f"md5: {API_KEY}",
    "fingerprint": f"API key fingerprint: {API_KEY}",
    "bag attribute": f"localKeyID: {API_KEY}",
    "commit": f"commit {API_KEY}",
    "another name behind": f"API key: see below, order: {API_KEY}",
}


@pytest.mark.parametrize("way", FOUND)
def test_its_field_takes_an_api_key_as_people_paste_it(way: str) -> None:
    assert pem.take_apart_api_key(FOUND[way]) == pem.Pasted(API_KEY)


@pytest.mark.parametrize(("text", "mistake"), REFUSED.items(), ids=range(len(REFUSED)))
def test_its_field_refuses_everything_else_by_name(text: str, mistake: ApiKeyMistake) -> None:
    with pytest.raises(ApiKeyError) as caught:
        pem.take_apart_api_key(text)
    assert caught.value.mistake is mistake


@pytest.mark.parametrize("label", LABELLED)
def test_a_labelled_api_key_beside_a_private_key_is_taken(label: str, private_key_pem: str) -> None:
    for text in (f"{LABELLED[label]}\n{private_key_pem}", f"{private_key_pem}\n{LABELLED[label]}"):
        assert pem.take_apart(text).api_key == API_KEY


@pytest.mark.parametrize("label", UNLABELLED)
def test_32_digits_that_nothing_calls_an_api_key_are_none(label: str, private_key_pem: str) -> None:
    for text in (f"{UNLABELLED[label]}\n{private_key_pem}", f"{private_key_pem}\n{UNLABELLED[label]}"):
        assert pem.take_apart(text).api_key == ""


def test_the_field_of_the_api_key_is_its_label(private_key_pem: str) -> None:
    pasted = pem.take_apart_api_key(f"{API_KEY}\n{private_key_pem}")
    assert pasted.api_key == API_KEY
    assert pasted.private_key


def test_a_checksum_beside_a_private_key_is_no_api_key_in_any_field(private_key_pem: str) -> None:
    with pytest.raises(ApiKeyError) as caught:
        pem.take_apart_api_key(f"md5: {API_KEY}\n{private_key_pem}")
    assert caught.value.mistake is ApiKeyMistake.PRIVATE_KEY


def test_two_labelled_api_keys_beside_a_private_key_are_refused(private_key_pem: str) -> None:
    with pytest.raises(PemError) as caught:
        pem.take_apart(f"API key: {API_KEY}\nAPI key: {OTHER}\n{private_key_pem}")
    assert caught.value.mistake is Mistake.SEVERAL_API_KEYS
