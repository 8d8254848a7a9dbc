"""The search for identifiers in published text: a phone number is found, a random id that looks like one is not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from quality.batches import scan_text
from quality.suites.disclosure import IDENTIFIERS

RANDOM = "974b0d3f-0391-4711-8a2b-0123456789ab"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (RANDOM, []),
        (f"run {RANDOM} of today", []),
        (f"run {RANDOM}, Tel. 02371 123456", ["phone number"]),
        ("0391-4711", ["phone number"]),
        ("+49 2371 123456", ["phone number"]),
        ("anna@example.invalid", ["mail address"]),
        ("nothing of the kind", []),
    ],
)
def test_only_what_speaks_of_somebody_is_found(tmp_path: Path, text: str, found: list[str]) -> None:
    with duckdb.connect(str(tmp_path / "bi.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts; CREATE TABLE marts.t (v VARCHAR)")
        connection.execute("INSERT INTO marts.t VALUES (?)", [text])
    assert [row["pattern"] for row in scan_text(tmp_path, "bi", IDENTIFIERS)] == found
