"""Every planted truth is in the generated files, with the answer the truths state."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from ingest.sample.tables import countries
from ingest.sample.truths import DEPENDENCY_PLANS, FIT_PLANS, TRADE_YEARS

CONSENTS = ("CONSTORE", "CONSBENCH", "CONSADV", "CONSMATCH", "CONSLINK", "CONSREP", "CONSRECON")


@pytest.fixture(scope="session")
def flows(ours) -> pl.DataFrame:
    """BACI as delivered, with country codes of two letters."""
    code = {r["country_code"]: r["country_iso2"] for r in ours.rows("baci/country_codes_V202601.csv")}
    frames = [
        pl.read_csv(ours.text(f"baci/BACI_HS17_Y{year}_V202601.csv").encode(), infer_schema=False)
        for year in TRADE_YEARS
    ]
    return pl.concat(frames).select(
        pl.col("t").cast(pl.Int32).alias("year"),
        pl.col("i").replace_strict(code).alias("exporter"),
        pl.col("j").replace_strict(code).alias("importer"),
        pl.col("k").alias("product"),
        pl.col("v").cast(pl.Float64).alias("value"),
    )


def matrix(flows: pl.DataFrame, year: int) -> tuple[list[str], list[str], np.ndarray]:
    """Exports by country and product, and whether the country is specialised in it (Balassa, at least 1)."""
    wide = (
        flows.filter(pl.col("year") == year)
        .group_by("exporter", "product")
        .agg(pl.col("value").sum())
        .sort("exporter", "product")
        .pivot(on="product", index="exporter", values="value")
        .fill_null(0.0)
    )
    exports = wide.drop("exporter").to_numpy()
    share = exports / exports.sum(axis=1, keepdims=True)
    return wide["exporter"].to_list(), wide.columns[1:], share / (exports.sum(axis=0) / exports.sum()) >= 1.0


def by_id(inbox) -> dict[int, dict[str, str]]:
    return {int(r["id"]): r for r in inbox.survey()}


def named_single_sources(rows: list[dict[str, str]]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        for n in range(1, 6):
            cell = {k: row[f"{k}[SQ00{n}]"] for k in ("SUPNAM", "SUPHS4", "SUPSHR", "SUPSGL")}
            if cell["SUPNAM"] and cell["SUPSGL"] == "Y" and cell["SUPSHR"] == "A6":
                found[cell["SUPNAM"], cell["SUPHS4"]].append(int(row["id"]))
    return found


def test_single_source_clusters_are_the_only_named_ones(inbox) -> None:
    rows = by_id(inbox)
    found = named_single_sources(list(rows.values()))
    planted = {
        (c.supplier.name, c.input_hs4): [b.response_id for b in c.buyers]
        for c in inbox.manifest.truths.single_source_clusters
    }
    assert len(planted) >= 3 and all(len(buyers) >= 4 for buyers in planted.values())
    assert {k: sorted(v) for k, v in found.items()} == {k: sorted(v) for k, v in planted.items()}
    for cluster in inbox.manifest.truths.single_source_clusters:
        supplier = rows[cluster.supplier.response_id]
        assert supplier["LNAME"] == cluster.supplier.name and supplier["RNO"] == cluster.supplier.register_number
        assert supplier["PHS[SQ001]"].startswith(cluster.input_hs4)
        for person in (cluster.supplier, *cluster.buyers):
            row = rows[person.response_id]
            assert row["submitdate"] and all(row[c] == "Y" for c in CONSENTS)


def test_market_fit_target_is_close_large_growing_and_open(ours, flows) -> None:
    last = TRADE_YEARS[-1]
    exporters, codes, present = matrix(flows, last)
    together = present.T.astype(float) @ present
    proximity = together / np.maximum.outer(present.sum(axis=0), present.sum(axis=0))
    np.fill_diagonal(proximity, 0.0)
    imports = flows.group_by("year", "importer", "product").agg(pl.col("value").sum())
    now = imports.filter(pl.col("year") == last)
    planted = {(p.target_product, p.target_country) for p in FIT_PLANS}
    others = now.filter(~pl.concat_str("product", "importer").is_in([f"{p}{j}" for p, j in planted]))
    rows = by_id(ours)
    for truth in ours.manifest.truths.market_fits:
        row = rows[truth.company.response_id]
        assert row["PHS[SQ001]"] == truth.company_product and not row["PHS[SQ002]"] and row["submitdate"]
        made, target = codes.index(truth.company_product), codes.index(truth.target_product)
        assert proximity[made, target] == proximity[made].max() >= 0.7
        assert all(
            proximity[made, codes.index(p)] < proximity[made, target] - 0.1
            for p, _ in planted - {(truth.target_product, truth.target_country)}
        )
        assert present[exporters.index("DE"), made] and present[exporters.index("DE"), target]
        series = imports.filter(
            pl.col("product") == truth.target_product, pl.col("importer") == truth.target_country
        ).sort("year")
        value = series["value"].to_list()
        assert (value[-1] / value[-6]) ** 0.2 - 1 > 0.2
        near = [code for code, close in zip(codes, proximity[made] >= 0.3, strict=True) if close]
        assert value[-1] > 2 * others.filter(pl.col("product").is_in(near))["value"].max()
        origins = flows.filter(
            pl.col("year") == last,
            pl.col("product") == truth.target_product,
            pl.col("importer") == truth.target_country,
        )["value"]
        assert origins.len() > 25 and float(((origins / origins.sum()) ** 2).sum()) < 0.2


def test_other_demand_grows_slower(flows) -> None:
    planted = [f"{p.target_product}{p.target_country}" for p in FIT_PLANS]
    wide = (
        flows.filter(pl.col("year").is_in([2019, 2024]))
        .group_by("year", pl.concat_str("product", "importer").alias("market"))
        .agg(pl.col("value").sum())
        .filter(~pl.col("market").is_in(planted))
        .pivot(on="year", index="market", values="value")
        .filter(pl.col("2024") > 100_000)  # small markets jump; they do not compete with billions
    )
    growth = (wide["2024"] / wide["2019"]) ** 0.2 - 1
    assert float(growth.drop_nulls().max()) < 0.12


def test_trade_is_connected_in_every_year(flows) -> None:
    """One component of countries and products, and a clear second eigenvalue: complexity indices are defined."""
    for year in TRADE_YEARS:
        _, _, present = matrix(flows, year)
        assert present.sum(axis=1).min() > 10 and present.sum(axis=0).min() >= 3
        reached = np.zeros(present.shape[0], dtype=bool)
        reached[0] = True
        for _ in range(present.shape[0]):
            reached = reached | (present & present[reached].any(axis=0)).any(axis=1)
        assert reached.all()


def test_complexity_follows_the_planted_capability(flows) -> None:
    exporters, _, present = matrix(flows, TRADE_YEARS[-1])
    m = present.astype(float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    half = diversity[:, None] ** -0.5
    _, vectors = np.linalg.eigh(half * (m / ubiquity) @ m.T * half.T)
    index = vectors[:, -2] * half[:, 0]
    capability = {c.iso2: c.capability for c in countries()}
    assert abs(np.corrcoef(index, [capability[c] for c in exporters])[0, 1]) > 0.8


def test_duplicate_company_answers_twice(inbox) -> None:
    rows = by_id(inbox)
    (pair,) = inbox.manifest.truths.duplicates
    first, second = rows[pair.first.response_id], rows[pair.second.response_id]
    assert first["LNAME"] != second["LNAME"] == pair.second.name
    assert first["RCOURT"] == second["RCOURT"] and first["RTYPE"] == second["RTYPE"]
    assert second["RNO"].split()[-1] == first["RNO"] == pair.first.register_number
    assert first["submitdate"] < second["submitdate"]
    numbers = [r["RNO"].split()[-1] for r in rows.values()]
    assert len(numbers) - len(set(numbers)) == 1


def test_secret_cell_is_not_printed_but_follows_by_subtraction(inbox) -> None:
    (puzzle,) = inbox.manifest.truths.secret_cells
    assert puzzle.expected_value is None and puzzle.expected_status == "secret"
    cells = [
        c
        for c in inbox.cells(puzzle.table_code, 2024)
        if c["1_variable_attribute_code"] == puzzle.region_code
        and not c["3_variable_attribute_code"]
        and not c["4_variable_attribute_code"]
    ]
    printed = {c["2_variable_attribute_code"].removeprefix("WZ08-"): c["value"] for c in cells}
    assert printed[puzzle.wz_code] == "."
    assert [k for k, v in printed.items() if v == "."] == [puzzle.wz_code], (
        "one secret cell, else nothing could be computed"
    )
    rest = sum(int(v) for k, v in printed.items() if len(k) == 1 and v.isdigit())
    assert int(printed[""]) - rest == puzzle.value_by_subtraction > 0
    groups = [
        c["value"]
        for c in inbox.cells("13111-80-01-4", 2024)
        if c["1_variable_attribute_code"] == puzzle.region_code and c["2_variable_attribute_code"].startswith("WZ08-68")
    ]
    assert groups and set(groups) == {"."}


def test_withdrawn_consents_are_later_events(inbox) -> None:
    rows = by_id(inbox)
    events = inbox.rows("consent/consent_events.csv")
    withdrawn = {
        (int(e["response_id"]), e["purpose_code"]) for e in events if e["is_granted"] == "0" and e["wave_id"] == "2026"
    }
    truths = inbox.manifest.truths.withdrawn_consents
    assert [t.purpose_code for t in truths] == ["CONS_STORE", "CONS_ADVISER"]
    assert {w for w in withdrawn if w[1] != "CONS_RECONTACT"} == {
        (t.company.response_id, t.purpose_code) for t in truths
    }
    for truth in truths:
        row = rows[truth.company.response_id]
        assert row["CONSTORE"] == row["CONSADV"] == "Y" and row["submitdate"] < truth.occurred_at
    assert any(e["is_granted"] == "1" for e in events)


@pytest.mark.parametrize("plan", DEPENDENCY_PLANS, ids=lambda p: p.product)
def test_import_dependency_follows_from_the_files(flows, plan) -> None:
    members = [c.iso2 for c in countries() if c.is_eu27]
    for year in TRADE_YEARS:
        product = flows.filter(pl.col("product") == plan.product, pl.col("year") == year)
        to_eu, from_eu = pl.col("importer").is_in(members), pl.col("exporter").is_in(members)
        extra = product.filter(to_eu & ~from_eu)
        origins = extra.group_by("exporter").agg(pl.col("value").sum())["value"]
        intra = product.filter(to_eu & from_eu)["value"].sum()
        outside = product.filter(~to_eu & from_eu)["value"].sum()
        total = origins.sum()
        assert (total, intra, outside) == (plan.extra_kusd, plan.intra_kusd, plan.exports_extra_kusd)
        assert intra + outside == plan.exports_total_kusd
        assert float(((origins / total) ** 2).sum()) == pytest.approx(plan.origin_hhi)
        assert total / (total + intra) == pytest.approx(plan.extra_share)
        assert total / (intra + outside) == pytest.approx(plan.ratio_total)
        assert total / outside == pytest.approx(plan.ratio_extra)
    ratios = {plan.ratio_total > 1, plan.ratio_extra > 1}
    assert ratios == {plan.is_dependent}
    assert (plan.origin_hhi > 0.4 and plan.extra_share > 0.5) == plan.is_dependent


def test_truths_are_written_beside_the_inbox(inbox) -> None:
    path = inbox.manifest.inbox.parent / "sample_truths.json"
    document = json.loads(path.read_text("utf-8"))
    for name, value in json.loads(json.dumps(asdict(inbox.manifest.truths))).items():
        assert document[name] == value, name
    assert document["region_code"] == inbox.region.region_code


def test_nobody_plays_two_parts(inbox) -> None:
    truths = inbox.manifest.truths
    parts = [p.response_id for c in truths.single_source_clusters for p in (c.supplier, *c.buyers)]
    parts += [f.company.response_id for f in truths.market_fits] + [d.first.response_id for d in truths.duplicates]
    parts += [w.company.response_id for w in truths.withdrawn_consents]
    assert len(parts) == len(set(parts))
