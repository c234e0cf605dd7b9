"""docs/inventory.md says of every table what is in it, of which class that is and how long it is kept."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
DATA = (BASE_DIR / "docs" / "inventory.md").read_text(encoding="utf-8").partition("## Data")[2].partition("## Logs")[0]


def test_the_inventory_has_every_table() -> None:
    named = set(re.findall(r"`(\w+)`", DATA))
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - named == set()


def test_every_table_has_a_class_with_its_rules() -> None:
    classes, data = (part.splitlines()[2:] for part in re.findall(r"(?:^\|.*\n)+", DATA, re.MULTILINE))
    known = {row.split(" | ")[0].strip("| ") for row in classes}
    given = {row: set(re.split(r"\W+", re.split("[;:]", row.split(" | ")[2])[0])) for row in data}
    assert {row: names for row, names in given.items() if not names or names - known} == {}
