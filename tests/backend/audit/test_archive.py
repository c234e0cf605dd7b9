"""An export of the action log can be proved without the database."""

import csv
import io
import json
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from backend.audit import chain
from backend.audit.models import LoggedAction
from tests.backend.audit.test_proof import verify, write
from tests.backend.audit.test_report import parts

pytestmark = pytest.mark.django_db
Change = Callable[[list[str]], object]


@pytest.fixture(params=["csv", "jsonl"])
def exported(request: pytest.FixtureRequest, as_alice: Client, alice: User, tmp_path: Path) -> Path:
    """Four rows and those of the sign-in and the export, newest first in the CSV, oldest first in the JSON lines."""
    write("=1+1; =2", "b\r\n-c", "ü", "d")
    file = tmp_path / f"log.{request.param}"
    if request.param == "csv":
        file.write_bytes(b"".join(parts(as_alice, "sort=-at")))
    else:
        out = StringIO()
        call_command("audit", "export", stdout=out)
        file.write_text(out.getvalue(), encoding="utf-8")
    return file


def change(file: Path, act: Change) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    act(lines)
    file.write_text("".join(lines), encoding="utf-8")


def found(file: Path, **options: Any) -> dict[str, Any]:
    return verify("--file", str(file), **options)


def test_an_export_that_nobody_changed_is_intact(exported: Path) -> None:
    checked = found(exported, code=0)
    assert (checked["gaps"], checked["problems"]) == (0, [])
    assert checked["head"] == verify(code=0)["head"]


def test_a_row_that_was_edited_is_named(exported: Path) -> None:
    exported.write_text(exported.read_text(encoding="utf-8").replace("\\u00fc", "x"), encoding="utf-8")
    assert [problem["kind"] for problem in found(exported)["problems"]] == ["edited"]


def test_rows_that_were_left_out_are_a_gap_and_the_others_are_proved(as_alice: Client, tmp_path: Path) -> None:
    write("first", "other", "first")
    file = tmp_path / "log.csv"
    file.write_bytes(b"".join(parts(as_alice, "q=first")))
    checked = found(file, code=0)
    assert (checked["rows"], checked["gaps"]) == (2, 1)


def test_a_head_that_was_kept_has_to_be_in_the_file(exported: Path) -> None:
    head = "{number}:{digest}".format(**verify(code=0)["head"])
    assert found(exported, code=0)
    assert verify("--file", str(exported), "--head", head, code=0)
    (problem,) = verify("--file", str(exported), "--head", f"99:{'0' * 64}")["problems"]
    assert problem["text"] == "Number 99 is not in this file."


def test_the_digest_in_the_csv_is_the_sha_256_of_the_record(as_alice: Client) -> None:
    write("=1+1; =2")
    rows = list(csv.DictReader(io.StringIO(b"".join(parts(as_alice)).decode("utf-8-sig"))))
    row = next(row for row in rows if row["Number"])
    assert row["Digest"] == sha256(row["Record"].encode()).hexdigest()
    assert json.loads(row["Record"])["subject"] in {"=1+1; =2", ""}
    assert chain.canonical(json.loads(row["Record"])) == row["Record"]


def test_who_took_all_rows_is_logged() -> None:
    call_command("audit", "export", stdout=StringIO())
    row = LoggedAction.objects.get()
    assert (row.action, row.user_name.endswith("(command line)")) == ("log_exported", True)


def test_a_row_without_a_link_has_no_proof_yet(as_alice: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(b"".join(parts(as_alice)).decode("utf-8-sig"))))
    assert {(row["Number"], row["Digest"], row["Record"]) for row in rows} == {("", "", "")}


@pytest.mark.parametrize(
    "content", ["{", '{"number": 1}', '{"digest": "0", "number": "1", "id": 1}', "a,b\n1,2\n", '{"a":' * 9999]
)
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "other"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match="is no row of an action log") as refused:
        call_command("audit", "verify", "--file", str(file))
    assert refused.value.returncode == 2


def test_a_file_that_proves_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other"
    file.write_text("Time,IP Address\n", encoding="utf-8")
    with pytest.raises(CommandError, match="No row of this file has a digest"):
        call_command("audit", "verify", "--file", str(file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The file cannot be read: No such file or directory"):
        call_command("audit", "verify", "--file", str(tmp_path / "none"))
