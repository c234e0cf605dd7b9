"""What commands print: every line at once, on any terminal, and into any file, pipe or log."""

import codecs
import io
import sys
import unicodedata

# From signs of our own sentences to what a keyboard has.
_PLAIN = dict(zip("›–—·’“”…\u00a0\u202f", (">", "-", "-", "-", "'", '"', '"', "...", " ", " "), strict=True))


def prepare() -> None:
    """Let standard output and error write each line at once, and what their encoding does not have in plain letters."""
    codecs.register_error("plain", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        # A process without a terminal may have neither.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain", line_buffering=True)


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    """Return what to write for characters that cannot be encoded: é as e, our typographic signs as ASCII, or the code.

    Raises:
        UnicodeError: the error is not of encoding.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = (_plain(character) for character in error.object[error.start : error.end])
    return "".join(written), error.end


def _plain(character: str) -> str:
    letters = _PLAIN.get(character) or unicodedata.normalize("NFD", character)  # noqa: TID251  (it is one)
    return letters.encode("ascii", "ignore").decode() or character.encode("ascii", "backslashreplace").decode()
