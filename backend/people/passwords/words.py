"""Refuses passwords that are made of what others guess first: names of the product, of the shop and of the person."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backend.frame.normal_form import normal_form
from backend.people.passwords.hashers import normalized
from backend.people.passwords.length import has_good_length

# Of the product, and those that people put into passwords everywhere.
KNOWN = """
    adobe admin administrateur administrator commerce connector dashboard gateway magento merchant paypal payment
    payments production saas sandbox service services shop store

    azerty bienvenue bonjour changeme letmein motdepasse passphrase passwd password qwerty secret welcome
    spring summer autumn winter printemps automne hiver
    january february march april june july august september october november december
    janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    monday tuesday wednesday thursday friday saturday sunday
"""
# What has to be left without these words.
LEAST_LEFT = 8
SHORTEST_WORD = 3
_PARTS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_QUICKLY_GUESSED = re.compile(r"\d{2,}|[\W_]+")
# Digits and signs that people put in the place of a letter. An l looks like an I, too.
_LETTERS = str.maketrans("0134578@$!|l+", "oieastbasiiit")
_OF_A_PERSON = ("username", "first_name", "last_name", "email")

_sources: list[Callable[[], Iterable[str]]] = []


def register(source: Callable[[], Iterable[str]]) -> None:
    """Treat names that `source` returns, such as that of the shop, as words of no use in a password."""
    _sources.append(source)


class WordsValidator:
    """Refuses a password that leaves fewer than eight characters without such words, repetitions, years and signs."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where little is left."""
        if not has_good_length(password):
            return
        text = _folded(password)
        rest = _REPEATED.sub(r"\1", _without_words(text, user))
        if rest != text and len(_QUICKLY_GUESSED.sub("", rest)) < LEAST_LEFT:
            raise ValidationError(self.get_help_text(), "password_of_known_words")

    def get_help_text(self) -> str:
        return _(
            "This password is easy to guess: it is little more than names of this product, the shop or the person, "
            "common words, digits or repetitions. Add two or three words that have nothing to do with them."
        )


def _without_words(text: str, user: Any) -> str:
    """Return `text` without the words that are known, in whatever letters they are written."""
    read = text.translate(_LETTERS)
    is_known = [False] * len(text)
    for word in {word.translate(_LETTERS) for word in _words(user)}:
        for found in re.finditer(f"(?={re.escape(word)})", read):
            is_known[found.start() : found.start() + len(word)] = [True] * len(word)
    return "".join(letter for letter, known in zip(text, is_known, strict=True) if not known)


def _words(user: Any) -> Iterator[str]:
    """Yield the words of the product, the shop and the person, in small letters without accents."""
    yield from KNOWN.split()
    names = [*settings.ALLOWED_HOSTS, *(str(getattr(user, name, "") or "") for name in _OF_A_PERSON)]
    for name in [*names, *(name for source in _sources for name in source())]:
        parts = _PARTS.split(_folded(name))
        for word in {*parts, "".join(parts)}:
            if len(word) >= SHORTEST_WORD and not word.isdecimal():
                yield word


def _folded(text: str) -> str:
    """Return `text` in small letters without accents."""
    letters = normal_form("NFD", normalized(text).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
