"""GENESIS files: flat CSV (today's layout and the old one), cube CSV and table CSV, to one long table of published cells.

Belongs here: unfolding numbered dimensions, keeping the statistical signs and flags, telling region, industry and time
apart. Does not belong here: what a sign means for a mart (dbt), the lines of a cube (``genesis_cube``), the old
layout (``genesis_old``) or fetching (``connectors/genesis``).

Reference: Statistisches Bundesamt, Anwenderdokumentation Webservice/API, version 5.0 (2025), table of signs.
"""

from __future__ import annotations

import re

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, csv_as_text, csv_bytes, reader
from ingest.sources.genesis_cube import cube_cells
from ingest.sources.genesis_named import is_english, other_table, refuse_other_table, table_code
from ingest.sources.genesis_old import as_new, in_utf8, is_old

SIGNS = ("-", ".", "/", "x", "...")
TOTAL = "TOTAL"
COUNTRY = "DG"
NUMBERED = re.compile(r"^(\d+)_variable_(code|label|attribute_code|attribute_label)$")
NEEDED = ("statistics_code", "statistics_label", "time_code", "time_label", "time", "value", "value_unit",
          "value_variable_code", "value_variable_label")  # fmt: skip
QUALITY = "value_q"


@reader("genesis_flat")
def read_flat(reading: Reading) -> Tables:
    """The flat CSV: one value per row and numbered dimensions; the old wide layout is unfolded into this one first."""
    options = reading.options
    frame, decimal = _flat_as_text(reading)
    dims = _dimensions(reading.delivery, frame)
    refuse_other_table(reading.delivery, frame, options.get("titles") or {})
    frame = frame.with_columns(pl.col(pl.String).fill_null(""))
    groups = [pl.col(f"{n}_variable_code") for n in dims]
    attributes = [pl.col(f"{n}_variable_attribute_code") for n in dims]
    labels = [pl.col(f"{n}_variable_attribute_label") for n in dims]
    is_region = _first([g.str.contains(options["region_variables"]) for g in groups])
    is_wz = _first([g.str.starts_with("WZ") for g in groups])
    names: dict[str, str] = options["characteristic_codes"]
    pairs = [
        pl.when(~r & ~w & (a != "")).then(pl.concat_str([g.replace(names), pl.lit("="), a.replace(names)]))
        for g, a, r, w in zip(groups, attributes, is_region, is_wz, strict=True)
    ]
    # Some tables print one indicator twice, as a count and as a share: then the unit tells the cells apart.
    in_several_units = pl.col("value_unit").n_unique().over("value_variable_code") > 1
    pairs.append(pl.when(in_several_units).then(pl.concat_str([pl.lit("unit="), pl.col("value_unit")])))
    cells = frame.with_columns(
        pl.lit(table_code(reading.delivery.partition_key)).alias("table_code"),
        _pick(is_region, groups).alias("region_variable_code"),
        _pick(is_region, attributes).alias("region_raw_code"),
        _pick(is_region, labels).alias("region_label"),
        _pick(is_wz, groups).alias("wz_variable"),
        _pick(is_wz, attributes).alias("wz_attribute"),
        _pick(is_wz, labels).alias("wz_label"),
        pl.concat_list(pairs).list.drop_nulls().list.sort().list.join("|").alias("characteristic_code"),
        pl.col("value_variable_code").alias("indicator_raw_code"),
        pl.col("value_variable_label").alias("indicator_label"),
        pl.col("value_unit").alias("unit_label"),
        (pl.col(QUALITY) if QUALITY in frame.columns else pl.lit(None, pl.String)).alias("quality_code"),
        pl.col("value").alias("value_raw"),
    )
    return {"cell": finish(reading, _coded(cells), decimal)}


