"""Reasons for and against a target, in plain German, made from the figures of the row.

Belongs here: which facts are the strongest and in which sentence they stand. Does not: any score, or how a figure is said
(wording). The sentences hold published figures of the target, of product proximity and, on the competence route, the names
of competences and certificates, which the map of competences tells the same readers. No number that a company answered
stands in them: who reads a reason must not learn more about the company than the other columns say.
"""

from collections.abc import Callable
from dataclasses import dataclass

from warehouse.methods.market_fit import wording as say
from warehouse.methods.market_fit.inputs import COMPONENTS, INDUSTRY, TARGET_INPUTS
from warehouse.methods.market_fit.wording import Row

Sentence = Callable[[Row], str]
# An input below this score speaks against the target; above it, it is merely the weakest point.
SPEAKS_AGAINST_BELOW = 50.0
# A target of another industry that asks for a certificate the company does not hold: as strong an argument as this score.
MISSING_CERTIFICATE_POINTS = 25.0


@dataclass(frozen=True)
class Argument:
    """One figure: the component it belongs to, the sentence where it speaks against, the figure where it is only weakest."""

    component: str
    against: Sentence
    weakest: Sentence
    missing_label_de: str = ""


def _with_growth(size: str, growth: float | None, said: str) -> str:
    """Growth stands beside the figure that grew, and only where it did."""
    return f"{size}, +{said}" if growth is not None and growth > 0 else size


def _demand_reason(row: Row) -> str:
    if row["target_type_code"] != INDUSTRY:
        growth = row["import_cagr_5y_pct"]
        said = say.import_growth(row) if growth is not None else ""
        return f"Nachfrage: {_with_growth(say.import_size(row), growth, said)}."
    facts = []
    if row["industry_export_value_eur"] is not None:
        growth = row["industry_export_cagr_5y_pct"]
        said = say.industry_export_growth(row) if growth is not None else ""
        facts.append(_with_growth(say.industry_exports(row), growth, said))
    if row["industry_employees_count"] is not None:
        facts.append(say.industry_size(row))
    return f"Nachfrage: {'; '.join(facts) or say.industry_change(row)}."


def _access_reason(row: Row) -> str:
    if row["target_type_code"] == INDUSTRY:
        facts = [say.regional_size(row)] if row["regional_employees_count"] is not None else []
        facts += [say.regional_quotient(row)] if row["regional_location_quotient"] is not None else []
        return f"Zugang: Kunden in der Nähe, {', '.join(facts)}."
    facts = ["liegt im EU-Binnenmarkt"] if row["is_single_market"] else []
    if row["home_export_value_eur"] is not None:
        facts.append(say.home_sales(row))
    elif row["home_share"] is not None:
        facts.append(say.home_share(row))
    return f"Zugang: {', '.join(facts) or 'außerhalb des EU-Binnenmarkts'}."


def _capability_reason(row: Row) -> str:
    if row["target_type_code"] == INDUSTRY:
        return f"Vorhandenes Können, {say.competences(row)}."
    return f"{say.proximity(row)}."


def _resilience_reason(row: Row) -> str:
    if row["target_type_code"] == INDUSTRY:
        return f"Absatz der Branche: {say.destinations(row)}; je kleiner, desto breiter gestreut."
    return f"Versorgung: {say.concentration(row)}; je kleiner, desto breiter gestreut."


def _automotive_reason(row: Row) -> str:
    place = "in" if row["is_automotive_target"] else "außerhalb"
    return f"Ziel {place} der Automobilindustrie ({say.code(row)})."


