"""The static files that production mode serves, and whether they were collected from those of this version."""

import hashlib
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from whitenoise.storage import CompressedManifestStaticFilesStorage

from backend.frame import assets
from backend.frame.assets import AssetsFinder, SourcesFinder

SOURCES = "sources.sha256"


class CollectedFiles(CompressedManifestStaticFilesStorage):
    """Collected files, named by their content and compressed, with a digest of what they were made of."""

    def load_manifest(self) -> Any:
        """Return the names of the files, none if they cannot be read: collectstatic then writes them again."""
        try:
            return super().load_manifest()
        except (OSError, ValueError):
            return {}, ""

    def save_manifest(self) -> None:
        """Save the names of the files, then the digest."""
        super().save_manifest()
        Path(self.path(SOURCES)).write_text(digest_of_sources(), encoding="ascii")

    def is_complete(self) -> bool:
        """Return whether every file of this version was collected and is there."""
        try:
            collected_from = Path(self.path(SOURCES)).read_bytes()
        except OSError:
            return False
        return collected_from == digest_of_sources().encode() and all(map(self.exists, self.hashed_files.values()))


def digest_of_sources() -> str:
    """Return a digest of the static files as they are in the program, and of the code that joins them."""
    found: dict[str, Any] = {}
    for finder in get_finders():
        # It has nothing but those that another one finds, joined, and would write them here.
        if isinstance(finder, SourcesFinder):
            found |= finder.all(StaticFilesConfig.ignore_patterns)
        elif not isinstance(finder, AssetsFinder):
            found |= finder.list(StaticFilesConfig.ignore_patterns)
    digest = hashlib.sha256(Path(assets.__file__).read_bytes())
    for name, storage in sorted(found.items()):
        with storage.open(name) as file:
            content = file.read()
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()
