"""The Admin below a path, such as https://shop.example.com/commerce/."""

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def without_prefix(application: Application, prefix: str) -> Application:
    """Return `application`, which gets addresses without `prefix`, whether a proxy takes it off or leaves it there."""

    def below(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :]
        return application(environ, start_response)

    return below if prefix else application
