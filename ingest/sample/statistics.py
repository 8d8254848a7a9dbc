"""The GENESIS files: ZIPs with one flat CSV each, one per table and year.

Belongs here: the layout (long format, range codes, signs for zero and secret). Does not belong here: the numbers (employment.py).
Table 13111-80-01-4 does not exist at any statistical office: its number is invented for the sample, because employment by WZ group
and Kreis is not published there as an open table.
"""

from collections.abc import Iterator

import numpy as np
from wz_code import WZ

from ingest.sample.employment import Counts, Employment, StatisticRegion
from ingest.sample.streams import stream
from ingest.sample.truths import STATISTIC_YEARS, SecretCellTruth
from ingest.sample.writer import InboxWriter, delimited, zipped

SECTION_TABLE = "13111-07-05-4"
GROUP_TABLE = "13111-80-01-4"
# Own short labels of the sections.
SECTION_LABELS = {
    "A": "Land- und Forstwirtschaft, Fischerei", "B": "Bergbau", "C": "Verarbeitendes Gewerbe", "D": "Energieversorgung",
    "E": "Wasser, Abwasser, Abfall", "F": "Baugewerbe", "G": "Handel", "H": "Verkehr und Lagerei", "I": "Gastgewerbe",
    "J": "Information und Kommunikation", "K": "Finanzen und Versicherungen", "L": "Grundstücke und Wohnungen",
    "M": "Freie, wissenschaftliche und technische Dienste", "N": "Sonstige Unternehmensdienste", "O": "Öffentliche Verwaltung",
    "P": "Erziehung und Unterricht", "Q": "Gesundheit und Soziales", "R": "Kunst und Erholung", "S": "Sonstige Dienste",
    "T": "Private Haushalte", "U": "Exterritoriale Organisationen",
}  # fmt: skip
SECTIONS = "".join(SECTION_LABELS)
RANGES = {
    "B-F": "Produzierendes Gewerbe (B-F)",
    "B-E": "Produzierendes Gewerbe ohne Baugewerbe (B-E)",
    "G-U": "Dienstleistungsbereiche (G-U)",
    "G-I": "Handel, Gastgewerbe, Verkehr (G-I)",
    "M-N": "Freiberufliche, wissenschaftliche, technische und sonstige Dienstleistungen",
    "O-Q": "Öffentliche Verwaltung, Erziehung, Gesundheit",
    "R-U": "Kunst, Unterhaltung, Erholung, private Haushalte",
}
SEX = ("GES", "Geschlecht", (("", "Insgesamt"), ("GESM", "männlich"), ("GESW", "weiblich")))
NATIONALITY = ("NAT", "Nationalität", (("", "Insgesamt"), ("NATA", "ausländisch")))
VALUE = ("Anzahl", "ERW032", "Sozialversicherungspfl. Beschäftigte (Arbeitsort)")
STATISTIC = ("13111", "Statistik der sozialversicherungspflichtig Beschäftigten", "STAG", "Stichtag")
SECRET_BELOW = 3
# The puzzle: this section is secret in the first Kreis in the last year, and total minus the other sections would give it away.
PUZZLE_SECTION = "L"


def write_statistics(writer: InboxWriter, employment: Employment, seed: int) -> tuple[SecretCellTruth, ...]:
    """Both tables for all years; returns the secret cell somebody could compute and nobody may publish."""
    kreis = next(r for r in employment.regions if r.variable_code == "KREISE")
    last = STATISTIC_YEARS[-1]
    for year in STATISTIC_YEARS:
        hidden = (kreis.code, PUZZLE_SECTION) if year == last else None
        _write_table(writer, SECTION_TABLE, year, 4, list(_section_rows(employment, year, seed, hidden)))
        _write_table(writer, GROUP_TABLE, year, 2, list(_group_rows(employment, year, hidden)))
    value = int(employment.persons[kreis.code, last][np.array(employment.sections) == PUZZLE_SECTION].sum())
    return (
        SecretCellTruth(
            SECTION_TABLE, f"{last}-06-30", kreis.code, PUZZLE_SECTION, "TOTAL",
            value_by_subtraction=value, expected_value=None, expected_status="secret",
        ),
    )  # fmt: skip


