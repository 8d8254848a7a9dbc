"""Real company names against real LEI names: every automatic match with its reasons (``pytest -s`` shows them)."""

import polars as pl
import pytest

from tests.unit.methods.test_linkage import SETTINGS
from warehouse.methods.linkage import link, prepare_register

pytestmark = pytest.mark.real


def test_real_names_against_lei_names(real_data):
    names = pl.read_parquet(real_data / "companies" / "gleif_names_de_at_ch.parquet").filter(pl.col("country") == "DE")
    listed = pl.read_csv(real_data / "companies" / "geonames_company_postcodes_de.csv", infer_schema=False)
    listed = listed.select(name="place", postcode="zipcode").unique(maintain_order=True).with_row_index("record_id")
    entries = names.select(record_id="LEI", name="legal_name")
    found = link(listed, prepare_register(entries, SETTINGS), SETTINGS)
    automatic = found.pairs.filter(pl.col("zone") == "automatic")
    for line in automatic["explanation_de"]:
        print(line)
    assert automatic.height > 0
    # No address on the other side: only names that are equal may go through by themselves.
    assert set(automatic["name_level"]) <= {"exact", "same_words"}
    twice = entries.group_by("name").agg(pl.len(), pl.col("record_id")).filter(pl.col("len") > 1)
    doubled = listed.join(twice, on="name").select(pl.col("record_id").cast(pl.String))
    zones = found.records.join(doubled, on="record_id")
    assert set(zones["zone"]) == {"review"}, "an exact hit on two entries is for a person"
