"""Reconciliation: do the marts add up to their facts, and do statistical facts keep their meaning?"""

from __future__ import annotations

import great_expectations.expectations as gxe
import polars as pl

from quality.batches import Context
from quality.check import Check, highest

RELATIVE = 1e-9


def product_space_exports(context: Context) -> pl.DataFrame:
    """Exports in the product space against the trade fact, per classification and year."""
    return context.frame(
        "analyst",
        """
        WITH space AS (
          SELECT classification_code::VARCHAR AS classification_code, year, sum(export_value_usd) AS mart_usd
          FROM marts.mart_product_space GROUP BY 1, 2),
        fact AS (
          SELECT classification_code::VARCHAR AS classification_code, year(period_start) AS year, sum(value_usd) AS fact_usd
          FROM marts.fct_trade_flow
          WHERE flow_code = 'export' AND source_id IN ('baci', 'hs4_world_exports') AND is_latest_vintage
          GROUP BY 1, 2)
        SELECT classification_code, year, mart_usd, fact_usd,
               coalesce(abs(mart_usd - fact_usd) / nullif(fact_usd, 0), 1) AS relative_difference
        FROM space FULL JOIN fact USING (classification_code, year)""",
    )


def eci_is_mean_pci(context: Context) -> pl.DataFrame:
    """The Atlas form: a location's ECI is the mean PCI of what it exports with RCA >= 1."""
    return context.frame(
        "analyst",
        """
        SELECT classification_code, year, max(abs(eci - mean_pci)) AS difference FROM (
          SELECT classification_code, year, location_code, any_value(eci) AS eci,
                 avg(pci) FILTER (WHERE is_present) AS mean_pci
          FROM marts.mart_product_space GROUP BY ALL)
        WHERE eci IS NOT NULL GROUP BY ALL""",
    )


def regions_add_up(context: Context) -> pl.DataFrame:
    """Employees of a region group against the sum of its members, where every member has a number."""
    return context.frame(
        "analyst",
        """
        WITH member AS (
          SELECT b.group_region_code AS region_code, p.wz_revision, p.wz_code, p.year,
                 sum(p.employees_svb_count) AS member_sum, count(*) AS n,
                 count(p.employees_svb_count) AS filled
          FROM marts.bridge_region_group b
          JOIN marts.mart_region_industry_profile p ON p.region_code = b.member_region_code
          WHERE length(b.member_region_code) = 5 GROUP BY ALL),
        size AS (SELECT group_region_code AS region_code, count(*) AS size FROM marts.bridge_region_group GROUP BY ALL)
        SELECT g.region_code, g.wz_code, g.year, g.employees_svb_count, m.member_sum,
               abs(g.employees_svb_count - m.member_sum) AS difference
        FROM marts.mart_region_industry_profile g
        JOIN member m USING (region_code, wz_revision, wz_code, year)
        JOIN size s USING (region_code)
        WHERE m.filled = s.size AND g.employees_svb_count IS NOT NULL""",
    )


def secret_values(context: Context) -> pl.DataFrame:
    """Cells with a sign for secret, unknown, unreliable, blocked or later that still hold a value."""
    return context.frame(
        "analyst",
        "SELECT source_symbol::VARCHAR AS symbol, count(value) AS with_value, count(*) AS n "
        "FROM marts.fct_regional_statistic WHERE source_symbol IN ('.', '/', 'x', '...') GROUP BY 1",
    )


def eu_imports(context: Context) -> pl.DataFrame:
    """Import values of the dependency mart: extra-EU never above all imports, and no negative value."""
    return context.frame(
        "bi",
        "SELECT importer_code, classification_code, year, "
        "max(extra_eu_import_value_eur / nullif(import_value_eur, 0)) AS largest_share, min(import_value_eur) AS smallest "
        "FROM marts.mart_import_dependency WHERE import_value_eur > 0 GROUP BY ALL",
    )


