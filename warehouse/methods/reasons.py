"""Reasons for and against a target market, in plain German.

Belongs here: wording, and which facts are the strongest. Does not: any score. The sentences hold published figures
of the market and of product proximity only, never an answer of the company: who reads a reason must not learn more
about the company than the score columns say.
"""

from collections.abc import Callable, Mapping
from typing import Any

from warehouse.methods.market_fit_config import COMPONENTS, MARKET_INPUTS

Row = Mapping[str, Any]
# An input below this score speaks against the market; above it, it is merely the weakest point.
SPEAKS_AGAINST_BELOW = 50.0
MISSING_LABELS_DE = {
    "import_cagr_5y_pct": "Wachstum der Einfuhren",
    "unit_value_eur_per_kg": "Durchschnittspreis",
    "is_single_market": "Zugehörigkeit zum EU-Binnenmarkt",
    "home_export_value_eur": "bisherige Lieferungen aus {home}",
    "home_share": "Anteil von {home} an den Einfuhren",
    "origin_hhi": "Verteilung der Herkunftsländer",
}


def number_de(value: float, digits: int) -> str:
    """-1234.5 -> '−1.234,5'."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.-", ".,−"))


def euro_de(value: float) -> str:
    """Money to three or four readable figures: '1,25 Mrd. €', '12,3 Mio. €', '850 Tsd. €'."""
    # The limits lie where rounding would print 1.000 of the smaller unit.
    for limit, unit, scale, digits in (
        (999.95e6, "Mrd. €", 1e9, 2),
        (999_500, "Mio. €", 1e6, 1),
        (999.5, "Tsd. €", 1e3, 0),
    ):
        if value >= limit:
            return f"{number_de(value / scale, digits)} {unit}"
    return f"{number_de(value, 0)} €"


def _proximity(row: Row) -> str:
    period = f" ({row['proximity_year']})" if row.get("proximity_year") is not None else ""
    return f"Nähe zum bisherigen Sortiment im Produktraum des Welthandels: {number_de(row['best_proximity'], 2)} von 1{period}"


def _size(row: Row) -> str:
    return f"Einfuhren von {euro_de(row['import_value_eur'])} im Jahr {row['year']}"


def _growth(row: Row) -> str:
    return f"{number_de(row['import_cagr_5y_pct'], 1)} % pro Jahr (fünf Jahre bis {row['year']})"


def _home_sales(row: Row) -> str:
    return f"Lieferungen aus {row['home']} von {euro_de(row['home_export_value_eur'])} im Jahr {row['year']}"


def _home_share(row: Row) -> str:
    return f"{number_de(100 * row['home_share'], 1)} % der Einfuhren kamen {row['year']} aus {row['home']}"


def _concentration(row: Row) -> str:
    return f"Konzentration der Herkunftsländer (HHI) {number_de(row['origin_hhi'], 2)} im Jahr {row['year']}"


def _demand_reason(row: Row) -> str:
    growth = row["import_cagr_5y_pct"]
    return f"Nachfrage: {_size(row)}" + (f", +{_growth(row)}" if growth is not None and growth > 0 else "") + "."


def _access_reason(row: Row) -> str:
    facts = ["liegt im EU-Binnenmarkt"] if row["is_single_market"] else []
    if row["home_export_value_eur"] is not None:
        facts.append(_home_sales(row))
    elif row["home_share"] is not None:
        facts.append(_home_share(row))
    return f"Zugang: {', '.join(facts) or 'außerhalb des EU-Binnenmarkts'}."


def _automotive_reason(row: Row) -> str:
    place = "in" if row["is_automotive_target"] else "außerhalb"
    return f"Zielprodukt {place} der Automobilindustrie (HS {row['hs6_code']})."


REASONS: dict[str, Callable[[Row], str]] = {
    "capability": lambda row: f"{_proximity(row)}.",
    "demand": _demand_reason,
    "access": _access_reason,
    "resilience": lambda row: f"Versorgung: {_concentration(row)}; je kleiner, desto breiter gestreut.",
    "diversification": _automotive_reason,
}

# Per argument: the component it belongs to, the sentence where it speaks against, the figure where it is only weakest.
ARGUMENTS: dict[str, tuple[str, Callable[[Row], str], Callable[[Row], str]]] = {
    "capability": ("capability", lambda r: f"Nur entfernt verwandt: {_proximity(r)}.", _proximity),
    "import_value_eur": ("demand", lambda r: f"Kleiner Markt: {_size(r)}.", _size),
    "import_cagr_5y_pct": (
        "demand",
        lambda r: (
            f"{'Nachfrage sinkt' if r['import_cagr_5y_pct'] < 0 else 'Schwaches Wachstum'}: Einfuhren {_growth(r)}."
        ),
        lambda r: f"Entwicklung der Einfuhren {_growth(r)}",
    ),
    "unit_value_eur_per_kg": (
        "demand",
        lambda r: f"Niedriger Durchschnittspreis: {_price(r)}; das spricht für Preiswettbewerb.",
        lambda r: f"Durchschnittspreis {_price(r)}",
    ),
    "is_single_market": (
        "access",
        lambda r: "Außerhalb des EU-Binnenmarkts: Zoll, Nachweise und Zulassung sind zu klären.",
        lambda r: "liegt außerhalb des EU-Binnenmarkts",
    ),
    "home_export_value_eur": ("access", lambda r: f"Bisher kaum Geschäft: {_home_sales(r)}.", _home_sales),
    "home_share": (
        "access",
        lambda r: f"Andere Lieferländer sind stärker: nur {_home_share(r)}.",
        _home_share,
    ),
    "origin_hhi": (
        "resilience",
        lambda r: f"Wenige Herkunftsländer beherrschen den Markt: {_concentration(r)}.",
        _concentration,
    ),
    "diversification": (
        "diversification",
        lambda r: f"Auch dieses Zielprodukt hängt an der Automobilindustrie (HS {r['hs6_code']}).",
        lambda r: f"Zielprodukt der Automobilindustrie (HS {r['hs6_code']})",
    ),
}


def _price(row: Row) -> str:
    return f"{number_de(row['unit_value_eur_per_kg'], 2)} € je kg im Jahr {row['year']}"


def strongest_components(row: Row) -> list[str]:
    """The components that could be computed, best first; equal ones in the order of COMPONENTS."""
    known = [name for name in COMPONENTS if row[f"{name}_score"] is not None]
    return sorted(known, key=lambda name: -row[f"{name}_score"])


def _argument_scores(row: Row) -> dict[str, float]:
    """Score of every argument that can be made about this row."""
    scores = {name: row[f"{name}_points"] for names in MARKET_INPUTS.values() for name in names}
    if row["is_single_market"]:
        scores["is_single_market"] = None
    scores["capability"] = row["capability_score"]
    # Outside the industry a low score says that the company hardly depends on it, which is its own answer.
    scores["diversification"] = row["diversification_score"] if row["is_automotive_target"] else None
    return {name: score for name, score in scores.items() if score is not None}


def counter_reason(row: Row, used: list[str]) -> str:
    """The strongest argument against: a weak figure, else a missing one, else the weakest point not yet named."""
    scores = _argument_scores(row)
    against = min(scores, key=lambda name: (scores[name], list(ARGUMENTS).index(name)))
    if scores[against] < SPEAKS_AGAINST_BELOW:
        return ARGUMENTS[against][1](row)
    missing = [label for name, label in MISSING_LABELS_DE.items() if row[f"{name}_points"] is None]
    if missing:
        return f"Unsicher, weil Angaben fehlen: {', '.join(missing)}.".format(home=row["home"])
    weakest = min(scores, key=lambda name: (ARGUMENTS[name][0] in used, scores[name]))
    return f"Kein starkes Gegenargument; schwächster Punkt: {ARGUMENTS[weakest][2](row)}."


def reasons_for(row: Row) -> tuple[str, str | None, str]:
    """(reason_1_de, reason_2_de, counter_reason_de); the second is missing where only one component is known."""
    best = strongest_components(row)[:2]
    texts = [REASONS[name](row) for name in best]
    return texts[0], texts[1] if len(texts) > 1 else None, counter_reason(row, best)
