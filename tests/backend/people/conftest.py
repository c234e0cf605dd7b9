"""What the tests of users and of roles share."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.conftest import signed_in


@pytest.fixture
def as_grace(grace: User) -> Client:
    """Grace manages people or roles; each file says which."""
    return signed_in(grace)
