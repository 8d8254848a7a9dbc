"""The BACI files: one CSV per year and the two code lists.

Belongs here: BACI's layout (numeric country codes, thousand USD, tonnes, padded NA). Does not belong here: the trade model.
"""

import io

import polars as pl
import pycountry

from ingest.sample.tables import chapters, countries, headings, products
from ingest.sample.truths import TRADE_YEARS
from ingest.sample.writer import InboxWriter, delimited

VERSION = "V202601"
MISSING_QUANTITY = "           NA"  # as BACI writes it: right-aligned with blanks


def write_baci(writer: InboxWriter, flows: pl.DataFrame) -> None:
    """All years, then the code lists."""
    code = {n.iso2: n.baci_code for n in countries()}
    table = flows.select(
        pl.col("year").alias("t"),
        pl.col("exporter").replace_strict(code, return_dtype=pl.Int32).alias("i"),
        pl.col("importer").replace_strict(code, return_dtype=pl.Int32).alias("j"),
        pl.col("product").alias("k"),
        pl.col("value_kusd").alias("v"),
        pl.col("tonnes").alias("q"),
    ).sort("t", "i", "j", "k")
    for year in TRADE_YEARS:
        part = table.filter(pl.col("t") == year)
        buffer = io.BytesIO()
        part.write_csv(buffer, float_precision=3, null_value=MISSING_QUANTITY)
        writer.write(f"baci/BACI_HS17_Y{year}_{VERSION}.csv", buffer.getvalue(), part.height)
    _write_country_codes(writer)
    _write_product_codes(writer)


def _write_country_codes(writer: InboxWriter) -> None:
    rows: list[tuple[str, str, str, str]] = []
    for nation in sorted(countries(), key=lambda n: n.baci_code):
        entry = pycountry.countries.get(alpha_2=nation.iso2)
        if entry is None:
            raise ValueError(
                f"countries.csv names {nation.iso2!r}: expected an ISO 3166-1 alpha-2 code, correct the row"
            )
        name = getattr(entry, "common_name", entry.name)
        rows.append((str(nation.baci_code), name.replace(",", ""), entry.alpha_2, entry.alpha_3))
    text = delimited(("country_code", "country_name", "country_iso2", "country_iso3"), rows, ",")
    writer.write(f"baci/country_codes_{VERSION}.csv", text.encode("utf-8"), len(rows))


def _write_product_codes(writer: InboxWriter) -> None:
    rows = [(p, f"{headings()[p[:4]].label_en} ({p})") for p in sorted(products())]
    text = delimited(("code", "description"), rows, ",")
    writer.write(f"baci/product_codes_HS17_{VERSION}.csv", text.encode("utf-8"), len(rows))


def write_nomenclature(writer: InboxWriter) -> None:
    """The nomenclature list the sample delivers in place of the official one: chapters, headings and products with our own labels."""
    rows = [("HS2017", code, de, en) for code, (de, en) in sorted(chapters().items())]
    rows += [("HS2017", h.code, h.label_de, h.label_en) for _, h in sorted(headings().items())]
    rows += [
        ("HS2017", p, f"{headings()[p[:4]].label_de} {p}", f"{headings()[p[:4]].label_en} {p}")
        for p in sorted(products())
    ]
    quoted = [tuple(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows]
    header = "classification_code,product_code,product_name_de,product_name_en"
    text = "\n".join([header, *(",".join(row) for row in quoted)]) + "\n"
    writer.write("hs/hs_nomenclature_HS2017.csv", text.encode("utf-8"), len(rows))
