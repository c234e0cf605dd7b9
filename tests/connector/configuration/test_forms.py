"""The only parsers of what a person sends: what they take, what they refuse and what they say then."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pytest_django import Settings

from connector import connection
from connector.configuration.dialogs import ConfirmForm, NameForm
from connector.configuration.forms import ConfigurationForm
from connector.environment import Environment
from connector.gateway.client import Credentials, DataSpace
from connector.keys import keyring
from connector.keys.mistakes import ApiKeyMistake, Mistake
from tests.factories import OTHER_PROJECT_ID, PRODUCTION, PROJECT_ID, SANDBOX, TESTING_ID, connect, set_instance, store

pytestmark = pytest.mark.django_db


def bound(**data: str) -> ConfigurationForm:
    return ConfigurationForm(connection.load(), data)


def errors(form: Any, name: str) -> list[str]:
    return [str(error) for error in form.errors.get(name, [])]


def public_half(pair: Credentials) -> str:
    return pair.private_key.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def locked_with_passphrase(pair: Credentials) -> str:
    return pair.private_key.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    ).decode()


MISTAKES: dict[Mistake, Callable[[Credentials, str, str], str]] = {
    Mistake.PUBLIC_KEY: lambda pair, *_keys: public_half(pair),
    Mistake.API_KEY: lambda *_keys: "c" * 32,
    Mistake.PASSPHRASE: lambda pair, *_keys: locked_with_passphrase(pair),
    Mistake.NOT_RSA: lambda _pair, _short, ec: ec,
    Mistake.TOO_SHORT: lambda _pair, short, _ec: short,
    Mistake.MISSING_BEGIN_END: lambda pair, *_keys: "".join(pair.private_key.pem.splitlines(keepends=True)[1:]),
    Mistake.TRUNCATED: lambda pair, *_keys: pair.private_key.pem[:700],
    Mistake.CIPHERTEXT: lambda *_keys: "0:3:bm90aGluZyB0byBzZWUgaGVyZQ==",
    Mistake.TOO_LONG: lambda pair, *_keys: pair.private_key.pem + " " * 70_000,
    Mistake.NOT_A_KEY: lambda *_keys: "my dog ate the key",
}


@pytest.mark.parametrize("mistake", list(MISTAKES))
@pytest.mark.parametrize("environment", list(Environment))
def test_each_mistake_has_its_own_message_at_its_field(
    environment: Environment, mistake: Mistake, pair: Credentials, short_key_pem: str, ec_key_pem: str
) -> None:
    pasted = MISTAKES[mistake](pair, short_key_pem, ec_key_pem)
    form = bound(**{f"{environment}_api_key": pair.api_key, f"{environment}_private_key": pasted})
    assert errors(form, f"{environment}_private_key") == [str(mistake.label)]
    assert list(form.errors) == [f"{environment}_private_key"]


def test_our_own_envelope_is_refused_as_ciphertext() -> None:
    envelope = keyring.default().encrypt("plain", associated_data="somewhere")
    form = bound(sandbox_api_key="a" * 32, sandbox_private_key=envelope)
    assert errors(form, "sandbox_private_key") == [str(Mistake.CIPHERTEXT.label)]


def test_no_two_mistakes_say_the_same() -> None:
    assert len({str(mistake.label) for mistake in Mistake}) == len(Mistake)
    assert len({str(mistake.label) for mistake in ApiKeyMistake}) == len(ApiKeyMistake)


@pytest.mark.parametrize(
    ("pasted", "mistake"),
    [
        ("-----BEGIN PRIVATE KEY-----", ApiKeyMistake.PRIVATE_KEY),
        ("0:3:bm90aGluZw==", ApiKeyMistake.CIPHERTEXT),
        ("a" * 31, ApiKeyMistake.WRONG_LENGTH),
        ("z" * 32, ApiKeyMistake.OTHER_CHARACTERS),
    ],
)
def test_each_wrong_api_key_has_its_own_message(pasted: str, mistake: ApiKeyMistake, pair: Credentials) -> None:
    form = bound(sandbox_api_key=pasted, sandbox_private_key=pair.private_key.pem)
    assert errors(form, "sandbox_api_key") == [str(mistake.label)]


@pytest.mark.parametrize("shape", ["crlf", "pkcs1", "blanks"])
def test_a_key_in_another_shape_is_taken(shape: str, pair: Credentials) -> None:
    pem = pair.private_key.pem
    pkcs1 = pair.private_key.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    pasted = {"crlf": pem.replace("\n", "\r\n"), "pkcs1": pkcs1.decode(), "blanks": f"\n  {pem}\n\n"}[shape]
    sent = bound(sandbox_api_key=f" {pair.api_key.upper()} ", sandbox_private_key=pasted)
    assert sent.is_valid(), sent.errors
    assert sent.plan().pairs == {SANDBOX: pair}


def both(pair: Credentials) -> str:
    return f"API key: {pair.api_key}\n{pair.private_key.pem}"


@pytest.mark.parametrize("field", ["sandbox_api_key", "sandbox_private_key"])
@pytest.mark.parametrize("is_on_one_line", [False, True])
def test_both_halves_in_one_field_are_a_pair(field: str, pair: Credentials, *, is_on_one_line: bool) -> None:
    pasted = both(pair).replace("\n", "") if is_on_one_line else both(pair)
    form = bound(**{"sandbox_api_key": "", "sandbox_private_key": "", field: pasted})
    assert form.is_valid(), form.errors
    new = form.plan().pairs[SANDBOX]
    assert new == pair
    assert "both halves of the pair in one text" in new.private_key.repairs


def test_an_untouched_api_key_gives_way_to_the_one_that_was_pasted(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, pair)
    form = bound(sandbox_api_key=pair.api_key, sandbox_private_key=both(other_pair))
    assert form.is_valid()
    assert form.plan().pairs == {SANDBOX: other_pair}


def test_an_emptied_api_key_is_not_missed_where_one_was_pasted(pair: Credentials, other_pair: Credentials) -> None:
    store(SANDBOX, pair)
    form = bound(sandbox_api_key="", sandbox_private_key=both(other_pair))
    assert form.is_valid()
    assert form.plan().pairs == {SANDBOX: other_pair}
    assert form.cleared == []


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


def test_other_choices_are_a_change(pair: Credentials) -> None:
    connect(pair)
    form = bound(active_environment="production", project_id=OTHER_PROJECT_ID, data_space_id="")
    assert form.is_valid()
    plan = form.plan()
    assert (plan.environment, plan.project_id, plan.data_space_id) == (PRODUCTION, OTHER_PROJECT_ID, "")


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
    assert "visible" in errors(NameForm({"project_name": name}, "project_name"), "project_name")[0]


@pytest.mark.parametrize("name", ["active_environment", "project_id", "data_space_id"])
def test_a_key_sent_for_something_else_is_not_sent_back(name: str, pair: Credentials) -> None:
    connect(pair)
    for part in ("-----BEGIN PRIVATE KEY-----", pair.private_key.pem.splitlines()[3]):
        form = bound(**{"revision": "0", name: part})
        shown = (
            f"{form.as_div()} {form.rebased(connection.load()).as_div()} {form.rebased(connection.load()).conflicts}"
        )
        assert part not in shown


def test_ten_thousand_projects_are_grouped_in_one_go() -> None:
    stored = connection.load()
    stored.__dict__["data_spaces"] = tuple(
        DataSpace(
            id=f"space-{number}",
            mage_id="MAG000000007",
            organization_name="Fabrikam",
            project_id=f"project-{number}",
            project_name="Fabrikam",
            type="Testing",
            name="Testing",
            features=None,
        )
        for number in range(10_000)
    )
    began = time.process_time()
    form = ConfigurationForm(stored)
    assert len(form.fields["data_space_id"].widget.choices) == 10_001
    assert time.process_time() - began < 1


@pytest.mark.parametrize("name", ["project_id", "data_space_id"])
def test_an_id_of_any_length_is_refused_in_time(name: str) -> None:
    assert errors(bound(**{name: "x" * 65}), name)


def test_a_private_key_is_never_rendered(pair: Credentials) -> None:
    page = str(bound(sandbox_private_key=pair.private_key.pem, sandbox_api_key="wrong"))
    assert "PRIVATE KEY-----" not in page
    assert pair.private_key.pem.splitlines()[3] not in page


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


def test_the_data_spaces_are_listed_under_their_project(pair: Credentials) -> None:
    connect(pair)
    choices = ConfigurationForm(connection.load()).fields["data_space_id"].widget.choices
    assert [title for title, _options in choices[1:]] == ["Fabrikam EU", "Fabrikam US"]
    assert (TESTING_ID, "Staging (Testing)") in choices[1][1]


def test_a_chosen_data_space_that_was_not_read_stays_chosen(pair: Credentials) -> None:
    connect(pair)
    set_instance(data_space_id="gone", data_space_name="Gone")
    form = str(ConfigurationForm(connection.load())["data_space_id"])
    assert '<option value="gone" selected' in form


def test_a_locked_value_is_not_taken_from_the_form(
    pair: Credentials, other_pair: Credentials, settings: Settings
) -> None:
    settings.LOCKED_VALUES = {
        **settings.LOCKED_VALUES,
        "active_environment": "sandbox",
        "sandbox_api_key": pair.api_key,
        "sandbox_private_key": pair.private_key.pem,
        "project_id": PROJECT_ID,
    }
    form = bound(
        active_environment="production",
        sandbox_api_key=other_pair.api_key,
        sandbox_private_key=other_pair.private_key.pem,
        project_id=OTHER_PROJECT_ID,
    )
    assert form.is_valid()
    assert form.plan().is_empty


def test_a_stale_form_names_choices_as_a_person_knows_them(pair: Credentials) -> None:
    connect(pair)
    form = bound(revision="0", project_id=OTHER_PROJECT_ID, active_environment="production", data_space_id="")
    conflicts = {
        conflict.label: (conflict.stored, conflict.typed) for conflict in form.rebased(connection.load()).conflicts
    }
    assert conflicts == {
        "Active environment": ("Sandbox", "Production"),
        "Project": ("Fabrikam EU", "Fabrikam US"),
        "Data space": ("Staging (Testing)", "empty"),
    }


@pytest.mark.parametrize("typed", ["Sandbox", "sandbox", "  SANDBOX "])
def test_removing_is_confirmed_by_the_name(typed: str) -> None:
    assert ConfirmForm({"confirmation": typed}, "Sandbox", "sandbox").is_valid()


@pytest.mark.parametrize("typed", ["", "Production", "yes"])
def test_removing_is_not_confirmed_by_anything_else(typed: str) -> None:
    form = ConfirmForm({"confirmation": typed}, "Sandbox", "sandbox")
    assert errors(form, "confirmation")


@pytest.mark.parametrize("name", ["project_name", "data_space_name", "instance_name"])
def test_a_name_has_1_to_255_characters(name: str) -> None:
    assert NameForm({name: "word " * 50 + "words"}, name).is_valid()
    assert errors(NameForm({name: "word " * 50 + "words."}, name), name)
    assert errors(NameForm({name: "  "}, name), name)


def test_it_says_that_empty_keeps_the_stored_key_only_where_one_is_stored(pair: Credentials) -> None:
    store(SANDBOX, pair)
    fields = ConfigurationForm(connection.load()).fields
    said = {environment: str(fields[f"{environment}_private_key"].help_text) for environment in (SANDBOX, PRODUCTION)}
    assert said[SANDBOX] == f"{said[PRODUCTION]} Empty keeps the stored key."
