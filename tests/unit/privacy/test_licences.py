"""No file holds a row that its source's licence keeps from its readers: real rows of each kind, sealed and audited."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
from pydantic import ValidationError

import warehouse.seal
from ingest.contract import Restriction
from ingest.dock import receive, write_meta
from ingest.registry import sources
from quality.batches import Context
from quality.suites.disclosure import forbidden_rows
from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table, write_system_table
from warehouse.paths import Lineage
from warehouse.privacy.audiences import AudienceTable, Share, audience_table
from warehouse.privacy.licences import Forbidden, condition, forbidden
from warehouse.region import Region
from warehouse.release import Manifest, new_release_id
from warehouse.settings import Settings

AUDIENCES = ("bi", "analyst", "advisory")
FLOW = ("marts", "fct_trade_flow")
DERIVED = ("marts", "mart_import_dependency")
SOURCE = ("meta", "source")
# The real rows as the fact holds them. The models are not needed for that: what matters are source, reporter and level.
FACT = """
CREATE TABLE marts.fct_trade_flow AS
SELECT 'comext' AS source_id, reporter_code, product_code, length(product_code) AS product_level, snapshot_id,
  value_eur AS value FROM '{lake}/comext/flow/comext*.parquet'
UNION ALL SELECT 'comext', 'AT', left(product_code, 6), 6, snapshot_id, value_eur FROM '{lake}/comext/flow/comext*.parquet'
UNION ALL SELECT 'comext', 'DE', product_code, 8, snapshot_id, value_eur FROM '{lake}/comext/flow/comext*.parquet'
UNION ALL SELECT 'comext', 'CH', '73', 2, snapshot_id, value_eur FROM '{lake}/comext/flow/comext*.parquet'
UNION ALL SELECT 'comtrade', reporter_iso3, product_code, length(product_code), snapshot_id, value_usd
  FROM '{lake}/comtrade/flow/comtrade*.parquet'
UNION ALL SELECT 'hs4_world_exports', reporter_iso3, product_code, 4, snapshot_id, value_usd
  FROM '{lake}/hs4_world_exports/export/hs4*.parquet';
CREATE TABLE marts.mart_import_dependency AS
SELECT 'comtrade-flow-0' AS snapshot_id, 1.0 AS origin_hhi UNION ALL SELECT 'baci-flow-0', 2.0 UNION ALL SELECT NULL, 3.0;
"""


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory, region: Region, real_data: Path) -> Lineage:
    """The real files of every restricted source, landed."""
    lineage = Lineage(tmp_path_factory.mktemp("licences") / "home", "real")
    lineage.prepare()
    settings = Settings(lineage.home, "real", "maerkische_region", real_data, 5, None)
    for source_id in ("comext", "comtrade", "hs4_world_exports"):
        receive(sources()[source_id], lineage, region, settings)
    write_meta(lineage, settings)
    write_system_table(
        lineage.lake, "identity", "consent",
        pl.DataFrame(schema={"company_id": pl.String, "purpose_code": pl.String, "is_granted": pl.Boolean,
                             "text_version": pl.String, "in_force_since": pl.Datetime("us")}),
    )  # fmt: skip
    return lineage


@pytest.fixture(scope="module")
def build(landed: Lineage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with the real rows in it."""
    path = tmp_path_factory.mktemp("build") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA meta")
        connection.execute(FACT.format(lake=landed.lake))
        connection.execute(f"CREATE TABLE meta.source AS FROM '{landed.lake}/meta/source/table.parquet'")
    return path


Sealed = Callable[..., Path]


@pytest.fixture
def sealed(landed: Lineage, build: Path, monkeypatch: pytest.MonkeyPatch) -> Sealed:
    """Seal the facts for every audience, as if each were given all of them."""
    everybody = {audience: Share(codes_as_enum=True) for audience in AUDIENCES}
    shares: dict[tuple[str, str], dict[str, Share]] = dict.fromkeys((FLOW, DERIVED, SOURCE), everybody)
    table = AudienceTable(audience_table().labels, shares, audience_table().licences)
    monkeypatch.setattr(warehouse.seal, "audience_table", lambda: table)
    monkeypatch.setattr(warehouse.seal, "keep_state", lambda *_: None)

    def seal_it(profile: str = "live", build_file: Path = build) -> Path:
        lineage = Lineage(landed.home, profile)
        if profile != landed.profile:
            for table in (SOURCE, ("identity", "consent")):
                write_system_table(lineage.lake, *table, read_system_table(landed.lake, *table))
        lineage.prepare()
        return warehouse.seal.seal(
            lineage, build_file, release_id=new_release_id(), run_id="r", region_code="x", code_version="x",
            input_fingerprint="", is_synthetic=False,
        )  # fmt: skip

    return seal_it


