"""Invented registers and survey answers for the linkage benchmark, with the truth beside them.

Belongs here: the generator, the same for the same seed. Does not: any part of the method; it imports none of it, and every
kind of dirt is drawn for itself, whatever the others did to the same answer.

Towns and the rare names are made of syllables and invented; common surnames are those every telephone book has. The
register holds hard cases on purpose: the same name in other towns, a Verwaltungs-GmbH or Holding beside its company at the
same address, a successor of the same name at the same place under another number, trades with common surnames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

SURNAMES = [
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hofmann",
    "Hartmann",
    "Lange",
    "Schmitt",
    "Werner",
    "Krause",
    "Meier",
    "Lehmann",
    "Schmid",
    "Schulze",
    "Maier",
    "Köhler",
    "Herrmann",
    "König",
    "Walter",
    "Mayer",
    "Huber",
    "Kaiser",
    "Fuchs",
    "Peters",
    "Lang",
    "Scholz",
    "Möller",
    "Weiß",
    "Jung",
    "Hahn",
    "Schubert",
    "Vogel",
    "Friedrich",
    "Keller",
    "Günther",
    "Frank",
    "Berger",
    "Winkler",
    "Roth",
    "Beck",
    "Lorenz",
    "Baumann",
    "Franke",
    "Albrecht",
    "Schuster",
    "Simon",
    "Ludwig",
    "Böhm",
    "Winter",
    "Kraus",
    "Schumacher",
    "Krämer",
    "Vogt",
    "Stein",
    "Jäger",
    "Otto",
    "Sommer",
    "Groß",
    "Seidel",
    "Heinrich",
    "Brandt",
    "Haas",
    "Schreiber",
    "Graf",
    "Schulte",
    "Dietrich",
    "Ziegler",
    "Kuhn",
    "Kühn",
    "Pohl",
    "Engel",
    "Horn",
    "Busch",
    "Bergmann",
    "Thomas",
    "Voigt",
    "Sauer",
    "Arnold",
    "Wolff",
    "Pfeiffer",
    "Büchner",
    "Strauß",
    "Jürgens",
    "Übelacker",
    "Größer",
]
TRADES = [
    "Metallbau",
    "Maschinenbau",
    "Elektrotechnik",
    "Sanitär",
    "Heizungsbau",
    "Tiefbau",
    "Hochbau",
    "Transporte",
    "Spedition",
    "Druckerei",
    "Bäckerei",
    "Tischlerei",
    "Stahlbau",
    "Werkzeugbau",
    "Formenbau",
    "Drahtwerke",
    "Federnfabrik",
    "Gießerei",
    "Schmiede",
    "Härterei",
    "Galvanik",
    "Oberflächentechnik",
    "Kunststofftechnik",
    "Blechbearbeitung",
    "Schrauben",
    "Verbindungselemente",
    "Armaturen",
    "Beschläge",
    "Leuchten",
    "Fahrzeugteile",
    "Zerspanungstechnik",
    "Umformtechnik",
    "Lackiererei",
    "Gartenbau",
    "Dachdeckerei",
    "Autohaus",
    "Apotheke",
    "Architekten",
    "Ingenieurbüro",
    "Software",
    "Consulting",
    "Marketing",
    "Textil",
    "Möbel",
    "Gebäudereinigung",
    "Medizintechnik",
    "Messtechnik",
    "Anlagenbau",
    "Antriebstechnik",
    "Hydraulik",
    "Verpackungen",
    "Präzisionsteile",
    "Kaltwalzwerk",
]
FORMS = (
    ("GmbH", 0.60), ("GmbH & Co. KG", 0.13), ("UG (haftungsbeschränkt)", 0.07), ("e.K.", 0.07), ("AG", 0.03), ("KG", 0.03),
    ("OHG", 0.03), ("GbR", 0.02), ("eG", 0.01), ("SE", 0.01),
)  # fmt: skip
SPELT = {
    "GmbH": ("GmbH", "Gmbh", "GMBH", "Gesellschaft mit beschränkter Haftung", "mbH", "G.m.b.H."),
    "GmbH & Co. KG": ("GmbH & Co. KG", "GmbH & Co KG", "GmbH und Co. KG", "GmbH&Co.KG", "GmbH + Co. KG"),
    "UG (haftungsbeschränkt)": ("UG (haftungsbeschränkt)", "UG", "UG haftungsbeschränkt"),
    "e.K.": ("e.K.", "eK", "e. Kfm.", "e. K."),
    "AG": ("AG", "Aktiengesellschaft"),
    "KG": ("KG", "Kommanditgesellschaft"),
    "OHG": ("OHG", "oHG", "Offene Handelsgesellschaft"),
}
MEMBERS = ("{} Verwaltungs GmbH", "{} Holding GmbH", "{} Beteiligungs GmbH", "{} Immobilien GmbH & Co. KG", "{} Vertriebs GmbH", "{} Service GmbH")  # fmt: skip
SYLLABLES = ["al", "an", "ar", "bel", "ben", "bor", "bru", "da", "del", "dor", "el", "en", "fal", "fen", "ger", "gor", "hal", "hel", "ist", "jor", "kal", "ken", "kor", "lan", "len", "lim", "lor", "mal", "mer", "mol", "nar", "nel", "nor", "ol", "or", "pal", "per", "ral", "ren", "ros", "sal", "sel", "sol", "tal", "ten", "tor", "ul", "un", "val", "ven", "vol", "wal", "wen", "zel", "zor"]  # fmt: skip
TOWN_ENDS = [
    "hausen",
    "dorf",
    "berg",
    "burg",
    "feld",
    "stadt",
    "bach",
    "heim",
    "ingen",
    "tal",
    "wald",
    "brück",
    "hagen",
    "au",
    "kirchen",
]
STREETS = [
    "Haupt",
    "Bahnhof",
    "Schul",
    "Garten",
    "Dorf",
    "Berg",
    "Linden",
    "Wald",
    "Kirch",
    "Industrie",
    "Ring",
    "Wiesen",
    "Mühlen",
    "Hagener",
    "Werk",
    "Gewerbe",
    "Post",
    "Markt",
    "Ufer",
    "Sonnen",
]
STREET_ENDS = ("straße", "weg", "allee", "platz")
COLUMNS = ("record_id", "name", "postcode", "town", "street", "court_code", "register_type", "register_number", "lei", "vat_number")  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """Register, answers, and for each answer the register row it means (record_id, candidate_id; NULL: none)."""

    register: pl.DataFrame
    answers: pl.DataFrame
    truth: pl.DataFrame


def invent(register_rows: int, answers: int, seed: int = 20_261) -> Invented:
    """A register of so many rows and so many answers; four fifths of them mean a row of it."""
    random = np.random.default_rng(seed)
    outside = answers // 5
    whole = _companies(random, register_rows + outside)
    chosen = random.permutation(len(whole["name"]))
    inside, strangers = np.sort(chosen[:register_rows]), chosen[register_rows:]
    register = pl.DataFrame({c: [whole[c][i] for i in inside] for c in whole}).with_columns(
        record_id=pl.format("R{}", pl.int_range(pl.len()))
    )
    meant = random.choice(register_rows, answers - outside, replace=False)
    again = random.random(len(meant)) < 0.02
    meant[again] = random.choice(meant, int(again.sum()))
    rows = [{c: whole[c][inside[i]] for c in whole} for i in meant] + [
        {c: whole[c][i] for c in whole} for i in strangers
    ]
    truth = [f"R{i}" for i in meant] + [None] * outside
    towns = Towns(np.random.default_rng(seed + 1))
    order = random.permutation(answers)
    said = [_answer(random, rows[i], towns) for i in order]
    ids = [f"S{i}" for i in range(answers)]
    frame = pl.DataFrame(said, schema=dict.fromkeys(COLUMNS[1:], pl.String), orient="row").with_columns(
        record_id=pl.Series(ids)
    )
    return Invented(
        register.select(pl.col(c).cast(pl.String) for c in COLUMNS),
        frame.select(COLUMNS),
        pl.DataFrame(
            {"record_id": ids, "candidate_id": [truth[i] for i in order]}, schema_overrides={"candidate_id": pl.String}
        ),
    )


class Towns:
    """Invented towns: name, court and postcodes; large towns have many, and most companies."""

    def __init__(self, random: np.random.Generator, count: int = 3_000) -> None:
        self.names = ["".join(random.choice(SYLLABLES, random.integers(1, 3))).capitalize() + str(random.choice(TOWN_ENDS)) for _ in range(count)]  # fmt: skip
        self.share = 1 / np.arange(1, count + 1) ** 0.8
        self.share /= self.share.sum()
        first = random.permutation(np.arange(1_000, 99_000, 32))[:count]
        self.postcodes = [
            [f"{f + i:05d}" for i in range(max(1, int(s * 1500)))] for f, s in zip(first, self.share, strict=True)
        ]
        self.courts = [f"R{random.integers(1000, 4000)}" for _ in range(150)]
        self.court = random.integers(0, 150, count)


def _companies(random: np.random.Generator, count: int) -> dict[str, list[str | None]]:
    """Companies as a register writes them: columns of ``COLUMNS`` but the id."""
    towns = Towns(np.random.default_rng(random.integers(1 << 30)))
    rare = ["".join(random.choice(SYLLABLES, random.integers(2, 5))).capitalize() for _ in range(60_000)]
    rarity = 1 / np.arange(1, len(rare) + 1) ** 0.7
    own = random.choice(len(rare), count, p=rarity / rarity.sum())
    common_share = 1 / (np.arange(len(SURNAMES)) + 5)
    common = random.choice(len(SURNAMES), count, p=common_share / common_share.sum())
    second = random.choice(len(SURNAMES), count)
    trade = random.choice(len(TRADES), count, p=(t := 1 / (np.arange(len(TRADES)) + 3)) / t.sum())
    form = random.choice(len(FORMS), count, p=(f := np.array([s for _, s in FORMS])) / f.sum())
    town = random.choice(len(towns.names), count, p=towns.share)
    shape, house, number = random.random(count), random.integers(1, 180, count), random.integers(1, 60_000, count)
    street = random.integers(0, len(STREETS) * len(STREET_ENDS) * 4, count)
    letters = random.integers(0, 26, (count, 3))
    kin, given_vat, given_lei = random.random(count), random.random(count), random.random(count)
    code_at, digits = random.integers(0, 1 << 30, count), random.integers(0, 10**9, count)
    out: dict[str, list[str | None]] = {c: [] for c in COLUMNS[1:]}
    for i in range(count):
        surname, trade_name, brand = SURNAMES[common[i]], TRADES[trade[i]], rare[own[i]]
        codes = towns.postcodes[town[i]]
        place = (codes[code_at[i] % len(codes)], towns.names[town[i]], towns.courts[towns.court[town[i]]])
        end = STREET_ENDS[street[i] % 4]
        row_street = f"{STREETS[street[i] // 4 % len(STREETS)]}{end} {house[i]}" if street[i] < 160 else f"{rare[street[i] * 97 % len(rare)]}{end} {house[i]}"  # fmt: skip
        base = (
            f"{trade_name} {surname}" if shape[i] < 0.18
            else f"{surname} {trade_name}" if shape[i] < 0.28
            else f"{brand} {trade_name}" if shape[i] < 0.55
            else brand if shape[i] < 0.65
            else f"{surname} & {SURNAMES[second[i]]} {trade_name}" if shape[i] < 0.72
            else "".join(chr(65 + x) for x in letters[i]) + f" {trade_name}" if shape[i] < 0.80
            else f"{towns.names[town[i]]}er {trade_name}" if shape[i] < 0.86
            else f"{surname} {brand} {trade_name}"
        )  # fmt: skip
        name, previous = f"{base} {FORMS[form[i]][0]}", len(out["name"]) - 1
        if kin[i] < 0.10 and previous >= 0:
            # Kin of the company before: another member of its group, its successor, or a namesake elsewhere.
            before = out["name"][previous] or ""
            stem = before.split(" GmbH")[0].split(" UG")[0].split(" AG")[0].split(" e.K.")[0]
            name = MEMBERS[house[i] % len(MEMBERS)].format(stem) if kin[i] < 0.07 else before
            if kin[i] < 0.085:
                place = (out["postcode"][previous], out["town"][previous], out["court_code"][previous])
                row_street = out["street"][previous] or row_street
        kind = "HRA" if name.endswith(("KG", "e.K.", "OHG")) else "GnR" if name.endswith("eG") else "HRB"
        values = (name, place[0], place[1], row_street, place[2], kind, str(number[i]),
                  f"5299{digits[i] % 10**14:014d}{i % 90 + 10}" if given_lei[i] < 0.05 else None,
                  f"DE{digits[i]:09d}" if given_vat[i] < 0.30 else None)  # fmt: skip
        for c, value in zip(COLUMNS[1:], values, strict=True):
            out[c].append(value)
    return out


def _slip(random: np.random.Generator, text: str) -> str:
    """One typing slip anywhere: a letter gone, doubled, changed, or two swapped."""
    if len(text) < 4:
        return text
    i, kind = int(random.integers(1, len(text) - 1)), random.integers(0, 4)
    letter = chr(97 + int(random.integers(0, 26)))
    return {0: text[:i] + text[i + 1 :], 1: text[:i] + text[i] + text[i:], 2: text[:i] + letter + text[i + 1 :], 3: text[:i] + text[i + 1] + text[i] + text[i + 2 :]}[int(kind)]  # fmt: skip


def _answer(random: np.random.Generator, row: dict[str, str | None], towns: Towns) -> tuple[str | None, ...]:
    """What a company's clerk writes of itself. Every kind of dirt has its own draw."""
    chance = iter(random.random(40))

    def happens(share: float) -> bool:
        return next(chance) < share

    name = row["name"] or ""
    form = next((f for f, _ in FORMS if name.endswith(" " + f)), None)
    stem = name.removesuffix(" " + form) if form else name
    if happens(0.06):
        words = stem.split(" ")
        stem = " ".join(words[1:] + words[:1])
    if happens(0.08) and " " in stem:
        words = stem.split(" ")
        words.pop(int(random.integers(0, len(words))))
        stem = " ".join(words)
    if happens(0.05):
        stem = stem.replace(" ", "-", 1)
    if happens(0.03):
        stem = stem.replace(" ", "", 1)
    if happens(0.25):
        stem = _slip(random, stem)
    if happens(0.06):
        stem = _slip(random, stem)
    if happens(0.04):
        stem = f"{stem} {random.choice(['Werk', 'Niederlassung', 'Deutschland', row['town'] or '', 'Gruppe', 'Team'])}"
    if happens(0.02):
        stem = "Firma " + stem
    if form and happens(0.10):
        form = None
    elif form and happens(0.30):
        form = str(random.choice(SPELT.get(form, (form,))))
    elif form and happens(0.02):
        form = str(random.choice([f for f, _ in FORMS]))
    said = f"{stem} {form}" if form else stem
    if happens(0.22):
        said = said.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss").replace("Ü", "Ue")
    elif happens(0.04):
        said = said.replace("ä", "a").replace("ö", "o").replace("ü", "u").replace("ß", "s")
    if happens(0.08):
        said = said.upper()
    elif happens(0.05):
        said = said.lower()
    postcode, town, street = row["postcode"], row["town"], row["street"]
    if happens(0.05):  # moved since the register was written
        other = int(random.choice(len(towns.names), p=towns.share))
        postcode, town = str(random.choice(towns.postcodes[other])), towns.names[other]
        street = f"{random.choice(STREETS)}{random.choice(STREET_ENDS)} {random.integers(1, 180)}"
    if happens(0.03) and postcode:  # bulk recipient
        postcode = postcode[:3] + f"{random.integers(0, 100):02d}"
    if happens(0.03) and postcode:
        i = int(random.integers(0, 5))
        postcode = postcode[:i] + str(random.integers(0, 10)) + postcode[i + 1 :]
    if happens(0.02) and postcode:
        postcode = postcode.lstrip("0")
    if happens(0.06):
        postcode = None
    if happens(0.04) and town:  # a district instead of the town
        town = "".join(random.choice(SYLLABLES, 2)).capitalize() + str(random.choice(TOWN_ENDS))
    if happens(0.05) and town:
        town = _slip(random, town)
    if happens(0.06):
        town = None
    if happens(0.30) and street:
        street = street.replace("straße", str(random.choice(["str.", "strasse", " Straße", "Str."])))
    if happens(0.06) and street:
        street = _slip(random, street)
    if happens(0.35):
        street = None
    court, kind, number = row["court_code"], row["register_type"], row["register_number"]
    if happens(0.75):
        court = kind = number = None
    if number and happens(0.10):
        number = _slip(random, number + "0")[: len(number)]
    if number and happens(0.15):
        number = f"{kind} {number}"
    if happens(0.30):
        court = None
    lei, vat = (row["lei"] if happens(0.5) else None), (row["vat_number"] if happens(0.35) else None)
    return said, postcode, town, street, court, kind, number, lei, vat
