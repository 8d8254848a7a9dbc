"""Disclosure: does any audience get what it must not have?"""

from __future__ import annotations

import re

import great_expectations.expectations as gxe
import polars as pl

from quality.batches import Context, columns, scan_text
from quality.check import Check, highest, row_count
from warehouse.privacy.audiences import audience_table
from warehouse.privacy.licences import condition, forbidden
from warehouse.release import Manifest
from warehouse.seal import reading

IDENTIFIERS = {
    "company id": r"\bC-[A-Z2-7]{10}\b",
    "mail address": r"[\w.+-]+@[\w-]+\.\w{2,}",
    "phone number": r"(\+49|\b0\d{2,4})[ /-]\d{3,}",
    "IBAN": r"\bDE\d{2}( ?\d{4}){4}",
    "register number": r"\b(HRA|HRB|GnR|GsR|PR|VR) ?\d{2,6}\b",
    "LEI": r"\b[0-9A-Z]{4}00[0-9A-Z]{12}\d{2}\b",
    "EUID": r"\bDE[A-Z]\d{4}[A-Z]?\.",
}
# The usual cause of a difference that should have been held: the next build could not see what was published before.
KEEP_MEMORY = (
    "bring vault/published/ back from a copy of the vault and refresh; without one this wave stays as it is served"
)
FINDING = {"table": pl.String, "column": pl.String, "pattern": pl.String, "hits": pl.Int64}
UNLICENSED = {"audience": pl.String, "table": pl.String, "source": pl.String, "licence": pl.String, "rows": pl.Int64}
IDENTIFYING_COLUMNS = ("company_name", "euid", "lei", "register_court_code", "register_type_code", "register_number",
                       "legal_form_code", "ags", "municipality_name", "company_id")  # fmt: skip


def small_cells(context: Context) -> pl.DataFrame:
    """Published cells of the survey aggregates below the smallest number of companies."""
    k = context.smallest_cell
    return context.frame(
        "bi",
        f"""SELECT count(*) FILTER (suppression_code = 'none' AND coalesce(company_count, 0) < {k}) AS too_small,
              count(*) FILTER (suppression_code <> 'none'
                               AND (company_count IS NOT NULL OR mean_score IS NOT NULL OR share_high_pct IS NOT NULL))
                AS not_hidden,
              count(*) FILTER (suppression_code IS NULL) AS without_code
            FROM bi.bi_dependency""",
    )


def lonely_cells(context: Context) -> pl.DataFrame:
    """Lines of the survey aggregates with exactly one hidden cell: it follows by subtraction.

    Only lines of one run add up; of the others BIX-004 takes care.
    """
    parts = []
    for free in ("kreis_ags", "wz2_code", "headcount_band_code"):
        fixed = [d for d in ("wave_id", "driver_code", "kreis_ags", "wz2_code", "headcount_band_code") if d != free]
        parts.append(
            f"SELECT '{free}' AS line, count(*) AS lonely FROM (SELECT {', '.join(fixed)} FROM bi.bi_dependency "
            f"GROUP BY ALL HAVING count(*) FILTER ({free} = 'TOTAL' AND suppression_code = 'none') = 1 "
            f"AND count(*) FILTER ({free} <> 'TOTAL' AND suppression_code <> 'none') = 1 "
            "AND count(DISTINCT published_run_id) = 1)"
        )
    return context.frame("bi", " UNION ALL ".join(parts))


def moved(context: Context) -> pl.DataFrame:
    """The survey table beside the served release: see ``quality.moved``."""
    return context.moved


def bi_identifiers(context: Context) -> pl.DataFrame:
    """Anything in the file for BI that speaks of a single company."""
    found = scan_text(context.candidate, "bi", IDENTIFIERS)
    names = _names_in(context, "bi")
    return pl.DataFrame([*found, *names], schema=FINDING)


def analyst_identifiers(context: Context) -> pl.DataFrame:
    """Identifiers in the analysts' file; pseudonymous company ids are allowed there."""
    patterns = {name: pattern for name, pattern in IDENTIFIERS.items() if name != "company id"}
    found = [*scan_text(context.candidate, "analyst", patterns), *_names_in(context, "analyst")]
    return pl.DataFrame(found, schema=FINDING)


def _names_in(context: Context, audience: str) -> list[dict[str, object]]:
    """Company names inside any text of an audience's file, whoever agreed to what."""
    found: list[dict[str, object]] = []
    if not context.company_names:
        return found
    pattern = re.compile("|".join(re.escape(name) for name in sorted(context.company_names, key=len, reverse=True)))
    shortest = min(len(name) for name in context.company_names)
    with reading(context.candidate, audience) as connection:
        for schema, table, column, kind, _ in columns(context.candidate, audience):
            if kind != "VARCHAR" and not kind.startswith("ENUM"):
                continue
            values = connection.execute(
                f'SELECT DISTINCT "{column}"::VARCHAR FROM {schema}.{table} WHERE length("{column}"::VARCHAR) >= {shortest}'
            ).fetchall()
            hits = sum(bool(pattern.search(value)) for (value,) in values)
            if hits:
                found.append({"table": f"{schema}.{table}", "column": column, "pattern": "company name", "hits": hits})
    return found