REASONS: dict[str, Sentence] = {
    "capability": _capability_reason,
    "demand": _demand_reason,
    "access": _access_reason,
    "resilience": _resilience_reason,
    "diversification": _automotive_reason,
}
ARGUMENTS: dict[str, Argument] = {
    "best_proximity": Argument("capability", lambda r: f"Nur entfernt verwandt: {say.proximity(r)}.", say.proximity),
    "competence_overlap": Argument(
        "capability",
        lambda r: f"Deckt nur einen Teil dessen, was die Zielbranche braucht; {say.competences(r)}.",
        say.competences,
    ),
    "certificates": Argument("capability", lambda r: f"Fehlender Nachweis, {say.certificates(r)}.", say.certificates),
    "import_value_eur": Argument("demand", lambda r: f"Kleiner Markt: {say.import_size(r)}.", say.import_size),
    "import_cagr_5y_pct": Argument(
        "demand",
        lambda r: (
            f"{'Nachfrage sinkt' if r['import_cagr_5y_pct'] < 0 else 'Schwaches Wachstum'}: Einfuhren {say.import_growth(r)}."
        ),
        lambda r: f"Entwicklung der Einfuhren {say.import_growth(r)}",
        "Wachstum der Einfuhren",
    ),
    "unit_value_eur_per_kg": Argument(
        "demand",
        lambda r: f"Niedriger Durchschnittspreis: {say.price(r)}; das spricht für Preiswettbewerb.",
        lambda r: f"Durchschnittspreis {say.price(r)}",
        "Durchschnittspreis",
    ),
    "is_single_market": Argument(
        "access",
        lambda r: "Außerhalb des EU-Binnenmarkts: Zoll, Nachweise und Zulassung sind zu klären.",
        lambda r: "liegt außerhalb des EU-Binnenmarkts",
        "Zugehörigkeit zum EU-Binnenmarkt",
    ),
    "home_export_value_eur": Argument(
        "access",
        lambda r: f"Bisher kaum Geschäft: {say.home_sales(r)}.",
        say.home_sales,
        "bisherige Lieferungen aus {home}",
    ),
    "home_share": Argument(
        "access",
        lambda r: f"Andere Lieferländer sind stärker: nur {say.home_share(r)}.",
        say.home_share,
        "Anteil von {home} an den Einfuhren",
    ),
    "origin_hhi": Argument(
        "resilience",
        lambda r: f"Wenige Herkunftsländer beherrschen den Markt: {say.concentration(r)}.",
        say.concentration,
        "Verteilung der Herkunftsländer",
    ),
    "industry_export_value_eur": Argument(
        "demand", lambda r: f"Kleine Branche: {say.industry_exports(r)}.", say.industry_exports, "Ausfuhren der Branche"
    ),
    "industry_export_cagr_5y_pct": Argument(
        "demand",
        lambda r: (
            f"{'Absatz der Branche sinkt' if r['industry_export_cagr_5y_pct'] < 0 else 'Schwaches Wachstum der Branche'}: "
            f"Ausfuhren {say.industry_export_growth(r)}."
        ),
        lambda r: f"Entwicklung der Ausfuhren {say.industry_export_growth(r)}",
        "Wachstum der Ausfuhren",
    ),
    "industry_employees_count": Argument(
        "demand", lambda r: f"Kleine Branche: {say.industry_size(r)}.", say.industry_size, "Beschäftigte der Branche"
    ),
    "industry_employment_change_5y_pct": Argument(
        "demand",
        lambda r: (
            f"Branche {'schrumpft' if r['industry_employment_change_5y_pct'] < 0 else 'wächst kaum'}: {say.industry_change(r)}."
        ),
        say.industry_change,
        "Entwicklung der Beschäftigung",
    ),
    "regional_employees_count": Argument(
        "access",
        lambda r: f"Wenige mögliche Kunden in der Nähe: {say.regional_size(r)}.",
        say.regional_size,
        "Beschäftigte der Branche in der Region",
    ),
    "regional_location_quotient": Argument(
        "access",
        lambda r: f"Die Branche ist in der Region schwach vertreten: {say.regional_quotient(r)}.",
        say.regional_quotient,
        "Standortquotient der Region",
    ),
    "destination_hhi": Argument(
        "resilience",
        lambda r: f"Die Branche hängt an wenigen Absatzländern: {say.destinations(r)}.",
        say.destinations,
        "Verteilung der Absatzländer",
    ),
    "diversification": Argument(
        "diversification",
        lambda r: f"Auch dieses Ziel hängt an der Automobilindustrie ({say.code(r)}).",
        lambda r: f"Ziel in der Automobilindustrie ({say.code(r)})",
    ),
}
ORDER = list(ARGUMENTS)


def strongest_components(row: Row) -> list[str]:
    """The components that could be computed, best first; equal ones in the order of COMPONENTS."""
    known = [name for name in COMPONENTS if row[f"{name}_score"] is not None]
    return sorted(known, key=lambda name: -row[f"{name}_score"])


def _argument_scores(row: Row) -> dict[str, float]:
    """Score of every argument that can be made about this row."""
    route = row["target_type_code"]
    scores = {name: row[f"{name}_points"] for names in TARGET_INPUTS[route].values() for name in names}
    if row.get("is_single_market"):
        scores["is_single_market"] = None
    scores["best_proximity"] = 100 * row["best_proximity"] if row["best_proximity"] is not None else None
    scores["competence_overlap"] = row["competence_overlap"] if route == INDUSTRY else None
    scores["certificates"] = MISSING_CERTIFICATE_POINTS if row["missing_certificates_de"] else None
    # Outside the industry a low score says that the company hardly depends on it, which is its own answer.
    scores["diversification"] = row["diversification_score"] if row["is_automotive_target"] else None
    return {name: score for name, score in scores.items() if score is not None}


def counter_reason(row: Row, used: list[str]) -> str:
    """The strongest argument against: a weak figure, else a missing one, else the weakest point not yet named."""
    scores = _argument_scores(row)
    against = min(scores, key=lambda name: (scores[name], ORDER.index(name)))
    if scores[against] < SPEAKS_AGAINST_BELOW:
        return ARGUMENTS[against].against(row)
    inputs = [name for names in TARGET_INPUTS[row["target_type_code"]].values() for name in names]
    missing = [ARGUMENTS[name].missing_label_de for name in inputs if row[f"{name}_points"] is None]
    if missing:
        return f"Unsicher, weil Angaben fehlen: {', '.join(missing)}.".format(home=row["home"])
    weakest = min(scores, key=lambda name: (ARGUMENTS[name].component in used, scores[name]))
    return f"Kein starkes Gegenargument; schwächster Punkt: {ARGUMENTS[weakest].weakest(row)}."


def reasons_for(row: Row) -> tuple[str, str | None, str]:
    """(reason_1_de, reason_2_de, counter_reason_de); the second is missing where only one component is known."""
    best = strongest_components(row)[:2]
    texts = [REASONS[name](row) for name in best]
    return texts[0], texts[1] if len(texts) > 1 else None, counter_reason(row, best)