@reader("genesis_cube")
def read_cube(reading: Reading) -> Tables:
    """The cube CSV; numbers have a decimal point, labels are not delivered."""
    delivery = reading.delivery
    try:
        text = delivery.path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise delivery.refuse(f"byte {error.start} is not UTF-8", "text in UTF-8", rule_id="LND-003") from error
    cells = cube_cells(delivery, text, reading.options).with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("region_label", "wz_label", "indicator_label")
    )
    return {"cell": finish(reading, _coded(cells), ".")}


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
    stamps = (re.search(r"(\d{2}\.\d{2}\.\d{4})", line) for line in lines[:12] if "Stichtag:" in line)
    stamp = next((found[1] for found in stamps if found), None)
    if not title or len(header) < 4 or len(header) % 2 or stamp is None:
        raise delivery.refuse(
            "the preamble is not that of a GENESIS table (title, reference date, pairs of header rows)",
            "a first line 'GENESIS-Tabelle: …' and a line 'Stichtag: TT.MM.JJJJ'",
            "download the table as CSV again",
        )
    if title[1] != table_code(delivery.partition_key):
        raise other_table(delivery, f"the first line names table {title[1]}")
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
    texts = ("region_raw_code", "region_label", "wz_raw_code", "wz_label", "characteristic_code", "value_raw")
    schema = {"source_row": pl.Int64(), **dict.fromkeys(texts, pl.String())}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(title[1]).alias("table_code"),
        pl.lit(title[1].split("-")[0]).alias("statistics_code"),
        pl.lit("STAG").alias("time_code"),
        period(pl.lit(stamp)).alias("time_value"),
        pl.lit(None, pl.String).alias("region_variable_code"),
        pl.lit("WZ08").alias("wz_variable"),
        pl.lit(options["indicator_raw_code"]).alias("indicator_raw_code"),
        pl.lit(lines[5].strip(";")).alias("indicator_label"),
        pl.lit("Anzahl").alias("unit_label"),
        pl.lit(None, pl.String).alias("quality_code"),
    )
    return {"cell": finish(reading, frame, ",")}


def finish(reading: Reading, cells: pl.DataFrame, decimal: str) -> pl.DataFrame:
    """Signs and flags apart from numbers; a cell that is neither is refused with its row (STA-003)."""
    delivery = reading.delivery
    raw, flag, wz = pl.col("value_raw"), pl.col("quality_code"), pl.col("wz_variable").fill_null("")
    digits = rf"-?\d+(?:{re.escape(decimal)}\d+)?"
    number = pl.coalesce(raw.str.extract(rf"^({digits})[prs]?$"), raw.str.extract(rf"^\(({digits})\)$"))
    cells = cells.with_columns(
        number.str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False).alias("value"),
        pl.when(raw.is_in(SIGNS)).then(raw).when(raw == "0").then(pl.lit("0")).alias("symbol"),
        pl.when(flag.fill_null("") != "").then(flag).when(raw.str.contains(r"^\(.*\)$")).then(pl.lit("()"))
        .otherwise(raw.str.extract(r"\d([prs])$")).alias("quality_code"),
        pl.col("source_row").cast(pl.Int64),
        _filled("characteristic_code", TOTAL),
        _filled("wz_raw_code", TOTAL),
        _filled("region_raw_code", _own_region(reading)),
        pl.when(wz.str.starts_with("WZ25")).then(pl.lit("WZ2025")).when(wz.str.starts_with("WZ03")).then(pl.lit("WZ2003"))
        .when(wz.str.starts_with("WZ")).then(pl.lit("WZ2008")).otherwise(pl.lit("none")).alias("wz_revision"),
    )  # fmt: skip
    bad = cells.filter(pl.col("value").is_null(), ~raw.fill_null("").is_in(SIGNS))
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"value '{first['value_raw']}' is neither a number nor a statistical sign ({bad.height} such cells)",
            f"a number with decimal '{decimal}', or one of " + " ".join(SIGNS),
            field="value",
            row=first["source_row"],
            rule_id="STA-003",
            failed_rows=bad.height,
        )
    columns = [c.name for c in delivery.source.tables["cell"].columns]
    return cells.select([*columns, "source_row"])


def wz_code(raw: pl.Expr) -> pl.Expr:
    """``WZ08-255`` to ``25.5``, ``WZ08-25501`` to ``25.50.1``, ``WZ08-C`` to ``C``, ``WZ08-B-F`` to ``B-F``; an empty code stays empty."""
    bare = raw.str.replace(r"^WZ\d{2}-?", "")
    return pl.when(bare.str.contains(r"^\d{5}$")).then(
        pl.concat_str([bare.str.slice(0, 2), pl.lit("."), bare.str.slice(2, 2), pl.lit("."), bare.str.slice(4)])
    ).when(bare.str.contains(r"^\d{3,4}$")).then(
        pl.concat_str([bare.str.slice(0, 2), pl.lit("."), bare.str.slice(2)])
    ).otherwise(bare)  # fmt: skip