def _write_table(writer: InboxWriter, table: str, year: int, variables: int, rows: list[tuple[str, ...]]) -> None:
    groups = [
        f"{n}_variable_{part}"
        for n in range(1, variables + 1)
        for part in ("code", "label", "attribute_code", "attribute_label")
    ]
    header = ["statistics_code", "statistics_label", "time_code", "time_label", "time", *groups]
    header += ["value", "value_unit", "value_variable_code", "value_variable_label"]
    lines = [(*STATISTIC, f"{year}-06-30", *row, *VALUE) for row in rows]
    content = "\ufeff".encode() + delimited(header, lines, ";").encode("utf-8")
    # The name inside carries a time in milliseconds, as delivered; here noon of 1 January of the following year.
    stamp = 1_000 * (int(np.datetime64(f"{year + 1}-01-01T12:00:00", "s").astype(np.int64)))
    writer.write(f"genesis/{table}_{year}-06-30_flat.zip", zipped(f"{table}_{stamp}_de_flat.csv", content), len(rows))


def _signed(value: int, secret: bool) -> str:
    """A value as printed: '-' nothing there, '.' secret."""
    if secret or 0 < value < SECRET_BELOW:
        return "."
    return "-" if value == 0 else str(value)


def _section_rows(
    employment: Employment, year: int, seed: int, hidden: tuple[str, str] | None
) -> Iterator[tuple[str, ...]]:
    rng = stream(seed, f"statistics.{year}")
    sections = np.array(employment.sections)
    for region in employment.regions:
        counts = employment.persons[region.code, year]
        totals = {s: int(counts[sections == s].sum()) for s in SECTIONS}
        cells = {s: _split(total, rng) for s, total in totals.items()}
        for wz_code, label, members in _industries():
            cell = sum((cells[s] for s in members), start=np.zeros((3, 2), dtype=np.int64))
            secret = hidden == (region.code, wz_code)
            yield from _cell_rows(region, wz_code, label, cell, secret)


def _split(total: int, rng: np.random.Generator) -> Counts:
    """Persons by sex (all, male, female) and nationality (all, foreign): whole numbers that add up."""
    foreign = round(total * float(rng.uniform(0.08, 0.2)))
    male, male_foreign = (
        round(total * float(rng.uniform(0.4, 0.75))),
        round(foreign * float(rng.uniform(0.45, 0.7))),
    )
    male_foreign = min(male_foreign, male)
    foreign = min(foreign, male_foreign + total - male)
    return np.array([[total, foreign], [male, male_foreign], [total - male, foreign - male_foreign]], dtype=np.int64)


def _industries() -> Iterator[tuple[str, str, str]]:
    """Code, label and sections of every industry row: single sections, published ranges, the total."""
    for section, label in SECTION_LABELS.items():
        yield section, f"{label} ({section})", section
    for code, label in RANGES.items():
        first, last = code.split("-")
        yield code, label, SECTIONS[SECTIONS.index(first) : SECTIONS.index(last) + 1]
    yield "", "Insgesamt", SECTIONS


def _cell_rows(
    region: StatisticRegion, wz_code: str, label: str, cell: Counts, secret: bool
) -> Iterator[tuple[str, ...]]:
    place = (region.variable_code, region.variable_label, region.code, region.label)
    industry = ("WZ08S7", "WZ2008 (Abschnitte)", f"WZ08-{wz_code}" if wz_code else "", label)
    for column, (nat_code, nat_label) in enumerate(NATIONALITY[2]):
        for line, (sex_code, sex_label) in enumerate(SEX[2]):
            value = _signed(int(cell[line, column]), secret)
            yield (
                *place,
                *industry,
                *SEX[:2],
                sex_code,
                sex_label,
                *NATIONALITY[:2],
                nat_code,
                nat_label,
                value,
            )


def _group_rows(employment: Employment, year: int, hidden: tuple[str, str] | None) -> Iterator[tuple[str, ...]]:
    """The groups of the hidden section are secret too: otherwise the other table would give the number away."""
    wz = WZ(version="2008")
    labels = [wz.get(g).title.replace(";", ",") for g in employment.groups]
    for region in employment.regions:
        place = (region.variable_code, region.variable_label, region.code, region.label)
        counts = employment.persons[region.code, year]
        for code, section, label, value in zip(employment.groups, employment.sections, labels, counts, strict=True):
            printed = _signed(int(value), hidden == (region.code, section))
            yield (*place, "WZ08G3", "WZ2008 (Gruppen)", f"WZ08-{code.replace('.', '')}", label, printed)
        yield (*place, "WZ08G3", "WZ2008 (Gruppen)", "", "Insgesamt", str(int(counts.sum())))
