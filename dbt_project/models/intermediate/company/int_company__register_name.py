"""Names of register entries in the form comparison uses, one row per entry of a register that has a legal name.

Belongs here: applying the vault's own normalisation to entries. Does not belong here: how alike two names are
(int_company__lei_name) or the names of companies as published (int_company__name_key).
"""

import polars as pl

REGISTERS = ("gleif", "offeneregister", "register_list")


def model(dbt, session):
    """Normalise the name of every entry; a name of nothing but a legal form gives no row."""
    from warehouse.privacy.pseudonyms import normalised_name

    dbt.config(materialized="table")
    records = dbt.ref("int_company__register_record").pl()
    named = records.filter(pl.col("source_id").is_in(REGISTERS) & pl.col("company_name").is_not_null())
    keys = [normalised_name(name) for name in named["company_name"]]
    return named.select(
        "source_id", "record_id", "company_id", name_key=pl.Series("name_key", keys, dtype=pl.String)
    ).filter(pl.col("name_key") != "")
