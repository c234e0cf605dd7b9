"""An API key is found in what people paste, and nothing else passes for it."""

import pytest

from connector.keys import paste
from connector.keys.mistakes import ApiKeyMistake, MistakeError
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


@pytest.mark.parametrize("way", FOUND)
def test_its_field_takes_an_api_key_as_people_paste_it(way: str) -> None:
    assert paste.take_apart_api_key(FOUND[way]) == paste.Pasted(API_KEY)


@pytest.mark.parametrize(("text", "mistake"), REFUSED.items(), ids=range(len(REFUSED)))
def test_its_field_refuses_everything_else_by_name(text: str, mistake: ApiKeyMistake) -> None:
    with pytest.raises(MistakeError) as caught:
        paste.take_apart_api_key(text)
    assert caught.value.mistake is mistake
