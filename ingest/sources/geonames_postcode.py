"""Postcodes as GeoNames lists them, packed with gzip or not.

Belongs here: taking the packing off. Does not belong here: which municipality a place is (dbt's intermediate models).
"""

from __future__ import annotations

import gzip
import zlib

from ingest.readers import Reading, Tables, conform, csv_as_text, reader


@reader("geonames_postcode")
def read_places(reading: Reading) -> Tables:
    """Every row, places and bulk recipients alike.

    Raises:
        DeliveryError: a damaged packing, other columns.
    """
    delivery = reading.delivery
    raw = delivery.content()
    if delivery.suffix == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise delivery.refuse(
                f"the gzip file is damaged or none ({error})", "a complete gzip file", rule_id="LND-002"
            ) from error
    return {"place": conform(reading, csv_as_text(reading, raw), reading.table)}
