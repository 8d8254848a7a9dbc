"""The lake: typed Parquet by ``<source>/<table>/<snapshot>.parquet``, and the tables the works itself writes there.

Belongs here: where lake files lie, how they are written (whole or not at all), the schemas of the works' own tables
(region, identity, quality results, run facts). Does not belong here: reading deliveries (``ingest``) or SQL (dbt).
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

TEXT, INT, FLOAT, BOOL, STAMP = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean(), pl.Datetime("us")
DATE = pl.Date()
Schema = dict[str, pl.DataType]

SYSTEM_TABLES: dict[tuple[str, str], Schema] = {
    ("region", "unit"): {
        "region_code": TEXT, "ags": TEXT, "ars": TEXT, "region_level_code": TEXT, "region_name": TEXT,
        "kreis_ags": TEXT, "nuts3_code": TEXT, "ihk_code": TEXT, "population_count": INT,
        "population_basis_code": TEXT, "is_in_region": BOOL,
    },
    ("region", "group_member"): {"group_region_code": TEXT, "group_label_de": TEXT, "member_region_code": TEXT},
    ("region", "postcode"): {"postcode": TEXT, "ags": TEXT, "kreis_ags": TEXT, "postcode_type_code": TEXT},
    ("region", "court"): {
        "ags": TEXT, "court_code": TEXT, "court_name": TEXT, "valid_from": TEXT, "valid_to": TEXT,
    },
    ("region", "score_breakpoint"): {
        "score_version": TEXT, "driver_code": TEXT, "unit_code": TEXT, "x": FLOAT, "score": FLOAT,
    },
    ("region", "competence"): {
        "competence_id": TEXT, "competence_name_de": TEXT, "competence_group_code": TEXT,
        "parent_competence_id": TEXT, "related_wz2008_codes": TEXT, "related_hs4_codes": TEXT,
    },
    ("region", "text_dictionary"): {"part_code": TEXT, "row_no": INT, "row_json": TEXT},
    ("region", "setting"): {"setting_key": TEXT, "setting_value": TEXT},
    ("region", "survey_wave"): {
        "wave_id": TEXT, "wave_kind_code": TEXT, "wave_order": INT, "field_start": TEXT, "field_end": TEXT,
        "compare_with_wave_id": TEXT,
    },
    ("region", "survey_question"): {
        "wave_id": TEXT, "source_column": TEXT, "question_concept_id": TEXT, "item_code": TEXT, "answer_type_code": TEXT,
        "unit_code": TEXT, "code_list": TEXT, "class_code": TEXT, "page_number": INT,
    },
    ("region", "survey_code"): {
        "wave_id": TEXT, "code_list": TEXT, "answer_code": TEXT, "value_code": TEXT, "low": FLOAT, "high": FLOAT,
    },
    ("region", "survey_break"): {
        "wave_before": TEXT, "wave_id": TEXT, "question_concept_id": TEXT, "change_code": TEXT, "comparable_code": TEXT,
    },
    ("identity", "company_key"): {
        "source_id": TEXT, "record_id": TEXT, "company_id": TEXT, "key_type_code": TEXT, "is_synthetic": BOOL,
    },
    ("identity", "candidate"): {
        "company_id": TEXT, "candidate_company_id": TEXT, "side_code": TEXT, "rank": INT, "probability": FLOAT,
        "reason_code": TEXT, "reason_de": TEXT, "explanation_de": TEXT,
    },
    ("identity", "decision"): {
        "decision_id": TEXT, "action_code": TEXT, "company_id": TEXT, "other_company_id": TEXT, "left_id": TEXT,
        "right_id": TEXT, "method_code": TEXT, "probability": FLOAT, "decided_on": DATE, "effective_on": DATE,
        "is_in_force": BOOL,
    },
    ("identity", "text_key"): {
        "wave_id": TEXT, "response_id": TEXT, "company_id": TEXT, "question_concept_id": TEXT, "item_code": TEXT,
        "part_no": INT, "text_hash": TEXT,
    },
    ("identity", "consent"): {
        "company_id": TEXT, "purpose_code": TEXT, "is_granted": BOOL, "text_version": TEXT, "in_force_since": STAMP,
    },
    # What was published of the survey and from whom (privacy/disclosure_memory), for the next build.
    ("disclosure", "in_force"): {
        "wave_id": TEXT, "driver_code": TEXT, "kreis_ags": TEXT, "wz2_code": TEXT, "headcount_band_code": TEXT,
        "world_id": TEXT,
    },
    ("disclosure", "figure"): {
        "world_id": TEXT, "wave_id": TEXT, "driver_code": TEXT, "kreis_ags": TEXT, "wz2_code": TEXT,
        "headcount_band_code": TEXT, "company_count": INT, "mean_score": FLOAT, "share_high_pct": FLOAT,
        "suppression_code": TEXT,
    },
    ("disclosure", "contribution"): {
        "world_id": TEXT, "wave_id": TEXT, "driver_code": TEXT, "company_id": TEXT, "kreis_ags": TEXT, "wz2_code": TEXT,
        "headcount_band_code": TEXT, "dependency_score": FLOAT,
    },
    ("meta", "source"): {
        "source_id": TEXT, "publisher": TEXT, "title": TEXT, "licence": TEXT, "attribution": TEXT,
        "restriction_code": TEXT, "restrictions": TEXT, "url": TEXT, "first_retrieved_at": STAMP, "last_retrieved_at": STAMP,
    },
    ("meta", "snapshot"): {
        "snapshot_id": TEXT, "source_id": TEXT, "dataset_code": TEXT, "partition_key": TEXT, "vintage_id": TEXT,
        "retrieved_at": STAMP, "sha256": TEXT, "byte_count": INT, "row_count": INT, "is_synthetic": BOOL,
        "is_latest_vintage": BOOL,
    },
    ("meta", "run"): {
        "run_id": TEXT, "release_id": TEXT, "profile_code": TEXT, "region_code": TEXT, "code_version": TEXT,
        "started_at": STAMP, "is_synthetic": BOOL,
    },
    ("dq", "result"): {
        "run_id": TEXT, "rule_id": TEXT, "asset_name": TEXT, "partition_key": TEXT, "severity_code": TEXT,
        "outcome_code": TEXT, "observed_value": FLOAT, "expected_low": FLOAT, "expected_high": FLOAT,
        "failed_row_count": INT, "sample_path": TEXT, "waiver_id": TEXT, "first_failed_at": STAMP,
        "checked_at": STAMP, "published_run_id": TEXT,
    },
}  # fmt: skip


def table_folder(lake: Path, source: str, table: str) -> Path:
    """Folder of one lake table."""
    return lake / source / table


def write_parquet(frame: pl.DataFrame, target: Path) -> None:
    """Write a frame whole or not at all: to a neighbour first, synced, then renamed over the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    frame.write_parquet(partial, compression="zstd")
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    os.replace(partial, target)


def write_system_table(lake: Path, source: str, table: str, frame: pl.DataFrame) -> None:
    """Replace one of the works' own tables; columns and types are those of ``SYSTEM_TABLES``."""
    schema = SYSTEM_TABLES[(source, table)]
    ordered = frame.select([pl.col(name).cast(dtype) for name, dtype in schema.items()])
    write_parquet(ordered, table_folder(lake, source, table) / "table.parquet")


def read_system_table(lake: Path, source: str, table: str) -> pl.DataFrame:
    """One of the works' own tables as it was written last."""
    return pl.read_parquet(table_folder(lake, source, table) / "table.parquet")


def ensure_empty(lake: Path, source: str, table: str, schema: Schema) -> None:
    """Give a table without any delivery its columns, so that models over it run and come out empty."""
    target = table_folder(lake, source, table) / "_schema.parquet"
    if not target.exists() or dict(pl.read_parquet_schema(target)) != schema:
        write_parquet(pl.DataFrame(schema=schema), target)
