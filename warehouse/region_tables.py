"""The region folder as lake tables, so that models read facts and never name a place.

Belongs here: turning ``Region`` into the tables ``region.*``. Does not belong here: reading the folder (``region``).
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from warehouse.lake import SYSTEM_TABLES, write_system_table
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.survey_tables import survey_tables
from warehouse.text_dictionary import dictionary_rows


def _frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = SYSTEM_TABLES[("region", table)]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")


def write_region_tables(lineage: Lineage, region: Region) -> None:
    """Replace every ``region.*`` table."""
    tables = {
        "unit": _units(region),
        "group_member": _group_members(region),
        "postcode": [
            {**p, "kreis_ags": p["ags"][:5], "postcode_type_code": p.get("postcode_type", "delivery")}
            for p in region.postcodes
        ],
        "court": [dict(c) for c in region.courts],
        "score_breakpoint": _breakpoints(region),
        "competence": [{k: v or None for k, v in row.items()} for row in region.rows("competences.csv")],
        "text_dictionary": dictionary_rows(region),
        "setting": [{"setting_key": k, "setting_value": str(v)} for k, v in _settings(region, lineage.profile).items()],
        **survey_tables(region),
    }
    for name, rows in tables.items():
        write_system_table(lineage.lake, "region", name, _frame(name, rows))


def _units(region: Region) -> list[dict[str, Any]]:
    own: list[dict[str, Any]] = [
        {
            "region_code": k.ags, "ags": k.ags, "region_level_code": "district", "region_name": k.name,
            "kreis_ags": k.ags, "nuts3_code": k.nuts3_code, "ihk_code": region.chamber_of(k.ags), "is_in_region": True,
        }
        for k in region.kreise
    ]  # fmt: skip
    kreise = {k.ags for k in region.kreise}
    for m in region.municipalities:
        own.append(
            {
                "region_code": m["ags"], "ags": m["ags"], "region_level_code": "municipality", "region_name": m["name"],
                "kreis_ags": m["kreis_ags"], "ihk_code": m.get("ihk_code") or region.chamber_of(m["ags"]),
                "population_count": int(m["population_count"]) if m.get("population_count") else None,
                "population_basis_code": m.get("population_basis_code") or None,
                "is_in_region": m["kreis_ags"] in kreise,
            }
        )  # fmt: skip
    return own


def _group_members(region: Region) -> list[dict[str, Any]]:
    return [
        {"group_region_code": g["code"], "group_label_de": g["label_de"], "member_region_code": str(member)}
        for g in region.groups
        for member in [*(g.get("kreise") or []), *(g.get("municipalities") or [])]
    ]


def _breakpoints(region: Region) -> list[dict[str, Any]]:
    config = region.dependency()
    return [
        {
            "score_version": str(config["score_version"]), "driver_code": driver, "unit_code": facts.get("unit", "pct"),
            "x": float(x), "score": float(score),
        }
        for driver, facts in config["drivers"].items()
        for x, score in facts["breakpoints"]
    ]  # fmt: skip


def _settings(region: Region, profile: str) -> dict[str, Any]:
    """Facts models compare with; a rule's limits as ``<rule id>.<limit>``."""
    privacy, market_fit = region.privacy, region.market_fit()
    return {
        "region_code": region.region_code,
        "label_de": region.label_de,
        "country_code": region.country_code,
        "state_region_code": region.state_region_code,
        "state_ags": region.state_ags,
        "privacy_k": privacy["k"],
        "privacy_dominance_1": privacy["dominance_1"],
        "privacy_dominance_2": privacy["dominance_2"],
        "privacy_score_range_min": privacy["score_range_min"],
        "privacy_high_min": privacy["high_min"],
        "high_score_from": privacy["high_score_from"],
        "market_fit_config": region.market_fit_json(),
        "region_opportunity_config": json.dumps(region.region_opportunity(), ensure_ascii=False, sort_keys=True),
        "market_fit_version": market_fit["score_version"],
        "dependency_version": region.dependency()["score_version"],
        "proximity_floor_hs6": market_fit["candidate_proximity_floor"],
        **{
            f"{rule_id}.{limit}": value
            for rule_id, rule in region.gates(profile).items()
            for limit, value in rule["limits"].items()
            if isinstance(value, int | float)
        },
    }
