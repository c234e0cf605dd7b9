"""What templates may call; a missing value is an error, never a gap."""

from datetime import UTC, datetime, timedelta

import pytest
from django.forms import Form
from django.template import engines
from django.test import override_settings
from django.urls import set_script_prefix
from django.utils import timezone, translation
from jinja2 import UndefinedError

from backend.frame.templates import ago


def rendered(source: str, **context: object) -> str:
    page: str = engines["jinja2"].from_string(source).render(context)
    return page


@pytest.mark.parametrize(
    ("age", "said"),
    [(timedelta(0), "just now"), (timedelta(seconds=59), "just now"), (timedelta(minutes=4), "4\xa0minutes ago")],
)
def test_an_age_is_said_as_people_say_it(age: timedelta, said: str) -> None:
    assert ago(timezone.now() - age) == said


@pytest.mark.parametrize("source", ["{{ nothing }}", "{% if nothing %}{% endif %}", "{{ form.nothing }}"])
def test_a_name_that_is_not_there_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        rendered(source, form=Form())


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        "{{ text|breakable }}",
        "{{ text|lines }}",
        "{{ _('%(text)s', text=text) }}",
        "{% trans %}{{ text }}{% endtrans %}",
    ],
)
def test_what_people_typed_is_escaped(source: str) -> None:
    assert rendered(source, text="<a_b>").replace("<wbr>", "") == "&lt;a_b&gt;"


def test_a_long_name_may_break_after_each_underscore() -> None:
    assert rendered("{{ 'ONE_TWO'|breakable }}") == "ONE_<wbr>TWO"


def test_a_date_is_written_as_its_reader_writes_it() -> None:
    moment = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
    with translation.override("fr"):
        assert rendered("{{ moment|date }}", moment=moment) == "22 nov. 2026, 12:05"
    assert rendered("{{ moment|date('DATE_FORMAT') }}{{ none|date }}", moment=moment) == "22 Nov 2026"


def test_the_days_of_a_list_are_written_with_the_clock_of_each_row() -> None:
    times = [datetime(2026, 11, 22, 12, 5, 9, tzinfo=UTC), datetime(2026, 11, 22, 0, 30, tzinfo=UTC)]
    assert [rendered("{{ at|date }} {{ at|date('H:i:s') }}", at=at) for at in times] == [
        "22 Nov 2026, 12:05 12:05:09",
        "22 Nov 2026, 00:30 00:30:00",
    ]


def test_a_date_is_of_the_day_that_the_settings_have() -> None:
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        assert rendered("{{ at|date }}", at=datetime(2026, 11, 22, 12, 5, tzinfo=UTC)) == "23 Nov 2026, 01:05"


def test_each_line_of_a_text_is_a_line() -> None:
    assert rendered("{{ text|lines }}", text="a <b>\nc") == "a &lt;b&gt;<br>c"


def test_an_address_that_this_installation_may_not_have_is_asked_for_first() -> None:
    assert (
        rendered("{{ has_url('dashboard') }} {{ has_url('nothing') }} {{ url('dashboard') }}") == "True False /admin/"
    )


def test_an_address_begins_where_the_installation_is_served() -> None:
    try:
        set_script_prefix("/shop/")
        assert rendered("{{ url('dashboard') }}") == "/shop/admin/"
    finally:
        set_script_prefix("/")
    assert rendered("{{ url('dashboard') }}") == "/admin/"


def test_a_text_follows_the_language_of_each_reader() -> None:
    said = []
    for language in ("en", "fr", "en"):
        with translation.override(language):
            said.append(rendered("{{ _('Notifications') }} {% trans %}Search{% endtrans %}"))
    assert said == ["Notifications Search", "Notifications Rechercher", "Notifications Search"]


def test_a_part_that_is_rendered_once_follows_language_place_and_values() -> None:
    def footer(version: str) -> str:
        return rendered("{{ fixed('_footer.html', version=version) }}", version=version)

    first = footer("1.2.3")
    assert ("1.2.3" in first, 'href="/admin/help/"' in first, "User guide" in first) == (True, True, True)
    assert "1.2.4" in footer("1.2.4")
    with translation.override("fr"):
        assert "Guide" in footer("1.2.3") != first
    try:
        set_script_prefix("/shop/")
        assert 'href="/shop/admin/help/"' in footer("1.2.3")
    finally:
        set_script_prefix("/")
    assert footer("1.2.3") == first


def test_a_percent_sign_is_written_once() -> None:
    assert rendered("{% trans %}100 % of it{% endtrans %} {% trans n=5 %}{{ n }} %{% endtrans %}") == "100 % of it 5 %"


def test_plural_and_place_of_a_text_decide_how_it_is_translated() -> None:
    source = (
        "{% trans n=n, number=n %}{{ number }} record found{% pluralize n %}{{ number }} records found{% endtrans %}"
    )
    with translation.override("fr"):
        assert [rendered(source, n=n).split()[1] for n in (1, 2)] == ["enregistrement", "enregistrements"]
