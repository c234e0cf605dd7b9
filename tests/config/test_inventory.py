"""docs/inventory.md says of every table what is in it and how long it is kept."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR


def test_the_inventory_has_every_table() -> None:
    text = (BASE_DIR / "docs" / "inventory.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", text.partition("## Data")[2].partition("## Logs")[0]))
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - named == set()
