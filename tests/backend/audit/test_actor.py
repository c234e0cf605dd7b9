"""Who acts, where nobody has signed in."""

import getpass

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from backend.audit import actor
from backend.audit.actor import Actor, acting_for, acting_from_shell


def test_a_command_is_run_by_a_user_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    name = getpass.getuser()
    monkeypatch.setenv("LOGNAME", "mallory")
    with acting_from_shell():
        assert actor.current() == Actor(name=f"{name} (command line)")
    assert actor.current() == Actor()


def test_what_the_system_does_by_itself_is_not_done_by_who_runs_the_command() -> None:
    with acting_from_shell(), acting_for(None):
        assert actor.current() == Actor()


def test_a_request_has_its_own_person(alice: User) -> None:
    request = RequestFactory().get("/")
    request.user = alice
    with acting_from_shell(), acting_for(request):
        assert actor.current().name == "alice"


def test_no_user_of_the_admin_can_have_the_name_of_a_command() -> None:
    with acting_from_shell(), pytest.raises(ValidationError, match="username"):
        User(username=actor.current().name, password="-").full_clean()
