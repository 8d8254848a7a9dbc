"""Shares of official employment as they are published, per wave, Kreis and division: shown, hidden or held.

Belongs here: handing each table and what is remembered of it to the decision. Does not belong here: the decision
(warehouse.privacy.coverage).
"""

import polars as pl

CELL = ["kreis_ags", "wz2_code", "headcount_band_code"]
TABLE = ["wave_id", "driver_code"]
TOTAL = "TOTAL"


def model(dbt, session):
    """Decide table by table, in the columns in which publications are remembered; mean_score is the share in percent."""
    from warehouse.privacy.coverage import renewed, shown
    from warehouse.privacy.disclosure import DisclosureRules
    from warehouse.privacy.disclosure_changes import World
    from warehouse.privacy.disclosure_renewal import Before

    dbt.config(materialized="table")
    people = dbt.ref("int_coverage__contribution").pl()
    official = dbt.ref("int_survey__official_employees").pl().with_columns(headcount_band_code=pl.lit(TOTAL))
    in_force = dbt.ref("stg_disclosure__in_force").pl()
    figures = dbt.ref("stg_disclosure__figure").pl().rename({"mean_score": "coverage_pct"})
    then = dbt.ref("stg_disclosure__contribution").pl()
    consent = dbt.ref("int_company__consent").pl().filter("may_store")
    limits = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    run = dbt.ref("stg_meta__run").pl()
    run_id = str(run["run_id"].max())
    rules = DisclosureRules(
        k=int(limits["privacy_k"]),
        dominance_1=float(limits["privacy_dominance_1"]),
        dominance_2=float(limits["privacy_dominance_2"]),
    )
    served = in_force.filter(pl.col("driver_code").str.starts_with("coverage:"))
    schema = {
        "wave_id": pl.String, "driver_code": pl.String, **dict.fromkeys(CELL, pl.String), "company_count": pl.Int64,
        "mean_score": pl.Float64, "share_high_pct": pl.Float64, "suppression_code": pl.String, "world_id": pl.String,
        "is_renewed": pl.Boolean,
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for wave, table in sorted({*people.select(TABLE).iter_rows(), *served.select(TABLE).iter_rows()}):
        own = (pl.col("wave_id") == wave) & (pl.col("driver_code") == table)
        # Only manufacturing has a total over its divisions.
        keys = [("x", "x", TOTAL), (TOTAL, "x", TOTAL)]
        keys += [("x", TOTAL, TOTAL), (TOTAL, TOTAL, TOTAL)] if table == "coverage:C" else []
        respondents = people.filter(own).select("company_id", *CELL, headcount="dependency_score")
        worlds = [
            World(world_id, rows, then.filter(own & (pl.col("world_id") == world_id)))
            for (world_id,), rows in figures.filter(own).sort("world_id", *CELL).group_by("world_id", maintain_order=True)
        ]
        before = Before(served.filter(own).drop(TABLE), worlds) if worlds else None
        fresh = shown(respondents, official, keys, rules)
        rows = renewed(fresh, official, respondents, before, set(consent["company_id"]), keys, rules, run_id)
        parts.append(
            rows.select(
                pl.lit(wave).alias("wave_id"), pl.lit(table).alias("driver_code"), *CELL,
                pl.lit(None, pl.Int64).alias("company_count"), pl.col("coverage_pct").alias("mean_score"),
                pl.lit(None, pl.Float64).alias("share_high_pct"), "suppression_code", "world_id",
                (pl.col("world_id") == run_id).alias("is_renewed"),
            )
        )  # fmt: skip
    return pl.concat(parts)
