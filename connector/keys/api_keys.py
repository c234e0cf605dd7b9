"""The public half of a pair, found in what people paste: 32 hexadecimal digits."""

import re

from connector.keys import diagnosis, encapsulation, repairs
from connector.keys.mistakes import ApiKeyMistake, MistakeError

_LENGTH = 32
# In one piece, with the dashes of a UUID, or broken once.
KEY = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=(?:[0-9a-f]\s{0,3}){31}[0-9a-f](?![0-9a-z]))[0-9a-f]{4,28}\s{1,3}[0-9a-f]{4,28})(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
_NOT_A_DIGIT = re.compile(r"[\s-]+")
# What the API Portal, programs and this Admin call it, in every language, and the file that the portal offers.
_LABEL = re.compile(
    r"(?:api|public|client)[\W_]{0,3}(?:key|id)|cl[ée][\W_]{0,3}(?:d.{1,2})?(?:api|publi)|(?:sandbox|production)-\Z",
    re.IGNORECASE,
)
_OF_SOMETHING_ELSE = re.compile(r"md5|sha-?\d|hash|digest|checksum|finger|etag|localKeyID", re.IGNORECASE)
_TWO_NAMES = re.compile(r"[:=][^:=]*\w[\"']?\s*[:=]")
_LONGEST_LABEL = 80


def parse(text: str) -> str:
    """Return the API key in `text`: 32 lower-case hexadecimal digits. Raises MistakeError for none, or several."""
    if not text or repairs.is_too_long(text):
        raise MistakeError(ApiKeyMistake.WRONG_LENGTH)
    peeled, _names = repairs.peel(text)
    labelled, unlabelled = find(peeled)
    found = labelled or unlabelled
    if encapsulation.find(peeled):
        raise MistakeError(ApiKeyMistake.PRIVATE_KEY)
    if len(found) > 1:
        raise MistakeError(ApiKeyMistake.SEVERAL)
    if found:
        return found.pop()
    if diagnosis.ENCRYPTED.search(peeled):
        raise MistakeError(ApiKeyMistake.CIPHERTEXT)
    is_as_long = len(peeled.strip(repairs.BLANKS + repairs.QUOTES)) == _LENGTH
    raise MistakeError(ApiKeyMistake.OTHER_CHARACTERS if is_as_long else ApiKeyMistake.WRONG_LENGTH)


def find(text: str) -> tuple[set[str], set[str]]:
    """Return the API keys in `text`, in lower case: those with a label that names them, and those without a label."""
    labelled: set[str] = set()
    unlabelled: set[str] = set()
    end = 0
    for found in KEY.finditer(text):
        before = text[max(end, found.start() - _LONGEST_LABEL) : found.start()]
        end = found.end()
        labels = list(_LABEL.finditer(before))
        between = before[labels[-1].end() :] if labels else before
        digits = _NOT_A_DIGIT.sub("", found[0]).lower()
        # The pattern knows one break, so it matches only the beginning of a number that is broken twice.
        if len(digits) == _LENGTH and not _OF_SOMETHING_ELSE.search(between):
            is_labelled = labels and not _TWO_NAMES.search(between)
            (labelled if is_labelled else unlabelled).add(digits)
    return labelled, unlabelled - labelled
