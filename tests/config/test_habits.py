"""The commands that check the code."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
COMMANDS = (
    "ruff format",
    "ruff check",
    "lint-imports",
    "mypy",
    "djlint templates --check",
    "djlint templates --lint",
    "python manage.py makemigrations --check --dry-run",
)


@pytest.mark.parametrize("place", [".ci/run", ".pre-commit-config.yaml", "CONTRIBUTING.md"])
def test_the_quick_commands_are_the_same_everywhere(place: str) -> None:
    written = (BASE_DIR / place).read_text(encoding="utf-8")
    assert [command for command in COMMANDS if command not in written] == []


def test_what_changes_the_machine_is_done_as_root() -> None:
    script = (BASE_DIR / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    changing = [line.strip() for line in script if re.search(r"\b(apt-get|service|sed -i)\b", line)]
    assert changing
    assert [line for line in changing if not line.startswith("as_root ")] == []
