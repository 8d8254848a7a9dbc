"""GENESIS files: the flat CSV (ffcsv, zipped or not) and the older table CSV, to one long table of published cells.

Belongs here: unfolding numbered dimensions, keeping the statistical signs, telling region, industry and time apart.
Does not belong here: what a sign means for a mart (dbt) or fetching.

Reference: Statistisches Bundesamt, Anwenderdokumentation Webservice/API, version 5.0 (2025), table of signs.
"""

from __future__ import annotations

import re

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, csv_as_text, csv_bytes, reader

SIGNS = ("-", ".", "/", "x", "...")
REGION_VARIABLES = ("DINSG", "DLAND", "REGBEZ", "KREISE", "GEMEIN", "KREISEB", "GEMEINB", "REGIO")
TOTAL = "TOTAL"
NUMBERED = re.compile(r"^(\d+)_variable_(code|label|attribute_code|attribute_label)$")
FIXED = ("statistics_code", "statistics_label", "time_code", "time_label", "time", "value", "value_unit",
         "value_variable_code", "value_variable_label", "value_q")  # fmt: skip


@reader("genesis_flat")
def read_flat(reading: Reading) -> Tables:
    """The flat CSV since version 5 of the interface: one value per row, numbered dimensions, English headers."""
    delivery, options = reading.delivery, reading.options
    frame = csv_as_text(reading, csv_bytes(delivery)).with_row_index("source_row", offset=1)
    unknown = [c for c in frame.columns if c not in FIXED and not NUMBERED.match(c) and c != "source_row"]
    if "statistics_code" not in frame.columns or unknown:
        raise delivery.refuse(
            f"unknown column '{(unknown or frame.columns)[0]}'",
            "the flat format: statistics_code;…;1_variable_code;…;value;value_unit;…",
            "request the table with format=ffcsv",
            field=(unknown or frame.columns)[0],
        )
    dims = max(int(m[1]) for c in frame.columns if (m := NUMBERED.match(c)))
    frame = frame.with_columns(pl.col(pl.String).fill_null(""))
    groups = [pl.col(f"{n}_variable_code") for n in range(1, dims + 1)]
    attributes = [pl.col(f"{n}_variable_attribute_code") for n in range(1, dims + 1)]
    labels = [pl.col(f"{n}_variable_attribute_label") for n in range(1, dims + 1)]
    is_region = [g.is_in(REGION_VARIABLES) for g in groups]
    is_wz = [g.str.starts_with("WZ") for g in groups]
    names: dict[str, str] = options["characteristic_codes"]
    parts = [
        pl.when(~r & ~w & (a != "")).then(pl.concat_str([g.replace(names), pl.lit("="), a.replace(names)]))
        for g, a, r, w in zip(groups, attributes, is_region, is_wz, strict=True)
    ]
    other = pl.concat_list(parts).list.drop_nulls().list.sort().list.join("|")
    cells = frame.with_columns(
        pl.lit(table_code(delivery.partition_key)).alias("table_code"),
        pl.col("time").alias("time_value"),
        _pick(is_region, groups).alias("region_variable_code"),
        _pick(is_region, attributes).alias("region_raw_code"),
        _pick(is_region, labels).alias("region_label"),
        _pick(is_wz, groups).alias("wz_variable"),
        wz_code(_pick(is_wz, attributes)).alias("wz_raw_code"),
        _pick(is_wz, labels).alias("wz_label"),
        other.alias("characteristic_code"),
        pl.col("value_variable_code").alias("indicator_raw_code"),
        pl.col("value_variable_label").alias("indicator_label"),
        pl.col("value_unit").alias("unit_label"),
        (pl.col("value_q") if "value_q" in frame.columns else pl.lit(None, pl.String)).alias("quality_code"),
        pl.col("value").alias("value_raw"),
    )
    return {"cell": finish(delivery, cells, decimal=",")}


@reader("genesis_table_csv")
def read_table_csv(reading: Reading) -> Tables:
    """The older table CSV: Latin-1, preamble, several header rows, regions indented, footnotes after a rule."""
    delivery, options = reading.delivery, reading.options
    try:
        lines = delivery.path.read_bytes().decode(options.get("encoding", "latin-1")).splitlines()
    except UnicodeDecodeError as error:
        raise delivery.refuse(str(error), "ISO-8859-1", rule_id="LND-003") from error
    title = re.match(r"GENESIS-Tabelle: (\S+)", lines[0].strip('"'))
    body = [
        (n, line.split(";")) for n, line in enumerate(lines, 1) if line.count(";") >= 3 and not line.startswith(";")
    ]
    header = [line.split(";") for line in lines if line.startswith(";;;")]
    stamp = next(
        (
            m[1]
            for line in lines[:12]
            if (m := re.search(r"(\d{2}\.\d{2}\.\d{4})", line) if "Stichtag:" in line else None)
        ),
        None,
    )
    if not title or len(header) < 4 or len(header) % 2 or stamp is None:
        raise delivery.refuse(
            "the preamble is not that of a GENESIS table (title, reference date, pairs of header rows)",
            "a first line 'GENESIS-Tabelle: …' and a line 'Stichtag: TT.MM.JJJJ'",
            "download the table as CSV again",
        )
    day, month, year = stamp.split(".")
    columns = _header_codes(delivery, header, options)
    rows = []
    for number, cells in body:
        if not re.fullmatch(r"DG|\d{2,8}", cells[0]):
            continue
        if len(cells) != 3 + len(columns):
            raise delivery.refuse(f"{len(cells)} cells", f"{3 + len(columns)} cells in every row", row=number)
        wz = label_code(delivery, cells[2].strip(), options["label_codes"], number)
        for characteristic, raw in zip(columns, cells[3:], strict=True):
            rows.append((number, cells[0], cells[1].strip(), wz, cells[2].strip(), characteristic, raw.strip()))
    frame = pl.DataFrame(
        rows,
        schema=[
            "source_row",
            "region_raw_code",
            "region_label",
            "wz_raw_code",
            "wz_label",
            "characteristic_code",
            "value_raw",
        ],
        orient="row",
    ).with_columns(
        pl.lit(title[1]).alias("table_code"),
        pl.lit(title[1].split("-")[0]).alias("statistics_code"),
        pl.lit("STAG").alias("time_code"),
        pl.lit(f"{year}-{month}-{day}").alias("time_value"),
        pl.lit(None, pl.String).alias("region_variable_code"),
        pl.lit("WZ08").alias("wz_variable"),
        pl.lit(options["indicator_raw_code"]).alias("indicator_raw_code"),
        pl.lit(lines[5].strip(";")).alias("indicator_label"),
        pl.lit("Anzahl").alias("unit_label"),
        pl.lit(None, pl.String).alias("quality_code"),
    )
    return {"cell": finish(delivery, frame, decimal=",")}


