"""What is written from the contracts is as the contracts say now; names keep the house's constitution."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ingest.dbt_sources import render as render_sources
from tests.conftest import ROOT
from warehouse.build import PROJECT
from warehouse.privacy.audiences import audience_table

SUFFIX_TYPES = {"_count": {"integer", "bigint"}, "_pct": {"double"}, "_share": {"double"}, "_score": {"double"}, "_eur": {"double"},
                "_usd": {"double"}, "_kg": {"double"}, "_code": {"varchar"}, "_at": {"timestamp"}, "_date": {"date"}}  # fmt: skip


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    from orchestration.manifest import ensure_manifest

    ensure_manifest()
    return json.loads((PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def marts(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["fqn"][1] == "marts"]


@pytest.mark.parametrize("path", render_sources(), ids=lambda p: p.name)
def test_dbt_sources_are_up_to_date(path: Any) -> None:
    assert path.read_text(encoding="utf-8") == render_sources()[path], "call: make docs"


def test_the_dictionary_is_up_to_date(manifest: dict[str, Any]) -> None:
    from orchestration.dictionary import PAGE, render

    assert PAGE.read_text(encoding="utf-8") == render(), "call: make docs"


def test_every_mart_has_a_contract_and_every_column_a_description(marts: list[dict[str, Any]]) -> None:
    for mart in marts:
        assert mart["config"]["contract"]["enforced"], mart["name"]
        assert mart["description"], mart["name"]
        for name, column in mart["columns"].items():
            assert column["description"], f"{mart['name']}.{name}"
            assert column["data_type"], f"{mart['name']}.{name}"


def test_published_columns_are_those_of_the_contract(marts: list[dict[str, Any]]) -> None:
    """Names, types and order stand in ``tests/fixtures/contract.sql``; a change there is a change for every reader."""
    text = (ROOT / "tests" / "fixtures" / "contract.sql").read_text(encoding="utf-8")
    wanted = {}
    for schema, table, body in re.findall(r"CREATE TABLE (\w+)\.(\w+) \(\n(.*?)\n\);", text, re.S):
        pairs = re.findall(
            r"\b(\w+) (VARCHAR|DOUBLE|INTEGER|BIGINT|BOOLEAN|DATE|TIMESTAMP)\b", re.sub(r"--.*", "", body)
        )
        wanted[f"{schema}.{table}"] = [(name, kind.lower()) for name, kind in pairs]
    built = {
        f"{m['schema']}.{m['alias']}": [(n, c["data_type"].lower()) for n, c in m["columns"].items()] for m in marts
    }
    assert set(built) == set(wanted)
    for table, columns in wanted.items():
        assert built[table] == columns, table


def test_names_say_their_unit(marts: list[dict[str, Any]]) -> None:
    for mart in marts:
        for name, column in mart["columns"].items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name), name
            for suffix, types in SUFFIX_TYPES.items():
                if name.endswith(suffix):
                    assert column["data_type"].lower() in types, f"{mart['name']}.{name}"


def test_layers_are_named_and_marts_read_no_staging_of_other_rooms(manifest: dict[str, Any]) -> None:
    prefix = {"staging": "stg_", "intermediate": "int_"}
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        layer = node["fqn"][1]
        if layer in prefix:
            assert node["name"].startswith(prefix[layer]), node["name"]
        if layer == "staging":
            assert all(d.startswith(("source.", "macro.")) for d in node["depends_on"]["nodes"]), node["name"]
        if layer == "intermediate":
            assert not any(d.startswith("source.") for d in node["depends_on"]["nodes"]), node["name"]


def test_the_audience_table_names_what_exists(marts: list[dict[str, Any]]) -> None:
    built = {(m["schema"], m["alias"]): set(m["columns"]) for m in marts}
    for table, shares in audience_table().shares.items():
        assert table in built, table
        for share in shares.values():
            assert share.columns == "all" or set(share.columns) <= built[table]
            assert set(share.transform) <= built[table]
    assert set(audience_table().shares) == set(built), "a mart that no audience gets, or one that nobody builds"
