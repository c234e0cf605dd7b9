"""Joins the stylesheets: a page asks for one file, and static/css has one for each component."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "joined.css"


def join() -> str:
    """Return all stylesheets as one text."""
    parts = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
    return "".join(part.read_text(encoding="utf-8") for part in parts)


class StylesFinder(BaseFinder):
    """Finds the joined stylesheet, which it writes again where a part was edited."""

    def check(self, **_kwargs: Any) -> list[Any]:
        """Return no message: there is nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (the framework's)
        """Return where the joined stylesheet is, if that is what `path` names."""
        if path != NAME:
            return []
        joined, text = Path(settings.VAR_DIR) / NAME, join()
        if not joined.exists() or joined.read_text(encoding="utf-8") != text:
            joined.parent.mkdir(parents=True, exist_ok=True)
            draft = joined.with_name(f"{NAME}.{os.getpid()}")
            draft.write_text(text, encoding="utf-8")
            # Another process may be reading it.
            draft.replace(joined)
        return [str(joined)] if find_all else str(joined)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:  # noqa: ARG002
        """Yield the joined stylesheet for collectstatic."""
        yield NAME, FileSystemStorage(location=Path(self.find(NAME)).parent)
