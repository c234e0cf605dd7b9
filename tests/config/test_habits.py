"""House rules for Python, and for the commands that check them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
CODE = ("backend", "benchmarks", "config", "connector", "dashboard", "payments", "saas", "tests")
MODULES = sorted(
    path for folder in CODE for path in (BASE_DIR / folder).rglob("*.py") if "migrations" not in path.parts
)
COMMANDS = (
    "ruff format",
    "ruff check",
    "lint-imports",
    "mypy",
    "djlint templates --lint",
    "hadolint deploy/Containerfile",
    "python manage.py makemigrations --check --dry-run",
)
PLACES = (".ci/run", ".pre-commit-config.yaml", "CONTRIBUTING.md")
# Too slow for a commit.
TESTS = (
    'pytest -n auto -m "not deploy"',
    "DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres pytest -n auto -m database",
    "pytest -m deploy",
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """Yield each function of a module, and before it where it is."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield f"{path.relative_to(BASE_DIR)}:{node.lineno} {node.name}", node


def lines(function: Function) -> int:
    """Return how many lines it has from `def` on, its docstring among them."""
    return (function.end_lineno or 0) - function.lineno + 1


def is_view(function: Function) -> bool:
    """Return whether it is a view: its first argument, after `self`, is the request, and it returns a response."""
    names = [argument.arg for argument in function.args.args if argument.arg != "self"]
    answers = ast.unparse(function.returns) if function.returns else ""
    return names[:1] == ["request"] and answers in {"HttpResponse", "JsonResponse", "StreamingHttpResponse"}


def test_every_function_stays_short() -> None:
    found = [place for path in MODULES for place in functions(path)]
    assert {place: lines(function) for place, function in found if lines(function) >= 40} == {}
    views = [(place, function) for place, function in found if is_view(function)]
    assert {place: lines(view) for place, view in views if lines(view) >= 25} == {}


def test_it_knows_a_view_when_it_sees_one() -> None:
    accounts = BASE_DIR / "saas" / "portal" / "accounts.py"
    found = {function.name for _place, function in functions(accounts) if is_view(function)}
    assert {"home", "create_account", "entitlements"} <= found
    assert not {"is_owner", "owned_account", "current_account"} & found


def test_the_quick_commands_are_the_same_everywhere() -> None:
    places = {place: (BASE_DIR / place).read_text(encoding="utf-8") for place in PLACES}
    assert [(place, command) for place, text in places.items() for command in COMMANDS if command not in text] == []


def test_ci_runs_every_test_and_repeats_those_of_the_database_on_postgresql() -> None:
    places = {place: (BASE_DIR / place).read_text(encoding="utf-8") for place in (".ci/run", "CONTRIBUTING.md")}
    assert [(place, command) for place, text in places.items() for command in TESTS if command not in text] == []


def test_what_changes_the_machine_is_done_as_root() -> None:
    script = (BASE_DIR / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    changing = [line.strip() for line in script if re.search(r"\b(apt-get|service|sed -i)\b", line)]
    assert changing
    assert [line for line in changing if not line.startswith("as_root ")] == []