def forbidden_columns(context: Context) -> pl.DataFrame:
    """Identifying columns in a file that must not have them (regions keep their own AGS)."""
    found = [
        {"audience": audience, "column": f"{schema}.{table}.{column}", "n": 1}
        for audience, allowed in (("analyst", {"company_id"}), ("bi", set[str]()))
        for schema, table, column, _, _ in columns(context.candidate, audience)
        if column in IDENTIFYING_COLUMNS and column not in allowed and table != "dim_region"
    ]
    return pl.DataFrame(found, schema={"audience": pl.String, "column": pl.String, "n": pl.Int64})


def forbidden_rows(context: Context) -> pl.DataFrame:
    """Rows whose source's licence keeps them from the audience whose file they are in, by the release's manifest."""
    found = []
    manifest = Manifest.read(context.candidate)
    for audience in audience_table().labels:
        rules = forbidden(manifest.restrictions, audience, manifest.profile_code)
        tables: dict[tuple[str, str], set[str]] = {}
        for schema, table, column, _, _ in columns(context.candidate, audience):
            tables.setdefault((schema, table), set()).add(column)
        for (schema, table), own in tables.items():
            for rule in rules:
                test = condition([rule], (schema, table), own)
                if test is None:
                    continue
                [(rows,)] = context.frame(audience, f"SELECT count(*) FILTER ({test}) FROM {schema}.{table}").rows()
                found += [(audience, f"{schema}.{table}", rule.source_id, rule.code, rows)] if rows else []
    return pl.DataFrame(found, schema=UNLICENSED, orient="row")


def checks(context: Context) -> list[Check]:
    """Small cells, single hidden cells, identifiers."""
    severity = context.severity
    cells = ("bi.bi_dependency",)
    return [
        Check("BIX-001", "bi_dependency", severity("BIX-001"), small_cells,
              gxe.ExpectColumnValuesToBeInSet(column="too_small", value_set=[0]),
              "cells below the smallest number of companies are published: {worst}", "minimum_n", cells, high=0.0),
        Check("BIX-001", "bi_dependency", severity("BIX-001"), small_cells,
              gxe.ExpectColumnValuesToBeInSet(column="not_hidden", value_set=[0]),
              "suppressed cells still hold values: {worst}", "hidden_is_null", cells, high=0.0),
        Check("BIX-001", "bi_dependency", severity("BIX-001"), small_cells,
              gxe.ExpectColumnValuesToBeInSet(column="without_code", value_set=[0]),
              "cells without a suppression code: {worst}", "code_present", cells, high=0.0),
        Check("BIX-002", "bi_dependency", severity("BIX-002"), lonely_cells,
              gxe.ExpectColumnValuesToBeInSet(column="lonely", value_set=[0]),
              "a hidden cell follows by subtraction in {worst}", "no_lonely_cell", cells, high=0.0),
        Check("BIX-004", "bi_dependency", severity("BIX-004"), moved,
              gxe.ExpectColumnValuesToBeInSet(column="few", value_set=[0]),
              "{worst}: figures moved by fewer companies than may be told apart; " + KEEP_MEMORY, "moved_by_few", cells, high=0.0,
              observed=highest("few")),
        Check("BIX-004", "bi_dependency", severity("BIX-004"), moved,
              gxe.ExpectColumnValuesToBeInSet(column="withdrawn", value_set=[0]),
              "{worst}: figures that count a company without its consent; refresh again", "consent_in_force", cells, high=0.0,
              observed=highest("withdrawn")),
        Check("BIX-004", "bi_dependency", severity("BIX-004"), moved,
              gxe.ExpectColumnValuesToBeInSet(column="forgotten", value_set=[0]),
              "{worst}: rows that the vault does not remember as they are; refresh again", "remembered", cells, high=0.0,
              observed=highest("forgotten")),
        Check("BIX-004", "bi_dependency", severity("BIX-004"), moved,
              gxe.ExpectColumnValuesToBeInSet(column="unknown", value_set=[0]),
              "{worst}: figures differ from the served release and nobody knows by whom; " + KEEP_MEMORY, "comparable", cells,
              high=0.0, observed=highest("unknown")),
        Check("BIX-003", "bi", severity("BIX-003"), bi_identifiers,
              gxe.ExpectTableRowCountToEqual(value=0), "the file for BI speaks of single companies: {worst}", "full_scan", high=0.0, observed=row_count),
        Check("SRV-004", "analyst", severity("SRV-004"), analyst_identifiers,
              gxe.ExpectTableRowCountToEqual(value=0), "the analysts' file holds identifiers: {worst}", "full_scan", high=0.0, observed=row_count),
        Check("BIX-003", "release", severity("BIX-003"), forbidden_columns,
              gxe.ExpectTableRowCountToEqual(value=0), "identifying columns where they must not be: {worst}", "columns", high=0.0, observed=row_count),
        Check("BIX-009", "release", severity("BIX-009"), forbidden_rows,
              gxe.ExpectTableRowCountToEqual(value=0), "a licence forbids rows that are in: {worst}", "licences", high=0.0, observed=row_count),
    ]  # fmt: skip
