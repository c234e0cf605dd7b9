"""The cache of a process without Redis, in its own memory. It counts sign-ins."""

import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache


class Cache(LocMemCache):
    """The framework's cache in memory, but when it is full, it keeps the counts with the most tries.

    The framework's own drops what was used least recently. A few thousand tries at other names, from one IPv6 network,
    would push out the count of a name and so start it again.
    """

    # Where the framework keeps its values, the latest one first.
    _cache: Any
    _expire_info: dict[str, float | None]
    _max_entries: int

    def _cull(self) -> None:
        """Drop expired values, then the shortest until a third is free. A list of tries grows with each try."""
        now = time.time()
        for key in [key for key, end in self._expire_info.items() if end is not None and end <= now]:
            self._drop(key)
        keys = [*reversed(self._cache)]
        # The sort is stable: of values of the same length, the oldest go.
        keys.sort(key=lambda key: len(self._cache[key]))
        for key in keys[: max(0, len(keys) - self._max_entries * 2 // 3)]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        del self._cache[key], self._expire_info[key]
