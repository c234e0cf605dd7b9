"""What a text is that holds no usable private key: one mistake by name."""

import base64
import re

from connector.keys.der import expected_letters, letters_of
from connector.keys.encapsulation import Block
from connector.keys.keyring import ENVELOPE_PREFIX
from connector.keys.mistakes import Mistake
from connector.keys.repairs import BASE64_RUN

# Values that only their own store can read: Commerce, this Admin, Vault, Ansible, sops, Jasypt, Spring, age, PGP,
# sealed secrets of Kubernetes, Chef, Fernet, openssl enc, AWS KMS, Windows, Jenkins, Rails, JWE. A time of day has
# colons too, so in the middle of a text a Commerce value has to be longer.
ENCRYPTED = re.compile(
    rf"\A\W*\d{{1,4}}:\d{{1,4}}:(?!\d\d\b)\S|(?<![\w:.])\d{{1,4}}:\d{{1,4}}:[A-Za-z0-9+/=]{{12}}|(?<![\w:.]){ENVELOPE_PREFIX}"
    r"|\bvault:v\d+:|\$ANSIBLE_VAULT;|!vault\b|\bENC[\[(]|\{cipher\}|\bage-encryption\.org|BEGIN AGE ENCRYPTED"
    r"|BEGIN PGP MESSAGE|\bSealedSecret\b|\bencrypted_?[dD]ata\b|\bgAAAAA[\w+/-]{20}|\bU2FsdGVkX1|\bAQICAH"
    r"|\bAQAAANCMnd8B|\{AQAAAB|--[A-Za-z0-9+/]{16}--[A-Za-z0-9+/]{22}==|(?<![\w-])eyJ[\w-]{8,200}\.[\w-]{0,1000}\.[\w-]{8,100}\.[\w-]{8,}+\.[\w-]{8}",
    re.ASCII,
)
# What a text without a BEGIN line says of itself. The first row that fits counts.
_TEXTS = (
    (ENCRYPTED, Mistake.CIPHERTEXT),
    (re.compile(r"PuTTY-User-Key-File"), Mistake.OPENSSH),
    (re.compile(r"BEGIN[\w\s]{0,20}PUBLIC\s{0,3}KEY|(?:ssh|ecdsa)-[\w@.-]{1,40}\s*AAAA", re.ASCII), Mistake.PUBLIC_KEY),
    (re.compile(r"BEGIN[\w\s]{0,20}CERTIFICATE", re.ASCII), Mistake.CERTIFICATE),
    (re.compile(r"BEGIN\s{0,3}(?:EC|DSA)\s{0,3}P"), Mistake.NOT_RSA),
    (re.compile(r"\bkty\b|<RSAKeyValue|<Modulus>"), Mistake.JWK),
    (re.compile(r"(?<![\w-])eyJ[\w-]{4,}+\.eyJ[\w-]{4,}+\.", re.ASCII), Mistake.TOKEN),
    # A binary file, opened as a text.
    (re.compile(r"\A.{0,8}\x02\x01\x030|BEGIN\s{0,3}PKCS12", re.DOTALL), Mistake.KEY_STORE),
)
# What the label of a BEGIN line says, without blanks. The first row that fits counts.
_LABELS = (
    ("OPENSSH", Mistake.OPENSSH),
    ("SSH2", Mistake.OPENSSH),
    ("PGP", Mistake.OPENSSH),
    ("ENCRYPTED", Mistake.PASSPHRASE),
    ("ECP", Mistake.NOT_RSA),
    ("DSAP", Mistake.NOT_RSA),
)
# How bytes begin: with a sequence (0x30), its length, and the first thing in it. The first row that fits counts.
_INNER = rb"0(?:[\x00-\x80]|\x81.|\x82..|\x83...)"
_SEQUENCE = rb"\A" + _INNER
_OF_RSA = rb"\x2a\x86\x48\x86\xf7\x0d\x01"
_PRIVATE_KEY = re.compile(_SEQUENCE + rb"\x02\x01\x00(?:0.\x06\x09" + _OF_RSA + rb"\x01\x01|\x02)", re.DOTALL)
_BYTES = tuple(
    (re.compile(begins, re.DOTALL), mistake)
    for begins, mistake in (
        (_SEQUENCE + rb"\x02\x01\x03" + _INNER, Mistake.KEY_STORE),
        (rb"\A\xfe\xed\xfe\xed", Mistake.KEY_STORE),
        (_SEQUENCE + rb"\x06." + _OF_RSA + rb"\x07\x03", Mistake.CIPHERTEXT),
        (_SEQUENCE + _INNER + rb"\x06." + _OF_RSA + rb"(?:\x05|\x0c)", Mistake.PASSPHRASE),
        (_SEQUENCE + _INNER + rb"\x06", Mistake.PUBLIC_KEY),
        (_SEQUENCE + _INNER + rb"(?:\xa0\x03)?\x02", Mistake.CERTIFICATE),
        (_SEQUENCE + rb"\x02\x82..\x00", Mistake.PUBLIC_KEY),
        (_SEQUENCE + rb"\x02\x01[\x00\x01](?:0.\x06(?!\x09" + _OF_RSA + rb")|\x04)", Mistake.NOT_RSA),
        (rb"\A\x00\x00\x00\x07ssh-", Mistake.PUBLIC_KEY),
        (rb"\Aopenssh-key-v1", Mistake.OPENSSH),
        # A Kubernetes cluster seals secrets with a key of 4096 bits.
        (rb"\A\x02\x00.{512}", Mistake.CIPHERTEXT),
    )
)
_LETTERS_LOOKED_AT = 800
_FEWEST_LETTERS = 8
_CUT_OFF_BEGIN = re.compile(r"--\s?BEGIN[\w\s]{0,20}\Z", re.ASCII)


