"""A poisoned delivery stops the refresh with one clear message; what is served does not change by a byte."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import Works

Poison = Callable[[Path], None]


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))


def _write(path: Path, rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    path.write_text(buffer.getvalue(), encoding="utf-8-sig")


def percentage_over_100(path: Path) -> None:
    rows = _rows(path)
    rows[7][rows[0].index("AUTOREV")] = "140"
    _write(path, rows)


def repeated_response(path: Path) -> None:
    rows = _rows(path)
    _write(path, [*rows, rows[5]])


def login_page(path: Path) -> None:
    path.write_text("<!DOCTYPE html><html><head><title>Anmeldung</title></head><body>Bitte anmelden</body></html>")


def truncated_zip(path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path.name, path.read_bytes())
    path.unlink()
    path.with_suffix(".zip").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])


def unknown_column(path: Path) -> None:
    rows = _rows(path)
    _write(path, [[*rows[0], "Q99NEU"], *([*row, "1"] for row in rows[1:])])


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


CASES = [
    pytest.param(percentage_over_100, ["SRV-007", "results-survey-2026.csv", "AUTOREV", "data row 7", "140", "0 to 100"], id="percentage"),
    pytest.param(repeated_response, ["SRV-002", "results-survey-2026.csv", "id", "occurs more than once"], id="repeated-response"),
    pytest.param(login_page, ["LND-002", "results-survey-2026.csv", "HTML", "sign in"], id="login-page"),
    pytest.param(truncated_zip, ["LND-002", "results-survey-2026.zip", "damaged or cut off", "transfer the file again"], id="truncated-zip"),
    pytest.param(unknown_column, ["SRV-001", "results-survey-2026.csv", "Q99NEU", "codebook"], id="unknown-column"),
    pytest.param(empty_file, ["LND-002", "results-survey-2026.csv", "empty"], id="empty-file"),
]  # fmt: skip


@pytest.mark.parametrize(("poison", "words"), CASES)
def test_poison_is_refused_and_nothing_moves(works: Works, poison: Poison, words: list[str]) -> None:
    before = works.served_bytes()
    poison(works.lineage.inbox / "limesurvey" / "results-survey-2026.csv")
    done = works.refresh(check=False)
    assert done.returncode == 1
    for word in ["Nothing was published", "Still served", "What to do", *words]:
        assert word in done.stderr, f"'{word}' is missing in:\n{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    assert sum(line.startswith(words[0]) for line in done.stderr.splitlines()) == 1
    assert works.served_bytes() == before
    assert not list(works.lineage.raw.glob("limesurvey/*.csv"))
