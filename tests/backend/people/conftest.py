"""What the tests of users and of roles share."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from backend.frame import present_password
from tests.conftest import signed_in

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def as_grace(grace: User) -> Client:
    """Grace manages people or roles; each file says which."""
    return signed_in(grace)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something happen once the password was checked, which takes a while, and before anything is saved."""
    check = present_password.is_right

    def arrange(event: Callable[[], object]) -> None:
        def checked(request: HttpRequest) -> bool:
            is_right = check(request)
            event()
            return is_right

        monkeypatch.setattr(present_password, "is_right", checked)

    return arrange
