"""The scores of the sample: planted pairs lead for the right reason and chance does not find them; every score opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.integration.conftest import Works
from warehouse.methods.market_fit import Facts, MarketFitConfig, score

SEEDS = range(5)


@pytest.fixture(scope="module")
def facts(build_file: Path) -> tuple[Facts, MarketFitConfig]:
    """What the build scored, read from it again."""
    with duckdb.connect(str(build_file), read_only=True) as connection:

        def table(statement: str) -> pl.DataFrame:
            return connection.sql(statement).pl()

        settings = dict(table("SELECT * FROM staging.stg_region__setting").iter_rows())
        newest = table("SELECT * FROM intermediate.int_market_fit__market")
        earlier = table("SELECT * FROM intermediate.int_market_fit__market_yearly WHERE NOT is_newest")
        facts = Facts(
            companies=table(
                "SELECT company_id, wz2008_code, automotive_band_mid_pct FROM intermediate.int_market_fit__exposure "
                "FULL JOIN intermediate.int_company__survey USING (company_id)"
            ),
            products=table("SELECT * FROM intermediate.int_market_fit__product"),
            competences=table("SELECT * FROM intermediate.int_market_fit__competence"),
            markets=pl.concat([newest, earlier], how="diagonal_relaxed"),
            industries=table("SELECT * FROM intermediate.int_market_fit__industry"),
            requirements=table("SELECT * FROM intermediate.int_market_fit__requirement"),
            proximity=table(
                "SELECT product_code_a, product_code_b, proximity, year FROM intermediate.int_product_space__proximity "
                "WHERE source_id = 'baci' AND length(product_code_a) = 6 QUALIFY year = max(year) OVER ()"
            ),
        )
    given = json.loads(settings["market_fit_config"])
    home = {"home_country": settings["country_code"], "home_country_label_de": "Deutschland"}
    return facts, MarketFitConfig.from_mapping({**given, **home})


@pytest.fixture(scope="module")
def planted(published: Works) -> list[tuple[str, str]]:
    """Company and target of every planted pair."""
    truths: dict[str, Any] = json.loads((published.lineage.root / "sample_truths.json").read_text(encoding="utf-8"))
    ids = dict(published.ask("SELECT register_number, company_id FROM marts.dim_company WHERE is_current", "advisory"))
    found = [
        (str(ids[pair["company"]["register_number"]]), f"{pair['target_product']}-{pair['target_country']}")
        for pair in truths["market_fits"]
    ]
    assert len(found) >= 5
    return found


def ranks(scored: pl.DataFrame, pairs: list[tuple[str, str]]) -> list[int | None]:
    by_pair = {
        (c, t): rank for c, t, rank in scored.select("company_id", "target_market_id", "rank_in_company").iter_rows()
    }
    return [by_pair.get(pair) for pair in pairs]


def test_planted_pairs_lead_and_chance_does_not_find_them(
    facts: tuple[Facts, MarketFitConfig], planted: list[tuple[str, str]], published: Works
) -> None:
    """With the products of the proximities shuffled, capability is random and everything else is as before."""
    given, config = facts
    found = score(given, config)
    served = {(str(c), str(t)): r for c, t, r in published.ask("SELECT company_id, target_market_id, rank_in_company FROM marts.mart_market_fit")}  # fmt: skip
    assert ranks(found, planted) == [served[pair] for pair in planted], "the test computes what was published"
    assert all(rank is not None and rank <= 3 for rank in ranks(found, planted))
    codes = pl.concat([given.proximity["product_code_a"], given.proximity["product_code_b"]]).unique().sort()
    hits = 0
    for seed in SEEDS:
        shuffled = dict(zip(codes, np.random.default_rng(seed).permutation(codes.to_numpy()), strict=True))
        pairs = given.proximity.with_columns(pl.col("product_code_a", "product_code_b").replace_strict(shuffled))
        by_chance = score(Facts(**{**vars(given), "proximity": pairs}), config)
        hits += sum(rank is not None and rank <= 3 for rank in ranks(by_chance, planted))
    assert hits <= len(SEEDS), f"{hits} of {len(SEEDS) * len(planted)} planted pairs lead by chance"


def test_planted_pairs_lead_for_the_right_reason(published: Works, planted: list[tuple[str, str]]) -> None:
    """They were planted as near, large, growing and open; so capability, demand and access are high, and are what is said."""
    for company, target in planted:
        [(capability, demand, access, reasons)] = published.ask(
            "SELECT capability_score, demand_score, access_score, reason_1_de || reason_2_de FROM marts.mart_market_fit "
            f"WHERE company_id = '{company}' AND target_market_id = '{target}'"
        )
        assert min(float(str(v)) for v in (capability, demand, access)) >= 60, target
        assert "Zugang" in str(reasons) or "Nachfrage" in str(reasons) or "Nähe" in str(reasons)
        assert published.ask(
            "SELECT 1 FROM marts.mart_market_fit_evidence WHERE component_code = 'capability' AND statement_de LIKE 'Nähe zum eigenen%' "
            f"AND value >= 0.7 AND company_id = '{company}' AND target_market_id = '{target}'",
            "advisory",
        )


def test_companies_without_a_product_code_are_scored(published: Works, build_file: Path) -> None:
    """Every company that masters a process some industry asks for has targets, whether or not it named a product."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        able = connection.execute(
            "SELECT DISTINCT company_id FROM intermediate.int_market_fit__match WHERE competence_group_code = 'process' "
            "AND company_id NOT IN (SELECT company_id FROM intermediate.int_market_fit__product)"
        ).fetchall()
    assert len(able) >= 10
    scored = {c for (c,) in published.ask("SELECT DISTINCT company_id FROM marts.mart_market_fit WHERE target_type_code = 'industry_segment'")}  # fmt: skip
    assert sum(company in scored for (company,) in able) >= 0.8 * len(able)


