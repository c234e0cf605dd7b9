"""The Admin below a path, with a proxy that takes the path off an address, and with one that leaves it there."""

from collections.abc import Callable
from typing import Any

import pytest

from config.below import without_prefix


def echo(environ: dict[str, Any], _start_response: Callable[..., Any]) -> list[bytes]:
    return [environ["PATH_INFO"].encode()]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/commerce/admin/", b"/admin/"),
        ("/commerce/", b"/"),
        ("/commerce", b""),
        ("/admin/", b"/admin/"),
        ("/healthz", b"/healthz"),
        ("/commerce-docs/", b"/commerce-docs/"),
    ],
)
def test_the_prefix_is_taken_off_once_and_only_as_a_whole(path: str, expected: bytes) -> None:
    assert list(without_prefix(echo, "/commerce")({"PATH_INFO": path}, print)) == [expected]