def rows(candidate: Path, audience: str) -> dict[str, int]:
    """Rows of the fact by source and, for Comext, reporter and level."""
    with duckdb.connect(str(candidate / f"{audience}.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "SELECT CASE source_id::VARCHAR WHEN 'comext' THEN 'comext ' || reporter_code || ' ' || product_level "
            "ELSE source_id::VARCHAR END AS kind, count(*) FROM marts.fct_trade_flow GROUP BY ALL"
        ).fetchall()
    return dict(found)


def audited(candidate: Path) -> list[tuple[object, ...]]:
    context = Context(candidate, None, [], {}, False, 3, frozenset())
    return forbidden_rows(context).rows()


def test_the_build_holds_real_rows_of_every_kind(build: Path) -> None:
    """Otherwise nothing below would mean anything."""
    with duckdb.connect(str(build), read_only=True) as connection:
        found = dict(connection.execute("SELECT source_id, count(*) FROM marts.fct_trade_flow GROUP BY ALL").fetchall())
        at = connection.execute(
            "SELECT count(*) FROM marts.fct_trade_flow WHERE source_id = 'comext' AND reporter_code = 'AT' AND product_level = 8"
        ).fetchone()
    assert at == (4,)
    assert found["comtrade"] > 100_000
    assert found["hs4_world_exports"] > 100_000


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_file_holds_what_a_licence_forbids(sealed: Sealed, audience: str) -> None:
    """Austrian detail, Swiss trade, Comtrade and the world table stay behind; coarser and other members' rows go on."""
    candidate = sealed()
    assert rows(candidate, audience) == {"comext AT 6": 4, "comext DE 8": 4}
    assert audited(candidate) == []


def test_rows_for_local_use_are_shown_where_the_table_says_so(sealed: Sealed) -> None:
    """In profile real analysts see the sets that are for use on this machine; nobody else, and never Austrian detail."""
    candidate = sealed("real")
    assert set(rows(candidate, "analyst")) == {"comext AT 6", "comext DE 8", "comtrade", "hs4_world_exports"}
    for audience in ("bi", "advisory"):
        assert set(rows(candidate, audience)) == {"comext AT 6", "comext DE 8"}
    assert audited(candidate) == []


def test_the_audit_finds_what_a_seal_let_through(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a seal that knows no licence every kind is found, by audience, table and source; so the silence above counts."""
    monkeypatch.setattr(warehouse.seal, "forbidden", lambda *_: [])
    found = audited(sealed())
    kinds = {(audience, source, licence): int(str(n)) for audience, _, source, licence, n in found}
    for audience in AUDIENCES:
        assert kinds[audience, "comtrade", "local_use_only"] > 100_000
        assert kinds[audience, "hs4_world_exports", "local_use_only"] > 100_000
    assert {n for audience, _, source, _, n in found if source == "comext"} == {4}
    assert len([f for f in found if f[2] == "comext"]) == 2 * len(AUDIENCES)


def test_what_is_not_redistributable_goes_with_all_that_was_made_of_it(
    sealed: Sealed, landed: Lineage, build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The strictest restriction also keeps out computed rows; an unknown origin is not held against a row."""
    original = landed.lake / "meta" / "source" / "table.parquet"
    strict = pl.read_parquet(original).with_columns(
        pl.col("restrictions").str.replace("local_use_only", "not_redistributable")
    )
    broken = tmp_path / "warehouse.duckdb"
    broken.write_bytes(build.read_bytes())
    with duckdb.connect(str(broken)) as connection:
        connection.register("strict", strict.to_arrow())
        connection.execute("CREATE OR REPLACE TABLE meta.source AS FROM strict")
    monkeypatch.setattr(
        warehouse.seal,
        "read_system_table",
        lambda lake, owner, name: strict if owner == "meta" else read_system_table(landed.lake, owner, name),
    )
    candidate = sealed("real", broken)
    for audience in AUDIENCES:
        assert set(rows(candidate, audience)) == {"comext AT 6", "comext DE 8"}
        with duckdb.connect(str(candidate / f"{audience}.duckdb"), read_only=True) as connection:
            kept = connection.execute("SELECT origin_hhi FROM marts.mart_import_dependency ORDER BY 1").fetchall()
        assert kept == [(2.0,), (3.0,)]
    assert audited(candidate) == []
    monkeypatch.setattr(warehouse.seal, "forbidden", lambda *_: [])
    assert ("bi", "marts.mart_import_dependency", "comtrade", "not_redistributable", 1) in audited(
        sealed("real", broken)
    )


def test_the_sources_are_listed_with_what_their_licence_forbids(sealed: Sealed) -> None:
    """``meta.source`` travels with every file, restricted or not."""
    candidate = sealed()
    for audience in AUDIENCES:
        with duckdb.connect(str(candidate / f"{audience}.duckdb"), read_only=True) as connection:
            asked = "SELECT source_id, licence, restriction_code FROM meta.source"
            listed = {source: facts for source, *facts in connection.execute(asked).fetchall()}
        assert "excludes Austrian trade data at CN8 from commercial reuse" in listed["comext"][0]
        assert listed["comtrade"][1] == "local_use_only"
    restrictions = Manifest.read(candidate).restrictions
    assert '"code": "non_commercial", "rows": {"reporter_code": ["AT"], "product_level": [8]}' in restrictions["comext"]
    assert '"code": "local_use_only", "rows": {}' in restrictions["comtrade"]


def test_a_table_that_cannot_tell_a_row_apart_gets_none_of_the_source() -> None:
    rule = Forbidden("comext", "non_commercial", {"reporter_code": ["AT"], "product_level": [8]}, False)
    assert rule.condition(["source_id", "value"]) == "coalesce(source_id::VARCHAR = 'comext', false)"
    assert rule.condition(["snapshot_id", "value"]) is None
    assert condition([rule], ("meta", "snapshot"), ["source_id"]) is None


def test_a_restriction_nobody_decided_on_stops_the_seal() -> None:
    """A new code in a contract is not silently free for all."""
    restrictions = {"x": '[{"code": "by_request", "rows": {}, "reason": ""}]'}
    with pytest.raises(KettenwerkError, match=r"audiences.yml, source x: nobody says whom a licence with 'by_request'"):
        forbidden(restrictions, "bi", "live")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "free", "rows": {"a": ["b"]}, "reason": "r"},
        {"code": "non_commercial", "rows": {}, "reason": "r"},
        {"code": "non_commercial", "rows": {"a": []}, "reason": "r"},
        {"code": "non_commercial", "rows": {"a = 1 --": ["b"]}, "reason": "r"},
        {"code": "non_commercial", "rows": {"a": ["b"]}},
    ],
)
def test_a_contract_says_exactly_what_is_forbidden(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Restriction.model_validate(wrong)


MODELS = Path(warehouse.seal.__file__).parents[1] / "dbt_project" / "models"


def untold(source_id: str) -> set[str]:
    """Shared tables that are made of a source and have no column that says so."""
    files = {p.stem: p.read_text(encoding="utf-8") for p in [*MODELS.rglob("*.sql"), *MODELS.rglob("*.py")]}
    parents = {n: set(re.findall(r"""ref\(['"](\w+)['"]\)""", text)) for n, text in files.items()}
    reached = {n for n, text in files.items() if re.search(rf"""source\(['"]{source_id}['"]""", text)}
    while more := {n for n, own in parents.items() if own & reached} - reached:
        reached |= more
    shared = {name for schema, name in audience_table().shares if schema == "marts"}
    described = {n: (next(MODELS.rglob(f"{n}.yml"))).read_text(encoding="utf-8") for n in reached & shared}
    return {n for n, text in described.items() if not re.search(r"- name: (source_id|snapshot_id)\n", text)}


def test_nothing_made_of_what_is_not_redistributable_is_beyond_telling() -> None:
    """A source gets the strictest restriction only where each shared table made of it can leave its rows out."""
    strict = [s.source_id for s in sources().values() if s.restriction_code == "not_redistributable"]
    assert {s: found for s in strict if (found := untold(s))} == {}
    assert "mart_product_space" in untold("hs4_world_exports"), "the search finds such tables where they are"
    assert "fct_trade_flow" not in untold("hs4_world_exports")


def test_summed_rows_are_judged_like_the_rows_they_sum() -> None:
    """Markets are one source's figures under other names: Swiss trade and Comtrade stay behind, members' trade goes on.
    Austrian detail is forbidden at eight digits, which the table does not state: that cannot excuse its rows."""
    table, columns = ("marts", "mart_market_analysis"), ["reporter_geo_code", "snapshot_id", "value_eur"]
    swiss = Forbidden("comext", "non_commercial", {"reporter_code": ["CH", "LI"]}, False)
    austrian = Forbidden("comext", "non_commercial", {"reporter_code": ["AT"], "product_level": [8]}, False)
    local = Forbidden("comtrade", "local_use_only", {}, False)
    test = condition([swiss, austrian, local], table, columns)
    rows = [("CH", "comext-flow-1"), ("AT", "comext-flow-1"), ("DE", "comext-flow-1"), ("CH", "baci-flow-1"),
            ("FR", "comtrade-flow-1"), ("DE", None)]  # fmt: skip
    values = ", ".join(f"('{r}', {'NULL' if s is None else repr(s)})" for r, s in rows)
    with duckdb.connect() as connection:
        kept = connection.execute(
            f"SELECT reporter_geo_code, snapshot_id FROM (VALUES {values}) AS t (reporter_geo_code, snapshot_id) WHERE NOT ({test})"
        ).fetchall()
    assert kept == [("DE", "comext-flow-1"), ("CH", "baci-flow-1"), ("DE", None)]
    assert condition([swiss, austrian, local], ("marts", "mart_import_dependency"), ["snapshot_id"]) is None