def finish(delivery: Delivery, cells: pl.DataFrame, decimal: str) -> pl.DataFrame:
    """Signs apart from numbers; a cell that is neither is refused with its row (STA-003)."""
    raw = pl.col("value_raw")
    number = raw.str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False)
    cells = cells.with_columns(
        number.alias("value"),
        pl.when(raw.is_in(SIGNS)).then(raw).when(raw == "0").then(pl.lit("0")).alias("symbol"),
        pl.col("source_row").cast(pl.Int64),
        pl.when(pl.col("characteristic_code").fill_null("") == "").then(pl.lit(TOTAL)).otherwise(pl.col("characteristic_code")).alias("characteristic_code"),
        pl.when(pl.col("wz_variable").fill_null("").str.starts_with("WZ25")).then(pl.lit("WZ2025"))
        .when(pl.col("wz_variable").fill_null("").str.starts_with("WZ03")).then(pl.lit("WZ2003"))
        .when(pl.col("wz_variable").fill_null("").str.starts_with("WZ")).then(pl.lit("WZ2008"))
        .otherwise(pl.lit("none")).alias("wz_revision"),
        pl.when(pl.col("wz_raw_code").fill_null("") == "").then(pl.lit(TOTAL)).otherwise(pl.col("wz_raw_code")).alias("wz_raw_code"),
    )  # fmt: skip
    cells = cells.with_columns(
        pl.when(pl.col("region_raw_code").fill_null("") == "")
        .then(pl.lit("DG"))
        .otherwise(pl.col("region_raw_code"))
        .alias("region_raw_code")
    )
    bad = cells.filter(pl.col("value").is_null(), ~raw.is_in(SIGNS))
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"value '{first['value_raw']}' is neither a number nor a statistical sign ({bad.height} such cells)",
            "a number with decimal comma, or one of " + " ".join(SIGNS),
            field="value",
            row=first["source_row"],
            rule_id="STA-003",
            failed_rows=bad.height,
        )
    columns = [c.name for c in delivery.source.tables["cell"].columns]
    return cells.select([*columns, "source_row"])


def table_code(partition_key: str) -> str:
    """Table number of a slice such as ``13111-07-05-4_2024-06-30``."""
    return partition_key.split("_")[0]


def wz_code(raw: pl.Expr) -> pl.Expr:
    """``WZ08-255`` to ``25.5``, ``WZ08-25501`` to ``25.50.1``, ``WZ08-C`` to ``C``, ``WZ08-B-F`` to ``B-F``; an empty code stays empty."""
    bare = raw.str.replace(r"^WZ\d{2}-?", "")
    return pl.when(bare.str.contains(r"^\d{5}$")).then(
        pl.concat_str([bare.str.slice(0, 2), pl.lit("."), bare.str.slice(2, 2), pl.lit("."), bare.str.slice(4)])
    ).when(bare.str.contains(r"^\d{3,4}$")).then(
        pl.concat_str([bare.str.slice(0, 2), pl.lit("."), bare.str.slice(2)])
    ).otherwise(bare)  # fmt: skip


def label_code(delivery: Delivery, label: str, known: dict[str, str], row: int) -> str:
    """Industry code out of a label: the letters in brackets, or the label's entry in the contract."""
    match = re.search(r"\(([A-U](?:-[A-U])?)\)$", label)
    if match:
        return match[1]
    if label in known:
        return known[label]
    raise delivery.refuse(
        f"industry '{label}' has no code", "letters in brackets or an entry in label_codes", row=row, rule_id="STA-006"
    )


def _pick(conditions: list[pl.Expr], values: list[pl.Expr]) -> pl.Expr:
    """The value of the first dimension that meets its condition."""
    return pl.coalesce([pl.when(c).then(v) for c, v in zip(conditions, values, strict=True)])


def _header_codes(delivery: Delivery, header: list[list[str]], options: dict[str, dict[str, str]]) -> list[str]:
    """Characteristic of each value column from pairs of header rows (variable, attribute), sorted by variable."""
    result = []
    for position in range(3, len(header[0])):
        parts = []
        for variable_row, value_row in zip(header[::2], header[1::2], strict=True):
            variable, value = variable_row[position], value_row[position]
            if variable not in options["variable_codes"] or value not in options["header_codes"]:
                raise delivery.refuse(
                    f"header '{variable}: {value}' is not known", "a variable and value of the contract's codes"
                )
            code = options["header_codes"][value]
            if code:
                parts.append(f"{options['variable_codes'][variable]}={code}")
        result.append("|".join(sorted(parts)) or TOTAL)
    return result
