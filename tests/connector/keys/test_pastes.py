"""Pastes from real life: a key is repaired wherever it comes from, and both halves are found in either field."""

import base64
import json
import quopri
from collections.abc import Callable
from textwrap import fill
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.keys import paste
from connector.keys.mistakes import ApiKeyMistake, Mistake, MistakeError
from tests.connector.conftest import API_KEY, pkcs8
from tests.connector.keys.manglings import BOTH_HALVES, Mangling, combinations, mangled

Paste = Callable[[str], str]


def lines(text: str) -> list[str]:
    return text.strip().split("\n")


def each(text: str, form: str) -> str:
    """Return `text` with each line put into `form`; `{0}` is its number, `{1}` the line."""
    return "".join(form.format(number, line) + "\n" for number, line in enumerate(lines(text), 1))


def base64_of(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


REPAIRED: dict[str, Paste] = {
    "Slack fence": lambda text: f"```pem\n{text}```",
    "Outlook reply": lambda text: each(text, ">> {1}"),
    "Word": lambda text: f"\u201c{text}\u201d".replace("-----", "\u2014\u2014-"),
    "Word, blanks in the marker": lambda text: text.replace("-----BEGIN", "----- BEGIN").replace("KEY-", "KEY -"),
    "mail with its header": lambda text: f"Encoding: quoted-printable\n\n{quopri.encodestring(text.encode()).decode()}",
    "mail, key in one line": lambda text: quopri.encodestring(text.strip().replace("\n", " ").encode()).decode(),
    "mail, every line end encoded": lambda text: (
        quopri.encodestring(text.encode(), quotetabs=True).decode().replace("\n", "=0D=0A=\n")
    ),
    "attachment as base64": lambda text: (
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(text.encode()).decode()}"
    ),
    "attachment as base64, quoted": lambda text: each(base64.encodebytes(text.encode()).decode(), "> {1}"),
    "attachment as base64, numbered": lambda text: each(base64.encodebytes(text.encode()).decode(), "{0:6}\t{1}"),
    "attachment as base64, in a diff": lambda text: each(base64.encodebytes(text.encode()).decode(), "+{1}"),
    "chat": lambda text: each(text, "[12:{0:02}] <bob> {1}"),
    "web page, coloured": lambda text: each(text, '<span class="string">{1}</span>').replace("BEGIN", "<b>BEGIN</b>"),
    "web page, table": lambda text: f"<table><tr><td>key</td><td>{text}</td></tr></table>".replace("\n", "<br />"),
    "web page, blanks": lambda text: text.replace(" ", "&nbsp;").replace("\n", "<br>\n"),
    "address": lambda text: f"https://shop.test/?key={quote_plus(text)}",
    "address, plus signs lost": lambda text: text.replace("+", " "),
    "address, twice": lambda text: quote(quote(text)),
    "data address": lambda text: f"data:application/x-pem-file;base64,{base64_of(text)}",
    "Markdown table": lambda text: f"| Key |\n|---|\n{each(text, '| {1} |')}",
    "Markdown with escapes": lambda text: text.replace("-", "\\-").replace("+", "\\+"),
    "Excel": lambda text: f'name,key\nshop,"""{text}"""\n',
    "RTF": lambda text: (
        "{\\rtf1\\ansi{\\fonttbl{\\f0 Courier;}}\n\\f0\\fs20 " + "\\par\n".join(lines(text)) + "\\par\n}"
    ),
    "UTF-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "XML with CDATA": lambda text: f"<config><private_key><![CDATA[{text}]]></private_key></config>",
    "XML attribute": lambda text: f'<add key="PrivateKey" value="{text}" />'.replace("\n", "&#xA;"),
    "less": lambda text: each(text, "{0:7} {1}"),
    "grep": lambda text: each(text, "keys/shop.pem:{0}:{1}"),
    "git blame": lambda text: each(text, "^1f2e3d4 (Bob 2025-01-02 12:00:00 +0100 {0:>2}) {1}"),
    "git diff": lambda text: f"--- /dev/null\n+++ b/key.pem\n@@ -0,0 +1,28 @@\n{each(text, '+{1}')}",
    "git diff, removed": lambda text: each(text, "-{1}"),
    "tmux": lambda text: each(text, "$ ls          \u2502 {1:70}\u2502"),
    "colours of a terminal": lambda text: each(text, "\x1b[32m{1}\x1b[0m"),
    "prompts": lambda text: f"$ cat > key.pem <<EOF\n{each(text, '> {1}')}> EOF\n",
    "container log": lambda text: each(text, "2025-01-02T12:00:{0:02}.5Z web_1 | {1}"),
    "gpg --clearsign": lambda text: text.replace("-----BEGIN", "- -----BEGIN").replace("-----END", "- -----END"),
    "wrapped at 76": lambda text: fill(text.replace("\n", ""), 76, break_on_hyphens=False),
    "wrapped at 80": lambda text: fill(text.strip().replace("\n", " "), 80, break_on_hyphens=False),
    ".env": lambda text: 'export PRIVATE_KEY="' + text.replace("\n", "\\n") + '"',
    "Compose": lambda text: (
        f"services:\n  web:\n    environment:\n      KEY: |-\n{each(text, '        {1}')}    ports: []\n"
    ),
    "YAML list": lambda text: f"key:\n{each(text, '  - {1}')}",
    "Helm": lambda text: f"privateKey: |\n{each(text, '  {1}')}replicas: 1\n",
    "Terraform": lambda text: f'variable "k" {{\n  default = <<-EOT\n{each(text, "    {1}")}  EOT\n}}\n',
    "Kubernetes": lambda text: f"kind: Secret\ndata:\n  tls.key: {base64_of(text)}\ntype: Opaque\n",
    "Kubernetes in JSON": lambda text: json.dumps({"data": {"a.pem": base64_of(text), "b": "dGVzdA=="}}, indent=4),
    "AWS": lambda text: json.dumps({"SecretString": json.dumps({"private_key": text})}),
    "base64 of JSON": lambda text: base64_of(json.dumps({"type": "service_account", "private_key": text})),
    "base64 of base64": lambda text: base64_of(base64_of(text)),
    "base64 of UTF-16": lambda text: base64_of(text.encode("utf-16-le")),
    "database, hexadecimal": lambda text: f"\\x{text.encode().hex()}",
    "MySQL": lambda text: f"********** 1. row **********\n  id: 3\nvalue: {text}",
    "Windows registry": lambda text: "key    REG_MULTI_SZ    " + "\\0".join(lines(text)),
    "Java properties": lambda text: "private.key=" + text.strip().replace("=", "\\=").replace("\n", "\\n\\\n    "),
    "Java": lambda text: each(text, 'key.append("{1}\\n");'),
    "JavaScript": lambda text: "const key = " + " + ".join(f'"{line}\\n"' for line in lines(text)) + ";",
    "JavaScript array": lambda text: f"{lines(text)!r}.join('\\n')",
    "PHP heredoc": lambda text: f"<?php\n$key = <<<EOD\n{text}EOD;\n",
    "PHP": lambda text: "$key = " + "\n    . ".join(f'"{line}\\n"' for line in lines(text)) + ";",
    "Python": lambda text: "KEY = (\n" + each(text, '    "{1}\\n"') + ")\n",
    "Python bytes": lambda text: repr(text.encode()),
    "C": lambda text: "const char *key =\n" + each(text, '    "{1}\\n"') + ";\n",
    "Go": lambda text: "key := " + " +\n\t".join(f"`{line}`" for line in lines(text)),
    "Rust": lambda text: 'let key = "' + text.replace("\n", "\\n\\\n    ") + '";',
    "Perl": lambda text: each(text, '$key .= "{1}\\n";'),
    "PowerShell": lambda text: '$key = "' + text.replace("\n", "`r`n") + '"',
    "Visual Basic": lambda text: " & vbCrLf & _\n".join(f'"{line}"' for line in lines(text)),
    "shell": lambda text: each(text, 'echo "{1}" >> key.pem'),
    "comment": lambda text: f"/**\n{each(text, ' * {1}')} */",
    "alphabet of addresses": lambda text: "\n".join(
        line if "PRIVATE" in line else line.replace("+", "-").replace("/", "_") for line in lines(text)
    ),
    "without padding": lambda text: text.replace("=", ""),
    "capital letters lost": lambda text: text.replace("BEGIN PRIVATE KEY", "Begin Private Key"),
    "beginning cut off": lambda text: text[3:],
    "underscores": lambda text: text.replace("BEGIN PRIVATE KEY", "BEGIN_PRIVATE_KEY"),
    "example before it": lambda text: text[:28] + "...\n" + text[-26:] + text,
    "certificate behind it": lambda text: f"{text}-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n",
    "bag attributes": lambda text: (
        f"Bag Attributes\n    localKeyID: 54 69 6D 65\nKey Attributes: <No Attributes>\n{text}"
    ),
    "label of another kind": lambda text: text.replace("END PRIVATE", "END EC PRIVATE"),
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


@pytest.fixture(scope="session")
def padded_pem() -> str:
    """Return a key whose last line ends with an equals sign, which a third of all keys lack."""
    while "=" not in (text := pkcs8(rsa.generate_private_key(65537, 2048))):
        pass
    return text


@pytest.mark.parametrize("place", REPAIRED)
def test_a_paste_of_real_life_is_repaired_and_the_repair_is_named(place: str, padded_pem: str) -> None:
    pasted = paste.take_apart(REPAIRED[place](padded_pem))
    assert pasted.private_key
    assert pasted.private_key.pem == padded_pem
    assert pasted.private_key.repairs
    assert pasted.api_key == ""


@pytest.mark.parametrize("way", BOTH_HALVES)
def test_both_halves_are_taken_apart_and_named(way: str, private_key_pem: str) -> None:
    pasted = paste.take_apart(BOTH_HALVES[way](private_key_pem))
    assert pasted.api_key == API_KEY
    assert pasted.private_key
    assert pasted.private_key.pem == private_key_pem
    assert pasted.private_key.repairs[-1] == "both halves of the pair in one text"
    assert "other text around the key" not in pasted.private_key.repairs


@settings(deadline=None, max_examples=40)
@given(way=st.sampled_from([*BOTH_HALVES]), manglings=combinations(3))
def test_both_halves_survive_any_mangling(private_key_pem: str, way: str, manglings: list[Mangling]) -> None:
    text = mangled(BOTH_HALVES[way](private_key_pem), manglings)
    for pasted in (paste.take_apart(text), paste.take_apart_api_key(text)):
        assert pasted.api_key == API_KEY
        assert pasted.private_key
        assert pasted.private_key.pem == private_key_pem


@pytest.mark.parametrize("text", ["f" * 64, "f" * 31, "f" * 33])
def test_a_longer_or_shorter_number_beside_a_private_key_is_no_api_key(text: str, private_key_pem: str) -> None:
    assert paste.take_apart(f"SHA-256: {text}\n{private_key_pem}").api_key == ""


@pytest.mark.parametrize("label", LABELLED)
def test_a_labelled_api_key_beside_a_private_key_is_taken(label: str, private_key_pem: str) -> None:
    for text in (f"{LABELLED[label]}\n{private_key_pem}", f"{private_key_pem}\n{LABELLED[label]}"):
        assert paste.take_apart(text).api_key == API_KEY


@pytest.mark.parametrize("label", UNLABELLED)
def test_32_digits_that_nothing_calls_an_api_key_are_none(label: str, private_key_pem: str) -> None:
    for text in (f"{UNLABELLED[label]}\n{private_key_pem}", f"{private_key_pem}\n{UNLABELLED[label]}"):
        assert paste.take_apart(text).api_key == ""


@pytest.mark.parametrize(
    ("read", "pasted", "mistake"),
    [
        (paste.take_apart_api_key, "{key}", ApiKeyMistake.PRIVATE_KEY),
        (paste.take_apart_api_key, f"{API_KEY} {{key:.700}}", Mistake.TRUNCATED),
        (paste.take_apart_api_key, f"md5: {API_KEY}\n{{key}}", ApiKeyMistake.PRIVATE_KEY),
        (paste.take_apart, f"API key: {API_KEY}\nAPI key: {'f' * 32}\n{{key}}", Mistake.SEVERAL_API_KEYS),
    ],
    ids=["a private key alone", "a broken private key", "a checksum", "two API keys"],
)
def test_what_is_wrong_with_a_pair_in_one_field_is_named(
    read: Callable[[str], paste.Pasted], pasted: str, mistake: Mistake | ApiKeyMistake, private_key_pem: str
) -> None:
    with pytest.raises(MistakeError) as caught:
        read(pasted.format(key=private_key_pem))
    assert caught.value.text == mistake.label
