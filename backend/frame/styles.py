"""Joins the stylesheets: a page asks for one file, and static/css has one for each component."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "joined.css"


class StylesFinder(BaseFinder):
    """Finds the joined stylesheet, and writes it again when a part has changed."""

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (the framework's)
        """Return the path of the joined stylesheet if `path` names it."""
        if path != NAME:
            return []
        joined, parts = Path(settings.VAR_DIR) / NAME, sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
        text = "".join(part.read_text(encoding="utf-8") for part in parts)
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
