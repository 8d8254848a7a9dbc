"""Supplier names as answered, in the form exact comparison uses; one row per wave, company and input slot.

Belongs here: applying the vault's own normalisation to the names respondents typed. Does not belong here: deciding
which company it is (mart_supply_link) or keeping the name itself.
"""

import polars as pl


def model(dbt, session):
    """Normalise every supplier name; a name of nothing but a legal form gives no row."""
    from warehouse.privacy.pseudonyms import normalised_name

    dbt.config(materialized="table")
    named = dbt.ref("int_survey__supply").pl().filter(pl.col("supplier_name").is_not_null())
    keys = [normalised_name(name) for name in named["supplier_name"]]
    return named.select(
        "wave_id", "company_id", "slot_code", name_key=pl.Series("name_key", keys, dtype=pl.String)
    ).filter(pl.col("name_key") != "")
