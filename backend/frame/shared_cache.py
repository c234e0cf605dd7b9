"""The cache that processes share: Redis, which counts their sign-ins, with its values as JSON."""

import json
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis, RedisError

from backend.frame.outages import SharedCacheError


class Serializer:
    """Stores values as JSON. With pickles, everybody who can write to Redis could run code in this process."""

    def dumps(self, value: Any) -> bytes:
        """Return `value` as JSON. Raises TypeError if JSON would give back another one, such as a list for a tuple."""
        stored = json.dumps(value)
        if json.loads(stored) != value:
            message = f"JSON would change this value of the type {type(value).__name__}."
            raise TypeError(message)
        return stored.encode()

    def loads(self, stored: Any) -> Any:
        """Return the value. Raises SharedCacheError if somebody else stored it."""
        try:
            return json.loads(stored)
        except ValueError:
            message = "The shared cache holds a value that is not JSON."
            raise SharedCacheError(message) from None


class _Redis(Redis):
    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command. Raises SharedCacheError, whatever goes wrong."""
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except RedisError as error:
            message = f"Redis cannot be used: {error}"
            raise SharedCacheError(message) from error


class _Client(RedisCacheClient):
    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, serializer=Serializer, **options)
        self._client = _Redis


class Cache(RedisCache):
    """The framework's cache in Redis, with JSON for pickles and one error for every failure."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
