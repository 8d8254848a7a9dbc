"""The rows of the dependency table as they are published: renewed, or held as the served release has them.

Belongs here: handing each table (one wave, one driver) and what is remembered of it to the decision. Does not belong here:
the decision (warehouse.privacy.disclosure_renewal) or the protection of one table (int_dependency__protected).
"""

import polars as pl

CELL = ["kreis_ags", "wz2_code", "headcount_band_code"]
TABLE = ["wave_id", "driver_code"]


def model(dbt, session):
    """Decide table by table; one that has no company any more is decided too, as long as it is served."""
    from warehouse.privacy.disclosure import NONE, DisclosureRules
    from warehouse.privacy.disclosure_changes import World
    from warehouse.privacy.disclosure_renewal import Before, renew
    from warehouse.privacy.disclosure_values import ValueRules

    dbt.config(materialized="table")
    protected = dbt.ref("int_dependency__protected").pl()
    contributions = dbt.ref("int_dependency__contribution").pl()
    of_table = ~pl.col("driver_code").str.starts_with("coverage:")
    in_force = dbt.ref("stg_disclosure__in_force").pl().filter(of_table)
    figures = dbt.ref("stg_disclosure__figure").pl()
    then = dbt.ref("stg_disclosure__contribution").pl()
    consent = dbt.ref("int_company__consent").pl().filter(pl.col("may_store") & pl.col("may_benchmark"))
    agreed = set(consent["company_id"])
    limits = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    run = dbt.ref("stg_meta__run").pl()
    run_id = str(run["run_id"].max())
    rules = DisclosureRules(
        k=int(limits["privacy_k"]),
        dominance_1=float(limits["privacy_dominance_1"]),
        dominance_2=float(limits["privacy_dominance_2"]),
    )
    values = ValueRules(
        k=rules.k,
        high_from=float(limits["high_score_from"]),
        range_min=float(limits["privacy_score_range_min"]),
        high_min=int(limits["privacy_high_min"]),
    )
    shown = pl.col("suppression_code") == NONE
    fresh = protected.select(
        *TABLE,
        *CELL,
        company_count=pl.when(shown).then(pl.col("company_count").cast(pl.Int64)),
        mean_score=pl.when(shown).then("published_mean"),
        share_high_pct=pl.when(shown).then("published_share"),
        suppression_code="suppression_code",
    )
    tables = sorted({*fresh.select(TABLE).iter_rows(), *in_force.select(TABLE).iter_rows()})
    parts = [fresh.clear().with_columns(world_id=pl.lit(None, pl.String), is_renewed=pl.lit(None, pl.Boolean))]
    for wave, driver in tables:
        own = (pl.col("wave_id") == wave) & (pl.col("driver_code") == driver)
        worlds = [
            World(world_id, rows.drop("world_id", *TABLE), then.filter(own & (pl.col("world_id") == world_id)))
            for (world_id,), rows in figures.filter(own).sort("world_id", *CELL).group_by("world_id", maintain_order=True)
        ]
        before = Before(in_force.filter(own).drop(TABLE), worlds) if worlds else None
        rows = renew(fresh.filter(own), contributions.filter(own), before, agreed, rules, values, run_id)
        marked = rows.with_columns(
            wave_id=pl.lit(wave), driver_code=pl.lit(driver), is_renewed=pl.col("world_id") == run_id
        )
        parts.append(marked.select(parts[0].columns))
    return pl.concat(parts)
