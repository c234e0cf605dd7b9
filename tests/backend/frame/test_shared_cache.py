"""The cache that processes share holds JSON, and nothing that JSON would change."""

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache, caches
from pytest_django import Settings

from backend.frame.outages import SharedCacheError
from backend.frame.shared_cache import Serializer


@pytest.mark.parametrize("value", [True, 7, -1, 1.5, "é", None, [1764446400.25, 1764446399.5], {"a": [{"b": None}]}])
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    back = Serializer().loads(Serializer().dumps(value))
    assert (back, type(back)) == (value, type(value))


def test_a_number_is_stored_in_digits_so_that_redis_can_count() -> None:
    assert Serializer().dumps(7) == b"7"


@pytest.mark.parametrize(
    "value", [(1, 2), {1: 2}, {"a": (1,)}, {1}, b"x", object(), datetime.now(UTC), float("nan")], ids=range(8)
)
def test_a_value_that_json_would_change_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="JSON"):
        Serializer().dumps(value)


@pytest.mark.parametrize("stored", [pickle.dumps([1.5]), b"{", b"\xff"], ids=range(3))
def test_what_somebody_else_stored_is_not_taken(stored: bytes) -> None:
    with pytest.raises(SharedCacheError, match="not JSON"):
        Serializer().loads(stored)


@pytest.fixture
def nobody_listens(settings: Settings) -> Iterator[None]:
    """Share the cache of a Redis at the port of nobody."""
    settings.CACHES = {"default": {"BACKEND": "backend.frame.shared_cache.Cache", "LOCATION": "redis://127.0.0.1:9/0"}}
    yield
    del caches["default"]


@pytest.mark.parametrize(
    "use",
    [
        lambda: cache.get("a"),
        lambda: cache.set("a", 1),
        lambda: cache.add("a", 1),
        lambda: cache.incr("a"),
        lambda: cache.delete("a"),
        lambda: cache.get_many(["a"]),
    ],
    ids=range(6),
)
def test_without_redis_every_use_ends_in_one_error(nobody_listens: None, use: Any) -> None:
    with pytest.raises(SharedCacheError, match="Redis cannot be used"):
        use()
