"""docs/settings.md and .env.example name the settings that the code reads, with the defaults of the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
ROOMS = ("backend", "config", "connector", "dashboard", "payments", "saas")
READ_CALL = re.compile(r"env\.(?!refuse|stop_if_broken)\w+")
ASSIGNMENT = re.compile(r"^#([A-Z][A-Z0-9_]*?)(?:_FILE)?=(.*)$", re.MULTILINE)
OF_THE_PROCESS = re.compile(r"""os\.(?:environ\.get\(|environ\[|getenv\()["'](\w+)["'](?!\] *=)""")
# Variables that other programs define: servers, the library for metrics, and the framework.
OF_OTHERS = {"SCRIPT_NAME", "PROMETHEUS_MULTIPROC_DIR", "DJANGO_SUPERUSER_PASSWORD"}


def read() -> Iterator[tuple[str, ast.Call]]:
    """Yield each setting with the call like `env.text(…)` that reads it. A call in a loop reads several."""
    tree = ast.parse((BASE_DIR / "config" / "settings.py").read_text(encoding="utf-8"))
    loop_of: dict[ast.AST, Any] = {}
    for node in ast.walk(tree):
        for loop in [node] if isinstance(node, ast.For) else getattr(node, "generators", []):
            loop_of |= dict.fromkeys(ast.walk(node), loop)
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and READ_CALL.fullmatch(ast.unparse(call.func))):
            continue
        if isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value), call
            continue
        target, values = loop_of[call].target.id, ast.literal_eval(loop_of[call].iter)
        for value in values:
            yield eval(ast.unparse(call.args[0]), {}, {target: value}), call  # noqa: S307  (our own settings)


def default(call: ast.Call) -> str:
    """Return the default as people write it, empty where the code works it out."""
    written = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "default")]
    try:
        value = ast.literal_eval(written[0]) if written else ""
    except ValueError:
        # Seconds such as 15 * 60, or a constant of the settings.
        text = ast.unparse(written[0])
        value = eval(text, {}) if re.fullmatch(r"[\d *]+", text) else getattr(settings, text, "")  # noqa: S307  (our own settings)
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


CALLS = list(read())
READ = {name for name, _call in CALLS}
DEFAULTS = {name: default(call) for name, call in CALLS if default(call)}
NOTHING: dict[str, set[str]] = {"missing": set(), "not read": set()}


def documented() -> dict[str, str]:
    """Return the defaults of the settings in the tables of docs/settings.md, empty where a table has none."""
    found, section = {}, ""
    for line in (BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8").splitlines():
        section = line if line.startswith("## ") else section
        if line.startswith("| `"):
            cells = line.split(" | ")
            for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cells[0]):
                found[name] = cells[1] if section == "## All settings" else ""
    return found


def example() -> str:
    return (BASE_DIR / ".env.example").read_text(encoding="utf-8")


def test_the_code_is_read_as_it_is_meant() -> None:
    assert {"MODE", "SECRET_KEY", "CONNECTOR_DATA_SPACE_ID", "SECURE_HSTS_PRELOAD", "CACHE_URL"} <= READ
    wanted = {"PORT": "8000", "DEBUG": "false", "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]"}
    wanted |= {"SESSION_IDLE_S": "1800"}
    assert {name: DEFAULTS[name] for name in wanted} == wanted


def test_every_setting_is_documented_and_nothing_else() -> None:
    names = documented().keys()
    assert {"missing": READ - names, "not read": names - READ} == NOTHING


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    names = {name for name, _value in ASSIGNMENT.findall(example())}
    assert {"missing": READ - names, "not read": names - READ} == NOTHING


def test_the_documented_defaults_are_those_of_the_code() -> None:
    said = {name: re.split(r"[\s`;|]+", cell) for name, cell in documented().items()}
    assert {name: said[name] for name, value in DEFAULTS.items() if value not in said[name]} == {}


def test_the_defaults_of_the_example_are_those_of_the_code() -> None:
    shown = ASSIGNMENT.findall(example().partition("# The defaults of the rest:\n")[2].partition("\n\n")[0])
    assert {"PORT", "TIME_ZONE"} <= dict(shown).keys()
    assert {name: value for name, value in shown if DEFAULTS.get(name, value) != value} == {}


def test_nothing_but_the_settings_reads_variables_of_ours() -> None:
    modules = [path.read_text(encoding="utf-8") for room in ROOMS for path in (BASE_DIR / room).rglob("*.py")]
    assert {name for text in modules for name in OF_THE_PROCESS.findall(text)} <= OF_OTHERS


@pytest.mark.parametrize("read", ['os.environ.get("NAME")', 'os.environ["NAME"]', "os.getenv('NAME', '')"])
def test_it_knows_a_variable_when_it_sees_one(read: str) -> None:
    assert OF_THE_PROCESS.findall(read) == ["NAME"]
    assert not OF_THE_PROCESS.search('os.environ["NAME"] = "value"')