@pytest.mark.parametrize("audience", ["analyst", "advisory"])
def test_every_score_recomputes_and_splits(published: Works, audience: str) -> None:
    """From the published columns alone: the geometric core, the arithmetic rest, and the points that add up."""
    with duckdb.connect(str(published.lineage.current.resolve() / f"{audience}.duckdb"), read_only=True) as connection:
        scores = connection.sql("SELECT * FROM marts.mart_market_fit").pl()
        parts = connection.sql("SELECT * FROM marts.mart_market_fit_split").pl()
    key = ["company_id", "target_market_id", "score_version"]
    total = parts.group_by(key).agg(pl.col("points").sum(), pl.col("weight_share").sum())
    joined = scores.join(total, on=key)
    assert joined.height == scores.height > 1000
    assert (joined["fit_score"] - joined["points"]).abs().max() < 1e-9
    assert (joined["weight_share"] - 1).abs().max() < 1e-12
    shares = parts.pivot(on="component_code", index=key, values="weight_share").join(scores, on=key)
    core = shares["capability"] + shares["demand"]
    logs = shares["capability"] * shares["capability_score"].log() + shares["demand"] * shares["demand_score"].log()
    rest = sum(
        (shares[name] * shares[f"{name}_score"]).fill_null(0.0) for name in ("access", "resilience", "diversification")
    )
    assert (core * (logs / core).exp() + rest - shares["fit_score"]).abs().max() <= 0.01


def test_every_score_has_one_argument_against_and_evidence_that_opens(published: Works) -> None:
    assert published.ask("SELECT count(*) FROM marts.mart_market_fit WHERE reason_1_de IS NULL OR reason_2_de IS NULL OR coalesce(counter_reason_de, '') = ''") == [(0,)]  # fmt: skip
    bare = (
        "SELECT count(*) FROM marts.mart_market_fit f WHERE NOT EXISTS (SELECT 1 FROM marts.mart_market_fit_evidence e "
        "WHERE e.company_id = f.company_id AND e.target_market_id = f.target_market_id AND e.score_version = f.score_version)"
    )
    for audience in ("analyst", "advisory"):
        assert published.ask(bare, audience) == [(0,)], audience
        assert published.ask("SELECT count(*) FROM marts.mart_market_fit_evidence e LEFT JOIN meta.snapshot s USING (snapshot_id) WHERE s.snapshot_id IS NULL", audience) == [(0,)]  # fmt: skip
    for audience in ("analyst", "advisory"):
        queries = [str(q) for (q,) in published.ask(f"SELECT DISTINCT query_sql FROM marts.mart_market_fit_evidence WHERE opened_in_code = '{audience}'", "advisory")]  # fmt: skip
        assert queries, audience
        with duckdb.connect(
            str(published.lineage.current.resolve() / f"{audience}.duckdb"), read_only=True
        ) as connection:
            empty = [q for q in queries if not connection.execute(f"{q} LIMIT 1").fetchall()]
        assert not empty, f"{len(empty)} of {len(queries)} open nothing, such as {empty[0]}"


def test_analysts_do_not_read_six_digits_of_a_company(published: Works) -> None:
    named = "SELECT count(*) FROM marts.mart_market_fit_evidence WHERE statement_de LIKE '%eigene%Produkt%'"
    assert published.ask(named) == [(0,)]
    assert published.ask(named, "advisory") != [(0,)]


def test_years_and_gaps_widen_ranks(published: Works) -> None:
    [(rows, wide, uncertain)] = published.ask(
        "SELECT count(*), count(*) FILTER (rank_high - rank_low > 15), count(*) FILTER (confidence_code = 'low') FROM marts.mart_market_fit"
    )
    assert 0 < int(str(wide)) < int(str(rows))
    assert int(str(uncertain)) >= int(str(wide)), "a wide interval is 'unsicher'"
