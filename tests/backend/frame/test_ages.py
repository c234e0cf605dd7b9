"""How long ago something was, as people say it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connector.templatetags.ages import ago


@pytest.mark.parametrize(
    ("age", "said"),
    [(timedelta(0), "just now"), (timedelta(seconds=59), "just now"), (timedelta(minutes=4), "4\xa0minutes ago")],
)
def test_an_age_is_said_as_people_say_it(age: timedelta, said: str) -> None:
    assert ago(timezone.now() - age) == said
