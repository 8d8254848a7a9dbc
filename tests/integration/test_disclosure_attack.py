"""The published aggregates against a reader with a linear programme, who knows all of them and nothing else (BIX-002)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from quality.attack import DIMENSIONS, recovered
from quality.attack_pair import won
from tests.integration.conftest import Works
from warehouse.files import opened
from warehouse.privacy.disclosure_changes import changes, tally
from warehouse.region import Region

SLICE = ["wave_id", "driver_code"]
CELL = list(DIMENSIONS)
LIMITS = Region.load("maerkische_region").privacy
K, HIGH_FROM = int(LIMITS["k"]), float(LIMITS["high_score_from"])


@pytest.fixture(scope="module")
def truth(build_file: Path) -> pl.DataFrame:
    """What the build knows of every cell, and nobody outside."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        return connection.execute("SELECT * FROM intermediate.int_dependency__protected").pl()


@pytest.fixture(scope="module")
def served(published: Works) -> pl.DataFrame:
    with opened(published.lineage.current.resolve() / "bi.duckdb") as connection:
        return connection.execute("SELECT * FROM bi.bi_dependency").pl()


def attack(table: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Every withheld figure that can be told to within a fifth, whether the codes are read or not."""
    limits = Region.load("maerkische_region").privacy
    found = []
    for key, rows in table.group_by(SLICE):
        own = truth.filter(pl.all_horizontal(pl.col(c) == v for c, v in zip(SLICE, key, strict=True)))
        for reads in (False, True):
            cells = recovered(rows, own, int(limits["k"]), float(limits["high_score_from"]), reads_codes=reads)
            found.append(cells.with_columns(driver_code=pl.lit(key[1]), reads_codes=pl.lit(reads)))
    return pl.concat(found)


def test_no_withheld_figure_can_be_computed(served: pl.DataFrame, truth: pl.DataFrame) -> None:
    assert served.filter(pl.col("suppression_code") != "none").height > 100, "there is something to be found"
    found = attack(served, truth)
    assert found.is_empty(), found
    shown = served.filter(pl.col("suppression_code") == "none")
    assert shown["mean_score"].count() > 0.8 * shown.height, "and the table still says something"


@pytest.mark.parametrize("spoilt", ["means and shares", "counts"])
def test_the_same_reader_wins_where_nothing_covers(served: pl.DataFrame, truth: pl.DataFrame, spoilt: str) -> None:
    """Figures hidden cell by cell only: by rounding alone, or the smallest cells without any cover."""
    both = served.drop("company_count", "mean_score", "share_high_pct", "suppression_code").join(
        truth, on=[*SLICE, *CELL]
    )
    code = pl.col("suppression_code")
    if spoilt == "counts":
        code = (
            pl.when(pl.col("company_count") < pl.col("minimum_count"))
            .then(pl.lit("primary_n"))
            .otherwise(pl.lit("none"))
        )
    shown = code == "none"
    naive = both.with_columns(
        company_count=pl.when(shown).then("company_count"),
        mean_score=pl.when(shown).then(pl.col("mean_score").round(1)),
        share_high_pct=pl.when(shown).then(pl.col("share_high_pct").round(1)),
        suppression_code=code,
    )
    assert attack(naive, truth).height > 20


@pytest.mark.parametrize("later", ["2026p", "2027"])
def test_a_wave_beside_an_earlier_one_tells_no_answer(
    served: pl.DataFrame, truth: pl.DataFrame, build_file: Path, later: str
) -> None:
    """The reader is told more than anybody knows: who took part in which wave, and whose answers stayed the same.

    How many stand in a hidden cell follows for him from what he was told, so it is no finding. That no answer follows is
    measured here, not guaranteed: see "What releases tell together" in warehouse/README.md.
    """
    with duckdb.connect(str(build_file), read_only=True) as connection:
        people = connection.execute("SELECT * FROM intermediate.int_dependency__contribution").pl()
    spoilt, found = [], []
    for driver in ("energy", "labour"):
        own = [(pl.col("wave_id") == wave) & (pl.col("driver_code") == driver) for wave in ("2026", later)]
        then, now = (people.filter(rows) for rows in own)
        keys = list(truth.filter(own[0] | own[1]).select(CELL).unique().sort(CELL).iter_rows())
        moves = changes(then, now, keys, 0.0).select(*CELL, "joined", "left", "changed")
        for into, table in ((found, served), (spoilt, _unprotected(truth))):
            rows = [table.filter(w).with_columns(published_run_id=pl.lit(str(n))) for n, w in enumerate(own)]
            truths = tally(then, keys, HIGH_FROM), tally(now, keys, HIGH_FROM)
            into.append(won(rows[0], rows[1], truths, moves, K, HIGH_FROM))
    answers = pl.col("figure") != "company_count"
    assert pl.concat(found).filter(answers).is_empty(), pl.concat(found).filter(answers)
    assert pl.concat(spoilt).filter(answers).height, "the same reader wins where nothing is hidden"


def _unprotected(truth: pl.DataFrame) -> pl.DataFrame:
    return truth.with_columns(
        pl.col("mean_score").round(1), pl.col("share_high_pct").round(1), suppression_code=pl.lit("none")
    )