def mistake_of_block(block: Block) -> Mistake | None:
    """Return why `block` holds no private key of RSA, None where it seems to hold one."""
    if block.der:
        return _mistake_of_bytes(block.letters) or (None if block.end else Mistake.MISSING_BEGIN_END)
    for name, mistake in _LABELS:
        if name in block.begin.label:
            return mistake
    if "ENCRYPTED" in block.body and "Proc-Type" in block.body:
        return Mistake.PASSPHRASE
    if not block.body.strip():
        return Mistake.TRUNCATED
    return _mistake_of_bytes(block.letters) or _mistake_of_length(block.letters, has_end=block.end is not None)


def mistake_of_text(peeled: str, pasted: str, *, has_end: bool) -> Mistake | None:
    """Return what a text without a BEGIN line is, None where nothing says what.

    `pasted` is the text as it came. `peeled` is the same without its layers, up to its END line if it has one.
    """
    named = (mistake for text in (peeled, pasted) for pattern, mistake in _TEXTS if pattern.search(text))
    if mistake := next(named, None):
        return mistake
    if run := BASE64_RUN.search(peeled):
        letters = letters_of(run[0], "+")
        if mistake := _mistake_of_bytes(letters):
            return mistake
        if _PRIVATE_KEY.match(_first_bytes(letters)):
            return _mistake_of_length(letters, has_end=False)
    if has_end:
        return Mistake.MISSING_BEGIN_END
    return Mistake.TRUNCATED if _CUT_OFF_BEGIN.search(peeled) else None


def _mistake_of_bytes(letters: str) -> Mistake | None:
    """Return what base64 `letters` hold other than a private key of RSA, None where their bytes do not say."""
    first_bytes = _first_bytes(letters)
    return next((mistake for begins, mistake in _BYTES if begins.match(first_bytes)), None)


def _mistake_of_length(letters: str, *, has_end: bool) -> Mistake:
    expected = expected_letters(letters)
    if expected is None:
        return Mistake.NOT_A_KEY if has_end or len(letters) >= _FEWEST_LETTERS else Mistake.TRUNCATED
    if len(letters) < expected:
        return Mistake.TRUNCATED
    return Mistake.NOT_A_KEY if has_end else Mistake.MISSING_BEGIN_END


def _first_bytes(letters: str) -> bytes:
    return base64.b64decode(letters[: min(len(letters) // 4 * 4, _LETTERS_LOOKED_AT)])
