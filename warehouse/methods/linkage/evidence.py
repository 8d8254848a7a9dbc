"""Why a pair was judged as it was, in words a person can read.

Belongs here: German labels of levels, comparisons and reasons, and the line made of them. Does not: any decision.
"""

from __future__ import annotations

import polars as pl

from warehouse.methods.linkage.model import COMPARISONS
from warehouse.methods.linkage.resolve import (
    AMBIGUOUS,
    CLAIMED,
    KEY_CONFLICT,
    KEY_OTHER_NAME,
    OTHER_MEMBER,
    TOO_FREQUENT,
    UNLIKELY,
)

LABELS_DE: dict[str, dict[str, str]] = {
    "name": {"exact": "Name gleich", "same_words": "Name gleich bis auf Schreibweise oder Reihenfolge", "close": "Name fast gleich",
             "similar": "Name ähnlich", "partly": "Name teilweise gleich", "different": "Name verschieden"},
    "form": {"same": "Rechtsform gleich", "related": "Rechtsform verwandt", "different": "Rechtsform verschieden"},
    "extra": {"same": "Zusatz im Namen gleich", "none": "kein unterscheidender Zusatz im Namen", "one_sided": "Zusatz im Namen nur auf einer Seite",
              "different": "Zusatz im Namen verschieden"},
    "place": {"postcode_town": "Postleitzahl gleich", "postcode": "Postleitzahl gleich, Ort anders", "town": "Ort gleich",
              "postcode_3": "Postleitzahl in drei Stellen gleich", "postcode_2": "Postleitzahl in zwei Stellen gleich", "different": "anderer Ort"},
    "street": {"street_number": "Straße und Hausnummer gleich", "street": "Straße gleich", "similar": "Straße ähnlich", "different": "andere Straße"},
    "register": {"same": "Registergericht und Nummer gleich", "number": "Registernummer gleich, Gericht unbekannt", "different": "Registernummer verschieden"},
    "lei": {"same": "LEI gleich", "different": "LEI verschieden"},
    "vat": {"same": "USt-IdNr. gleich", "different": "USt-IdNr. verschieden"},
}  # fmt: skip
REASONS_DE = {
    AMBIGUOUS: "Zwei oder mehr Einträge passen etwa gleich gut.",
    KEY_CONFLICT: "Eine Kennung (Register, LEI oder USt-IdNr.) widerspricht.",
    OTHER_MEMBER: "Vermutlich ein anderes Unternehmen derselben Gruppe (etwa Verwaltungs-GmbH neben GmbH & Co. KG).",
    KEY_OTHER_NAME: "Eine Kennung stimmt, aber der Name ist ein anderer (umfirmiert oder vertippt?).",
    UNLIKELY: "Wahrscheinlich, aber nicht sicher genug.",
    CLAIMED: "Mehrere Datensätze beanspruchen denselben Eintrag.",
    TOO_FREQUENT: "Der Name kommt im Register zu oft vor, um ihn ohne weitere Angaben zuzuordnen.",
}

PAIRS_AT_A_TIME = 1 << 11


def with_explanation(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add ``explanation_de`` to pairs with ``name``, ``candidate_name``, ``candidate_name_rows``, ``probability``,
    ``weight_bits``, ``reason`` and per comparison ``<comparison>_level`` and ``<comparison>_bits``."""
    # Part by part: the pieces of a line take several times what the line does.
    starts = range(0, max(pairs.height, 1), PAIRS_AT_A_TIME)
    return pairs.with_columns(pl.concat(_explanation(pairs.slice(i, PAIRS_AT_A_TIME)) for i in starts))


def _explanation(pairs: pl.DataFrame) -> pl.Series:
    parts = [_part(comparison) for comparison in COMPARISONS]
    beginning = pl.format(
        "{} / {}: {} % wahrscheinlich (Gewicht {}). ",
        pl.col("name").fill_null("(ohne Namen)"),
        pl.col("candidate_name").fill_null("(ohne Namen)"),
        _german(pl.min_horizontal(pl.col("probability") * 100, 99.9), 1),
        _german(pl.col("weight_bits"), 1),
    )
    evidence = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    reason = pl.when(pl.col("reason").is_not_null()).then(
        pl.concat_str(
            pl.lit(" Zur Prüfung: "), pl.col("reason").replace_strict(REASONS_DE, default="", return_dtype=pl.String)
        )
    )
    line = pl.concat_str([beginning, evidence, pl.lit("."), reason], ignore_nulls=True)
    return pairs.select(explanation_de=line).to_series()


def _german(number: pl.Expr, digits: int) -> pl.Expr:
    text = number.round(digits).cast(pl.String)
    return text.str.replace(".", ",", literal=True)


def _part(comparison: str) -> pl.Expr:
    level, bits = pl.col(f"{comparison}_level"), pl.col(f"{comparison}_bits")
    label = level.replace_strict(LABELS_DE[comparison], default=None, return_dtype=pl.String)
    if comparison == "name":
        rows = pl.col("candidate_name_rows")
        label = pl.when(rows > 1).then(pl.format("{} (im Register {}-mal)", label, rows)).otherwise(label)
    sign = pl.when(bits >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
    return pl.when(level.is_not_null()).then(pl.concat_str([label, pl.lit(" "), sign, _german(bits, 1)]))
