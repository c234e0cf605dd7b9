"""The stylesheets and scripts as a browser gets them: the stylesheets in one file, and nothing with comments.

static/css has one stylesheet for each component, and a page asks for one. A fifth of both were comments.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, FileSystemFinder
from django.core.files.storage import FileSystemStorage

# Beside its sources, so that a relative address in a stylesheet means the same in both.
JOINED = "css/joined.css"
SOURCES: Path = settings.BASE_DIR / "static"
MADE: Path = settings.VAR_DIR / "made"
CSS_COMMENT = re.compile(r"/\*.*?\*/\n*", re.DOTALL)
# The line itself stays, so that a browser reports the line numbers of the source.
JS_COMMENT = re.compile(r"(^[ \t]*|(?<=\S) )// .*$", re.MULTILINE)


class AssetsFinder(BaseFinder):
    """Finds the joined stylesheet and the scripts, and writes them again when their source has changed."""

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (the framework's)
        """Return the path of the file that a browser gets for `path`."""
        if path not in _names():
            return []
        made, text = MADE / path, _text(path)
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            made.parent.mkdir(parents=True, exist_ok=True)
            draft = made.with_name(f"{made.name}.{os.getpid()}")
            draft.write_text(text, encoding="utf-8")
            # Another process may be reading it.
            draft.replace(made)
        return [str(made)] if find_all else str(made)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:  # noqa: ARG002
        """Yield all of them for collectstatic."""
        for path in _names():
            self.find(path)
            yield path, FileSystemStorage(location=MADE)


class SourcesFinder(FileSystemFinder):
    """Finds the files of `static/`. collectstatic would print a line for each that it finds twice."""

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        """Yield those that AssetsFinder does not make, for collectstatic."""
        made = _names()
        return ((path, storage) for path, storage in self.all(ignore_patterns) if path not in made)

    def all(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        """Yield all of them."""
        yield from super().list(ignore_patterns)


def _names() -> list[str]:
    return [JOINED, *(f"js/{script.name}" for script in sorted((SOURCES / "js").glob("*.js")))]


def _text(path: str) -> str:
    if path == JOINED:
        parts = sorted((SOURCES / "css").glob("*.css"))
        return CSS_COMMENT.sub("", "".join(part.read_text(encoding="utf-8") for part in parts))
    return JS_COMMENT.sub("", (SOURCES / path).read_text(encoding="utf-8"))
