"""Every catalogue is complete, up to date with the source, and compiled; no page falls back to English."""

import gettext
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface
from django.conf import settings
from jinja2 import nodes

from tests.backend.frame.catalogue import BASE_DIR, Entry, Message, entries, of_code, of_source, of_template

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
each_language = pytest.mark.parametrize("language", LANGUAGES)
CORRECTED = "Bring the catalogues up to date as CONTRIBUTING.md says, and translate what is new."


def catalogue(language: str) -> Path:
    return BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"


def forms_of(entry: Entry) -> list[tuple[str, str]]:
    """Pair every form of a translation with the source text that it translates."""
    source = entry.message
    return [
        (source.plural if number and source.plural else source.singular, text)
        for number, text in enumerate(entry.texts)
    ]


def parts(text: str) -> Counter[str]:
    """Return what a translation has to keep: placeholders, and tags."""
    return Counter(re.findall(r"%\(\w+\)[sd]|%[sd%]|\{\{?.*?\}\}?|</?\w+[^>]*>", text))


@each_language
def test_the_catalogue_holds_what_the_source_says(language: str) -> None:
    held = {entry.message for entry in entries(catalogue(language))}
    said = of_source()
    assert said - held == set(), CORRECTED
    assert held - said == set(), CORRECTED


def test_the_command_that_makes_the_catalogues_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BASE_DIR)
    found = tmp_path / "django.pot"
    CommandLineInterface().run(["pybabel", "--quiet", "extract", "--output", str(found)])
    assert {entry.message for entry in entries(found)} == of_source()


@each_language
def test_every_text_is_translated(language: str) -> None:
    assert [entry.message for entry in entries(catalogue(language)) if entry.is_fuzzy or not all(entry.texts)] == []


@each_language
def test_nothing_is_translated_twice(language: str) -> None:
    counted = Counter(entry.message for entry in entries(catalogue(language)))
    assert [message for message, count in counted.items() if count > 1] == []


@each_language
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    differ = [
        pair for entry in entries(catalogue(language)) for pair in forms_of(entry) if parts(pair[0]) != parts(pair[1])
    ]
    assert differ == []


@each_language
def test_what_is_compiled_says_the_same(language: str) -> None:
    expected: dict[str | tuple[str, int], str] = {}
    for message, texts, _is_fuzzy in entries(catalogue(language)):
        key = f"{message.context}\x04{message.singular}" if message.context else message.singular
        expected |= {(key, number): text for number, text in enumerate(texts)} if message.plural else {key: texts[0]}
    with catalogue(language).with_suffix(".mo").open("rb") as compiled:
        held = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]  # the only list of it
    del held[""]
    assert held == expected, CORRECTED


def test_english_spells_license_in_one_way() -> None:
    readme = Message("", (BASE_DIR / "README.md").read_text(encoding="utf-8"))
    assert [text for text in [*of_source(), readme] if "licence" in f"{text.singular} {text.plural}".casefold()] == []


def test_english_has_typographic_apostrophes() -> None:
    assert [text for text in of_source() if "'" in f"{text.singular} {text.plural}"] == []


def test_french_is_set_as_the_french_set_it() -> None:
    """It has typographic apostrophes, and no line begins with a mark that takes a space before it."""
    texts = [text for entry in entries(catalogue("fr")) for text in entry.texts]
    wrong = re.compile(r"'|[“”\"]|\w[!?»]| [:;!?»]|« |\w\u202f?;|«[^\u00a0\u202f]|\.\.\.")
    assert [text for text in texts if wrong.search(text)] == []


def test_no_line_of_french_ends_within_the_word_for_email() -> None:
    assert [text for entry in entries(catalogue("fr")) for text in entry.texts if "e-mail" in text.casefold()] == []


def test_it_finds_what_a_module_says() -> None:
    source = '_("One") + ngettext_lazy("Two", "Twos", n) + pgettext("place", "Three") + other("Four")'
    assert set(of_code(source)) == {Message("", "One"), Message("", "Two", "Twos"), Message("place", "Three")}


def test_it_refuses_a_text_that_no_catalogue_can_hold() -> None:
    with pytest.raises(ValueError, match="malformed"):
        list(of_code("_(variable)"))
    with pytest.raises(nodes.Impossible):
        list(of_template("{{ _(variable) }}"))


def test_it_finds_what_a_template_says() -> None:
    source = (
        "{{ _('One') }}{{ pgettext('place', 'Two') }}{{ x or _('Three') }}"
        "{% trans n=n %}\n {{ n }} four\n{% pluralize n %}\n {{ n }} fours\n{% endtrans %}"
    )
    one, two, three, four = Message("", "One"), Message("place", "Two"), Message("", "Three"), "%(n)s four"
    assert set(of_template(source)) == {one, two, three, Message("", four, f"{four}s")}
