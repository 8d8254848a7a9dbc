"""Two answers with damaged names: one is found in the register by itself, one a person decides; both can be taken back."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest

from tests.integration.conftest import Works
from tests.integration.test_key_rotation import ids
from warehouse.lake import read_system_table

WAVE = "2027"
Record = tuple[str, str]


def damaged(works: Works) -> tuple[Record, Record]:
    """In the answers as they landed: a slip of the pen, and a partnership under its general partner's name; no number, no LEI."""
    [path] = [p for p in (works.lineage.lake / "limesurvey" / "answer").glob("*.parquet") if WAVE in _waves(p)]
    answers = pl.read_parquet(path)
    named = answers.filter(question_concept_id="LEGAL_NAME").filter(pl.col("raw_value").str.ends_with("GmbH"))
    typo, partner = named.filter(pl.col("raw_value").str.contains("Probe"))["response_id"].head(2)
    name, own = pl.col("question_concept_id") == "LEGAL_NAME", pl.col("response_id")
    kept = answers.filter(
        ~(own.is_in([typo, partner]) & pl.col("question_concept_id").is_in(["REG_NO", "LEI"]))
    ).with_columns(
        raw_value=pl.when(name & (own == typo))
        .then(pl.col("raw_value").str.replace("Probe", "Prrobe"))
        .when(name & (own == partner))
        .then(pl.col("raw_value") + " & Co. KG")
        .otherwise("raw_value"),
        answer_code=pl.when(name & own.is_in([typo, partner])).then(None).otherwise("answer_code"),
    )
    kept.write_parquet(path)
    return ("limesurvey", f"{WAVE}:{typo}"), ("limesurvey", f"{WAVE}:{partner}")


def _waves(path: object) -> set[str]:
    return set(pl.read_parquet(path, columns=["wave_id"])["wave_id"].unique())  # pyright: ignore[reportArgumentType]


def listed(works: Works) -> list[dict[str, str]]:
    """The list for a person, as a spreadsheet reads it."""
    done = works.call("identity", "review", check=True)
    if "Nothing is open" in done.stdout:
        return []
    path = works.lineage.root / "review" / "identity-review.csv"
    assert path.stat().st_mode & 0o077 == 0, "the list names companies: its owner alone reads it"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))


@pytest.mark.long
def test_companies_are_tied_told_apart_and_let_go(works: Works) -> None:
    before = ids(works)
    typo, partner = damaged(works)
    after = ids(works)
    assert after[typo] == before[typo], "a slip of the pen is still the same company"
    assert after[partner] != before[partner], "a GmbH & Co. KG is not the GmbH of its name"
    [decision] = json.loads(works.call("identity", "ledger", "--json", check=True).stdout)
    assert (
        decision["action"] == "same"
        and decision["method"] == "linkage"
        and "Prrobe" in decision["evidence"]["explanation_de"]
    )

    [row] = [r for r in listed(works) if {r["Unternehmen"], r["Kandidat"]} == {after[partner], before[partner]}]
    filled = works.home / "filled.csv"
    row |= {"Entscheidung": "verschieden", "Entschieden von": "Probe", "Entschieden am": "03.02.2027"}
    with filled.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, row, delimiter=";")
        writer.writeheader()
        writer.writerow(row)
    assert "1 decisions in the ledger" in works.call("identity", "decide", str(filled), check=True).stdout
    assert ids(works) == after
    assert not [r for r in listed(works) if r["Unternehmen"] == after[partner]], "what was decided is not asked again"

    done = works.call(
        "identity", "reverse", decision["decision_id"], "--by", "Probe", "--because", "Zwillingsfirma", check=True
    )
    assert "taken back" in done.stdout
    loose = ids(works)
    assert loose[typo] != after[typo] and {k: v for k, v in loose.items() if k != typo} == {
        k: v for k, v in after.items() if k != typo
    }
    held = works.call("identity", "ledger", "--all", check=True).stdout
    assert "Zwillingsfirma" in held
    again = works.call("identity", "reverse", decision["decision_id"], "--by", "Probe", "--because", "noch einmal")
    assert again.returncode == 1 and "taken back before" in again.stdout + again.stderr
    table = read_system_table(works.lineage.lake, "identity", "decision")
    assert sorted(zip(table["action_code"], table["is_in_force"], strict=True)) == [("distinct", True), ("same", False)]
