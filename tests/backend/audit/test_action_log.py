"""What is written to the action log, by whom, from where; and what never is."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from backend.audit import action_log, actor
from backend.audit.action_log import facts
from backend.audit.actions import Words
from backend.audit.models import LoggedAction, SeenEvents
from backend.people.actions import Action as PeopleAction
from connector import connection
from connector.action_log import Action, Refusal
from connector.configuration import pairs, projects
from connector.errors import PairMissingError, RefusedError, StaleRevisionError
from connector.gateway.client import Credentials
from connector.verification.causes import Cause
from tests.addresses import CONFIGURATION
from tests.factories import connect, learn, store
from tests.gateways import CLIENT_ID_INVALID, LIVE_ID, OTHER_PROJECT_ID, OTHER_SPACE_ID, PRODUCTION, SANDBOX, Outside
from tests.markup import form_of, sent

pytestmark = pytest.mark.django_db


def logged() -> list[tuple[str, str, str]]:
    return list(LoggedAction.objects.order_by("pk").values_list("action", "subject", "cause"))


def actions_of(*, leave_out: tuple[str, ...] = ("signed_in",)) -> list[str]:
    return [action for action, _subject, _cause in logged() if action not in leave_out]


def test_saving_keys_is_logged_with_who_and_from_where_and_without_the_keys(
    as_bob: Client, bob: User, accepted: None, pair: Credentials
) -> None:
    as_bob.post(CONFIGURATION, form_of(as_bob.get(CONFIGURATION)) | sent(pair), REMOTE_ADDR="192.0.2.7")
    row = LoggedAction.objects.get(action=Action.KEYS_SAVED)
    assert (row.user_id, row.user_name, row.address, row.subject) == (bob.pk, "bob", "192.0.2.7", "sandbox")
    assert Words().read(row.after) == f"API key: …{pair.api_key[-4:]}\nFingerprint: {pair.private_key.fingerprint}"
    assert actions_of() == ["keys_saved", "verified"]
    texts = str(list(LoggedAction.objects.values()))
    assert [half for half in (pair.api_key, *pair.private_key.pem.splitlines()) if half in texts] == []


def test_a_pair_that_is_refused_is_logged_with_its_cause(
    as_bob: Client, outside: Outside, connected: None, other_pair: Credentials
) -> None:
    outside.refuse(SANDBOX, CLIENT_ID_INVALID | {"detail": "key_revoked"})
    as_bob.post(CONFIGURATION, form_of(as_bob.get(CONFIGURATION)) | sent(other_pair))
    assert logged()[-1] == ("keys_replaced", "sandbox", "key_revoked")


def test_a_data_space_is_logged_by_name_and_id(as_bob: Client, accepted: None, connected: None) -> None:
    as_bob.post(CONFIGURATION, form_of(as_bob.get(CONFIGURATION)) | {"data_space_id": LIVE_ID})
    row = LoggedAction.objects.get(action=Action.DATA_SPACE_CHOSEN)
    assert (row.subject, Words().read(row.before).splitlines()[0]) == ("Live", "Name: Staging")
    assert Words().read(row.after) == f"Name: Live\nId: {LIVE_ID}\nType: Production"


def test_a_data_space_that_was_refused_is_logged_by_name_too(as_bob: Client, outside: Outside, live: None) -> None:
    chosen = {"project_id": OTHER_PROJECT_ID, "data_space_id": OTHER_SPACE_ID}
    as_bob.post(CONFIGURATION, form_of(as_bob.get(CONFIGURATION)) | chosen)
    rows = LoggedAction.objects.filter(result="refused").order_by("pk")
    assert [(row.subject, row.cause) for row in rows] == [("Fabrikam US", "not_confirmed"), ("West", "not_confirmed")]
    assert Words().read(rows[1].after) == f"Name: West\nId: {OTHER_SPACE_ID}\nType: Testing"
    assert outside.calls == []


def test_a_save_by_somebody_else_meanwhile_is_logged_as_refused(connected: None, other_pair: Credentials) -> None:
    store(PRODUCTION, other_pair)
    stale = connection.load()
    pairs.switch_environment(PRODUCTION, connection.load())
    with pytest.raises(StaleRevisionError):
        pairs.switch_environment(PRODUCTION, stale)
    assert logged()[-2:] == [
        ("environment_switched", "production", ""),
        ("environment_switched", "production", "stale"),
    ]


def test_switching_to_missing_keys_is_logged_as_refused(connected: None) -> None:
    with pytest.raises(PairMissingError):
        pairs.switch_environment(PRODUCTION, connection.load())
    assert logged()[-1] == ("environment_switched", "production", "keys_missing")


def test_renaming_nothing_is_logged_as_refused(pair_stored: None) -> None:
    with pytest.raises(RefusedError):
        projects.rename_project("Another", connection.load())
    assert logged()[-1] == ("project_renamed", "Another", "identifier")


def test_removing_keys_keeps_their_fingerprint(pair: Credentials) -> None:
    connect(pair)
    pairs.remove_keys(SANDBOX, connection.load(), erase=False)
    row = LoggedAction.objects.latest("pk")
    assert (row.action, row.before) == ("keys_removed", f"fingerprint: {pair.private_key.fingerprint}")


def test_moving_a_pair_is_logged_with_the_switch(pair_stored: None) -> None:
    learn(SANDBOX, Cause.WRONG_ENVIRONMENT)
    pairs.move_pair(SANDBOX, connection.load(), None)
    assert actions_of() == ["rejected", "pair_moved", "environment_switched"]


def test_only_another_definite_state_is_logged(pair_stored: None) -> None:
    for cause in (None, None, Cause.TIMEOUT, None, Cause.KEY_REVOKED, Cause.TIMEOUT, Cause.KEY_REVOKED, None):
        learn(SANDBOX, cause)
    assert logged() == [
        ("verified", "sandbox", ""),
        ("rejected", "sandbox", "key_revoked"),
        ("verified", "sandbox", ""),
    ]
    assert Words().read(LoggedAction.objects.latest("pk").before) == "The API key was deleted"


def test_what_a_refresh_finds_was_nobodys_doing(as_bob: Client, accepted: None, pair_stored: None) -> None:
    as_bob.post(f"{CONFIGURATION}refresh/")
    row = LoggedAction.objects.get(action=Action.VERIFIED)
    assert (row.user_id, row.user_name, row.address) == (None, "", None)


def test_a_row_is_never_changed(alice: User) -> None:
    action_log.record(PeopleAction.USER_CHANGED, "alice", who=actor.of(None, alice))
    row = LoggedAction.objects.get()
    with pytest.raises(TypeError):
        row.save()


def test_the_name_stays_when_the_user_is_deleted(alice: User) -> None:
    action_log.record(PeopleAction.USER_CHANGED, "alice", who=actor.of(None, alice))
    pk = alice.pk
    alice.delete()
    row = LoggedAction.objects.get()
    assert (row.user_id, row.user_name) == (pk, "alice")


def test_facts_leave_out_what_is_empty_and_keep_one_line_each() -> None:
    assert facts(name="A\nB", email="", roles="Merchant", active=False) == "name: A B\nroles: Merchant\nactive: False"


def test_a_refusal_says_why_in_words() -> None:
    action_log.record(PeopleAction.USER_DELETED, "alice", refusal=Refusal.LICENSE)
    assert Words().label(LoggedAction.objects.get().cause) == "The license of the account allows no more projects"


def test_seeing_never_goes_back(alice: User) -> None:
    for up_to in (5, 9, 7):
        SeenEvents.objects.advance(alice.pk, up_to)
    assert SeenEvents.objects.get().up_to == 9