def region_code(raw: pl.Expr) -> pl.Expr:
    """The key as published; the census' 12 digits lose the association (4 digits) and become the usual 8."""
    short = pl.concat_str([raw.str.slice(0, 5), raw.str.slice(9)])
    return pl.when(raw.str.contains(r"^\d{12}$")).then(short).otherwise(raw)


def period(raw: pl.Expr) -> pl.Expr:
    """A year or an ISO date: ``31.12.2024`` is turned round, ``2023-10P6M`` (half a year) becomes its first day."""
    day = raw.str.replace(r"^(\d{2})\.(\d{2})\.(\d{4})$", "${3}-${2}-${1}")
    return day.str.replace(r"^(\d{4}-\d{2})(P\d+M)?$", "${1}-01")


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


def _flat_as_text(reading: Reading) -> tuple[pl.DataFrame, str]:
    """Every cell as text in today's layout with ``source_row``, and the sign that separates decimals."""
    delivery = reading.delivery
    content = csv_bytes(delivery)
    old = is_old(content)
    content = in_utf8(delivery, content) if old else content
    frame = csv_as_text(reading, content).with_row_index("source_row", offset=1)
    lines = sum(1 for line in content.splitlines() if line.strip()) - 1
    if frame.height != lines:
        raise delivery.refuse(
            f"{lines} lines became {frame.height} rows: a quotation mark joins lines or a line is empty",
            "one row in every line, without quotation marks",
            "fetch the table again; if it stays, report it to the publisher",
        )
    return (as_new(delivery, frame) if old else frame), ("." if is_english(delivery) else ",")


def _dimensions(delivery: Delivery, frame: pl.DataFrame) -> range:
    """Numbers of the dimensions; a column too many or too few is refused by its name."""
    known = {*NEEDED, QUALITY, "source_row"}
    dims = range(1, max((int(m[1]) for c in frame.columns if (m := NUMBERED.match(c))), default=0) + 1)
    parts = ("code", "label", "attribute_code", "attribute_label")
    needed = [*NEEDED, *(f"{n}_variable_{part}" for n in dims for part in parts)]
    unknown = [c for c in frame.columns if c not in known and c not in needed]
    missing = [c for c in needed if c not in frame.columns]
    if unknown or missing:
        field = (unknown or missing)[0]
        raise delivery.refuse(
            f"{'unknown' if unknown else 'missing'} column '{field}'",
            "the flat format: statistics_code;…;1_variable_code;…;value;value_unit;…",
            "request the table with format=ffcsv",
            field=field,
        )
    return dims


def _coded(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.with_columns(
        period(pl.col("time")).alias("time_value"),
        wz_code(pl.col("wz_attribute")).alias("wz_raw_code"),
        region_code(pl.col("region_raw_code")).alias("region_raw_code"),
    )


def _own_region(reading: Reading) -> str:
    """What a cell without a region is about: the country, or the Land whose own office publishes the table."""
    own: dict[str, str] = reading.options.get("own_regions") or {}
    code = table_code(reading.delivery.partition_key)
    return next((region for pattern, region in own.items() if re.fullmatch(pattern, code)), COUNTRY)


def _filled(column: str, default: str) -> pl.Expr:
    given = pl.col(column)
    return pl.when(given.fill_null("") == "").then(pl.lit(default)).otherwise(given).alias(column)


def _first(conditions: list[pl.Expr]) -> list[pl.Expr]:
    """The conditions, each true only where none before it is: of two regions in a row the first is its region."""
    taken, result = pl.lit(False), []
    for condition in conditions:
        result.append(condition & ~taken)
        taken = taken | condition
    return result


def _pick(conditions: list[pl.Expr], values: list[pl.Expr]) -> pl.Expr:
    """The value of the dimension that meets its condition; NULL where none does."""
    chosen = [pl.when(c).then(v) for c, v in zip(conditions, values, strict=True)]
    return pl.coalesce([*chosen, pl.lit(None, pl.String)])


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
