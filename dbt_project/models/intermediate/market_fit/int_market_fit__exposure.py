"""How automotive a company is, as the middle of a band: one row per company, from the newest response that says it.

Belongs here: laying the bands of the audiences over the answer, so that the score is computed from what a reader of the
published files may see. The exact answer stops here: no score, reason or rank further on can give it away. Does not
belong here: the bands themselves (warehouse.privacy.audiences).
"""

import polars as pl


def band_middle(share, bands):
    """Middle of the band a share lies in, by the upper end; the last band takes the rest, NULL stays NULL."""
    middle = pl.when(share.is_null()).then(None)
    for low, high in bands[:-1]:
        middle = middle.when(share <= high).then((low + high) / 2)
    return middle.otherwise(sum(bands[-1]) / 2).cast(pl.Float64)


def model(dbt, session):
    """The newest answer of every company as a band; NULL where it never gave one."""
    from warehouse.privacy.audiences import PERCENT_BANDS

    dbt.config(materialized="table")
    answers = dbt.ref("int_survey__scalar").pl().select("company_id", "wave_id", "automotive_share_pct")
    newest = dbt.ref("int_survey__newest").pl().filter(pl.col("group_code") == "automotive")
    said = newest.join(answers, on=["company_id", "wave_id"]).select("company_id", "automotive_share_pct")
    everyone = answers.select("company_id").unique().join(said, on="company_id", how="left")
    share = pl.col("automotive_share_pct")
    return everyone.select("company_id", automotive_band_mid_pct=band_middle(share, PERCENT_BANDS)).sort("company_id")
