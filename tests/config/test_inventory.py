"""docs/inventory.md has every secret of the settings, and says of every table of which class it is."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from tests.config.test_documented_settings import READ

BASE_DIR: Path = settings.BASE_DIR
SECRETS, _, _REST = (BASE_DIR / "docs" / "inventory.md").read_text(encoding="utf-8").partition("## Data")
DATA = _REST.partition("## Logs")[0]
# Their values are keys, or addresses that have a password.
SECRET = re.compile(r"\w+_(?:KEYS?|TOKEN|PROXY)|(?:DATABASE|CACHE|EMAIL)_URL")


def test_the_inventory_has_every_setting_that_is_a_secret() -> None:
    rows = [line.split(" | ") for line in SECRETS.splitlines() if line.startswith("| ")]
    # What it is, and where it is kept. A link for a new password is kept nowhere, but computed from a setting.
    kept = "".join(cells[0] + cells[2].partition("nowhere")[0] for cells in rows)
    named = "|".join(name.replace("…", r"\w+") for name in re.findall(r"`([A-Z][A-Z_…]+)`", kept))
    secret = {name for name in READ if SECRET.fullmatch(name)}
    assert {"SECRET_KEY", "CONNECTOR_SANDBOX_PRIVATE_KEY"} <= secret
    assert {name for name in secret if not re.fullmatch(named, name)} == set()


def test_the_inventory_has_every_table() -> None:
    named = set(re.findall(r"`(\w+)`", DATA))
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - named == set()


def test_every_table_has_a_class_with_its_rules() -> None:
    classes, data = (part.splitlines()[2:] for part in re.findall(r"(?:^\|.*\n)+", DATA, re.MULTILINE))
    known = {row.split(" | ")[0].strip("| ") for row in classes}
    given = {row: set(re.split(r"\W+", re.split("[;:]", row.split(" | ")[2])[0])) for row in data}
    assert {row: names for row, names in given.items() if not names or names - known} == {}
