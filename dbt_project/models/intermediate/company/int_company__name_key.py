"""Names of the current companies in the form exact comparison uses, one row per company.

Belongs here: applying the vault's own normalisation, so that a name means the same in both places. Does not belong
here: similar names; two companies that only sound alike are never one.
"""

import polars as pl


def model(dbt, session):
    """Normalise the name of every current company and say whether it belongs to one company only."""
    from warehouse.privacy.pseudonyms import normalised_name

    dbt.config(materialized="table")
    companies = dbt.ref("dim_company").pl().filter(pl.col("is_current") & pl.col("company_name").is_not_null())
    keys = [normalised_name(name) for name in companies["company_name"]]
    return (
        companies.select("company_id", name_key=pl.Series("name_key", keys, dtype=pl.String))
        .filter(pl.col("name_key") != "")
        .with_columns(is_unique=pl.len().over("name_key") == 1)
    )