def supply_shares(context: Context) -> pl.DataFrame:
    """Stated purchase shares per buyer, input and wave, by the low ends of the bands."""
    return context.frame(
        "analyst",
        "SELECT max(low) AS largest_sum FROM (SELECT sum(share_band_low_pct) AS low FROM marts.mart_supply_link "
        "WHERE evidence_code = 'stated_by_buyer' GROUP BY wave_id, buyer_company_id, hs4_code)",
    )


def answered_companies(context: Context) -> pl.DataFrame:
    """Companies in the dependency mart against complete and partial responses in the coverage mart."""
    return context.frame(
        "analyst",
        """
        SELECT c.wave_id, c.responses, d.companies, d.companies - c.responses AS surplus FROM
          (SELECT wave_id, sum(complete_count + partial_count) AS responses FROM marts.mart_survey_coverage
           WHERE kreis_ags = 'TOTAL' AND wz2_code = 'TOTAL' AND headcount_band_code = 'TOTAL' GROUP BY 1) c
        JOIN (SELECT wave_id, count(DISTINCT company_id) AS companies FROM marts.mart_company_dependency GROUP BY 1) d
        USING (wave_id)""",
    )


def checks(context: Context) -> list[Check]:
    """Every mart against what it was made from."""
    share_sum = float(context.limit("MRT-008", "share_sum_max_pct"))
    relative = float(context.limit("REL-005", "relative_difference_max"))
    rounding = float(context.limit("STA-004", "rounding_tolerance"))
    severity = context.severity
    return [
        Check("REL-005", "mart_product_space", severity("REL-005"), product_space_exports,
              gxe.ExpectColumnValuesToBeBetween(column="relative_difference", max_value=relative),
              "exports differ from the trade fact in {worst}", "reconciles_to_fct_trade_flow", ("marts.mart_product_space",),
              high=relative, observed=highest("relative_difference")),
        Check("MRT-004", "mart_product_space", severity("MRT-004"), eci_is_mean_pci,
              gxe.ExpectColumnValuesToBeBetween(column="difference", max_value=1e-6),
              "ECI is not the mean PCI of the products present in {worst}", "eci_equals_mean_pci",
              ("marts.mart_product_space",), high=1e-6, observed=highest("difference")),
        Check("STA-004", "mart_region_industry_profile", severity("STA-004"), regions_add_up,
              gxe.ExpectColumnValuesToBeBetween(column="difference", max_value=rounding),
              "a region group is not the sum of its members in {worst}", "groups_add_up",
              ("marts.mart_region_industry_profile",), high=rounding, observed=highest("difference")),
        Check("STA-003", "fct_regional_statistic", severity("STA-003"), secret_values,
              gxe.ExpectColumnValuesToBeInSet(column="with_value", value_set=[0]),
              "secret or missing cells hold a value: {worst}", "secret_is_null", ("marts.fct_regional_statistic",), high=0.0),
        Check("MRT-003", "mart_import_dependency", severity("MRT-003"), eu_imports,
              gxe.ExpectColumnValuesToBeBetween(column="largest_share", min_value=0, max_value=1 + RELATIVE),
              "extra-EU imports exceed all imports in {worst}", "extra_eu_within_total", ("marts.mart_import_dependency",),
              low=0.0, high=1.0, observed=highest("largest_share")),
        Check("MRT-008", "mart_supply_link", severity("MRT-008"), supply_shares,
              gxe.ExpectColumnValuesToBeBetween(column="largest_sum", max_value=share_sum),
              f"stated shares of one input add up to more than {share_sum:g} %: {{worst}}", "shares_add_up", ("marts.mart_supply_link",),
              high=share_sum, observed=highest("largest_sum")),
        Check("MRT-014", "mart_company_dependency", severity("MRT-014"), answered_companies,
              gxe.ExpectColumnValuesToBeBetween(column="surplus", max_value=0),
              "more companies than responses in {worst}", "companies_within_responses",
              ("marts.mart_company_dependency", "marts.mart_survey_coverage"), high=0.0),
    ]  # fmt: skip
