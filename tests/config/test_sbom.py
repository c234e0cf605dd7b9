"""The list of the parts of a release, as .ci/run makes it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
MAKES_IT = re.compile(r"^(cyclonedx-py .*) -o var/sbom\.json$", re.MULTILINE)


def command() -> str:
    """Return how .ci/run makes the list, without the place that it writes to."""
    found = MAKES_IT.search((BASE_DIR / ".ci" / "run").read_text(encoding="utf-8"))
    assert found
    return found[1]


def made() -> str:
    program, *arguments = shlex.split(command())
    script = Path(sys.executable).with_name(program)
    done = subprocess.run([script, *arguments], cwd=BASE_DIR, capture_output=True, text=True, check=True)  # noqa: S603  (what .ci/run has)
    return done.stdout


@pytest.fixture(scope="module")
def sbom() -> dict[str, Any]:
    parts: dict[str, Any] = json.loads(made())
    return parts


def test_it_has_every_locked_package_with_its_checksums(sbom: dict[str, Any]) -> None:
    text = (BASE_DIR / "requirements.txt").read_text(encoding="utf-8")
    locked = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", text, re.MULTILINE)
    assert sorted((part["name"], part["version"]) for part in sbom["components"]) == sorted(locked)
    assert [part["name"] for part in sbom["components"] if not part["externalReferences"][0]["hashes"]] == []
    assert (sbom["metadata"]["component"]["name"], sbom["bomFormat"]) == ("commerce-admin", "CycloneDX")


def test_it_names_no_place_to_download_from_and_no_moment(sbom: dict[str, Any]) -> None:
    assert [part["name"] for part in sbom["components"] if "://" in json.dumps(part)] == []
    assert "timestamp" not in sbom["metadata"]
    assert "serialNumber" not in sbom


def test_it_is_the_same_each_time(sbom: dict[str, Any]) -> None:
    assert json.loads(made()) == sbom


def test_contributing_has_the_same_command() -> None:
    assert command() in (BASE_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
