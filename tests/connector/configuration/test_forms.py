"""The forms, the only parsers of what a person sends: what they take, what they refuse, and what they say."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

import pytest

from connector import connection
from connector.configuration.dialog_forms import NameForm
from connector.configuration.forms import ConfigurationForm
from connector.environment import Environment
from connector.gateway.client import Credentials, DataSpace
from connector.keys.mistakes import ApiKeyMistake, Mistake
from tests.factories import connect, set_instance, store
from tests.gateways import OTHER_PROJECT_ID, PRODUCTION, SANDBOX, TESTING_ID
from tests.markup import sent

pytestmark = pytest.mark.django_db


def bound(**data: str) -> ConfigurationForm:
    return ConfigurationForm(connection.load(), data)


def named(field: str, name: str) -> NameForm:
    return NameForm({field: name}, field)


def errors(form: Any, name: str) -> list[str]:
    return [str(error) for error in form.errors.get(name, [])]


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize(
    ("half", "pasted", "mistake"),
    [
        ("private_key", "-----BEGIN PUBLIC KEY-----", Mistake.PUBLIC_KEY),
        ("api_key", "a" * 31, ApiKeyMistake.WRONG_LENGTH),
    ],
)
def test_a_mistake_is_named_at_its_field(
    environment: Environment, half: str, pasted: str, mistake: Mistake | ApiKeyMistake, pair: Credentials
) -> None:
    form = bound(**sent(pair, environment) | {f"{environment}_{half}": pasted})
    assert form.errors == {f"{environment}_{half}": [mistake.label]}


def test_no_two_mistakes_say_the_same() -> None:
    assert len({str(mistake.label) for mistake in Mistake}) == len(Mistake)
    assert len({str(mistake.label) for mistake in ApiKeyMistake}) == len(ApiKeyMistake)


def both(pair: Credentials) -> str:
    return f"API key: {pair.api_key}\n{pair.private_key.pem}"


@pytest.mark.parametrize("field", ["sandbox_api_key", "sandbox_private_key"])
def test_both_halves_in_one_field_are_a_pair(field: str, pair: Credentials) -> None:
    form = bound(**{"sandbox_api_key": "", "sandbox_private_key": "", field: both(pair)})
    assert form.is_valid(), form.errors
    new = form.plan().pairs[SANDBOX]
    assert new == pair
    assert "both halves of the pair in one text" in new.private_key.repairs


@pytest.mark.parametrize("is_emptied", [False, True])
def test_the_api_key_in_its_field_gives_way_to_the_one_that_was_pasted(
    pair: Credentials, other_pair: Credentials, *, is_emptied: bool
) -> None:
    store(SANDBOX, pair)
    form = bound(sandbox_api_key="" if is_emptied else pair.api_key, sandbox_private_key=both(other_pair))
    assert form.is_valid()
    assert form.plan().pairs == {SANDBOX: other_pair}
    assert form.emptied == []


def test_the_same_half_twice_is_no_contradiction(pair: Credentials) -> None:
    form = bound(sandbox_api_key=both(pair), sandbox_private_key=both(pair))
    assert form.is_valid()
    assert form.plan().pairs == {SANDBOX: pair}


def test_two_different_halves_are_refused_rather_than_chosen_from(pair: Credentials, other_pair: Credentials) -> None:
    typed = bound(sandbox_api_key=other_pair.api_key, sandbox_private_key=both(pair))
    pasted = bound(sandbox_api_key=both(pair), sandbox_private_key=other_pair.private_key.pem)
    assert "another API key" in errors(typed, "sandbox_private_key")[0]
    assert "another private key" in errors(pasted, "sandbox_api_key")[0]


def test_half_a_pair_is_refused_at_the_missing_half(pair: Credentials) -> None:
    assert errors(bound(sandbox_api_key=pair.api_key), "sandbox_private_key")
    assert errors(bound(sandbox_private_key=pair.private_key.pem), "sandbox_api_key")


def test_a_half_replaces_its_half(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, pair)
    new_api_key = bound(sandbox_api_key=other_pair.api_key)
    new_private_key = bound(sandbox_api_key=pair.api_key, sandbox_private_key=other_pair.private_key.pem)
    assert new_api_key.is_valid()
    assert new_private_key.is_valid()
    assert new_api_key.plan().pairs[SANDBOX] == Credentials(other_pair.api_key, pair.private_key)
    assert new_private_key.plan().pairs[SANDBOX] == Credentials(pair.api_key, other_pair.private_key)


def test_only_what_was_sent_is_changed() -> None:
    form = bound()
    assert form.is_valid()
    assert form.plan().is_empty


@pytest.mark.parametrize("value", ["staging", "SANDBOX"])
def test_an_unknown_active_environment_is_refused(value: str) -> None:
    assert errors(bound(active_environment=value), "active_environment")


@pytest.mark.parametrize("value", ["-1", "two", "1.5", "9" * 40, "²"])
def test_a_revision_that_no_page_sent_counts_as_out_of_date(value: str) -> None:
    form = bound(revision=value)
    assert form.is_valid()
    assert form.plan().revision == 0


def test_a_program_that_sends_no_revision_means_the_current_one() -> None:
    form = bound(revision="")
    assert form.is_valid()
    assert form.plan().revision is None


@pytest.mark.parametrize("name", ["two\nlines", "bell\x07", "\u200b", "turned\u202earound"])
def test_a_name_is_one_line_of_visible_characters(name: str) -> None:
    assert "visible" in errors(named("project_name", name), "project_name")[0]


@pytest.mark.parametrize("name", ["active_environment", "project_id", "data_space_id"])
def test_a_key_sent_for_something_else_is_not_sent_back(name: str, pair: Credentials) -> None:
    connect(pair)
    for part in ("-----BEGIN PRIVATE KEY-----", pair.private_key.pem.splitlines()[3]):
        form = bound(**{"revision": "0", name: part})
        shown = (
            f"{form.as_div()} {form.rebased(connection.load()).as_div()} {form.rebased(connection.load()).conflicts}"
        )
        assert part not in shown


class CountedSpaces(list[DataSpace]):
    """Data spaces, each in a project of its own, and how often the form goes through all of them."""

    passes = 0

    @classmethod
    def of(cls, number: int) -> Self:
        space = DataSpace(
            id="space",
            mage_id="MAG000000007",
            organization_name="Fabrikam",
            project_id="project",
            project_name="Fabrikam",
            type="Testing",
            name="Testing",
            features=None,
        )
        return cls(replace(space, id=f"space-{place}", project_id=f"project-{place}") for place in range(number))

    def __iter__(self) -> Iterator[DataSpace]:
        self.passes += 1
        return super().__iter__()


def test_the_form_goes_through_the_data_spaces_as_often_for_a_thousand_projects_as_for_ten() -> None:
    passes = set()
    for number in (10, 1000):
        stored, spaces = connection.load(), CountedSpaces.of(number)
        stored.__dict__["data_spaces"] = spaces
        form = ConfigurationForm(stored)
        assert len(form.fields["data_space_id"].widget.choices) == number + 1
        passes.add(spaces.passes)
    assert len(passes) == 1


@pytest.mark.parametrize("name", ["project_id", "data_space_id"])
def test_an_id_of_any_length_is_refused_in_time(name: str) -> None:
    assert errors(bound(**{name: "x" * 65}), name)


def test_what_may_be_a_private_key_is_not_sent_back_by_the_field_beside(pair: Credentials) -> None:
    store(SANDBOX, pair)
    form = bound(revision="0", sandbox_api_key=pair.private_key.pem).rebased(connection.load())
    assert "PRIVATE KEY-----" not in str(form["sandbox_api_key"])
    assert [conflict.typed for conflict in form.conflicts] == ["changed"]
    piece = pair.private_key.pem.splitlines()[4][:30] + "+/"
    assert piece not in str(bound(sandbox_api_key=piece)["sandbox_api_key"])
    assert 'value="almost"' in str(bound(sandbox_api_key="almost")["sandbox_api_key"])


def test_no_password_manager_fills_a_key_in() -> None:
    for name in ("sandbox_api_key", "production_private_key"):
        attributes = ConfigurationForm(connection.load()).fields[name].widget.attrs
        assert attributes["autocomplete"] == "off"
        assert "data-1p-ignore" in attributes


def test_the_data_spaces_are_listed_under_their_project(connected: None) -> None:
    choices = ConfigurationForm(connection.load()).fields["data_space_id"].widget.choices
    assert [title for title, _options in choices[1:]] == ["Fabrikam EU", "Fabrikam US"]
    assert (TESTING_ID, "Staging (Testing)") in choices[1][1]


def test_a_chosen_data_space_that_was_not_read_stays_chosen(connected: None) -> None:
    set_instance(data_space_id="gone", data_space_name="Gone")
    form = str(ConfigurationForm(connection.load())["data_space_id"])
    assert '<option value="gone" selected' in form


def test_a_stale_form_names_choices_as_a_person_knows_them(connected: None) -> None:
    form = bound(revision="0", project_id=OTHER_PROJECT_ID, active_environment="production", data_space_id="")
    conflicts = {
        conflict.label: (conflict.stored, conflict.typed) for conflict in form.rebased(connection.load()).conflicts
    }
    assert conflicts == {
        "Active environment": ("Sandbox", "Production"),
        "Project": ("Fabrikam EU", "Fabrikam US"),
        "Data space": ("Staging (Testing)", "empty"),
    }


@pytest.mark.parametrize("name", ["project_name", "data_space_name", "instance_name"])
def test_a_name_has_1_to_255_characters(name: str) -> None:
    assert named(name, "word " * 50 + "words").is_valid()
    assert errors(named(name, "word " * 50 + "words."), name)
    assert errors(named(name, "  "), name)


def test_it_says_that_empty_keeps_the_stored_key_only_where_one_is_stored(pair_stored: None) -> None:
    fields = ConfigurationForm(connection.load()).fields
    said = {environment: str(fields[f"{environment}_private_key"].help_text) for environment in (SANDBOX, PRODUCTION)}
    assert said[SANDBOX] == f"{said[PRODUCTION]} Empty keeps the stored key."
