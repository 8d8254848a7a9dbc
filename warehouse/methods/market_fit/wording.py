"""German wording of single facts: numbers, money and the sentences that a reason is made of.

Belongs here: how a figure is said, each function named after its figure. Does not: which figure is said (reasons).
"""
# ruff: noqa: D103

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]


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


def proximity(row: Row) -> str:
    period = f" ({row['proximity_year']})" if row.get("proximity_year") is not None else ""
    return f"Nähe zum bisherigen Sortiment im Produktraum des Welthandels: {number_de(row['best_proximity'], 2)} von 1{period}"


def competences(row: Row) -> str:
    return (
        f"in dieser Branche gefragt: {row['matched_names_de']}" if row["matched_names_de"] else "kein gefragtes Können"
    )


def certificates(row: Row) -> str:
    return f"in dieser Branche üblich: {row['missing_certificates_de']}"


def import_size(row: Row) -> str:
    return f"Einfuhren von {euro_de(row['import_value_eur'])} im Jahr {row['year']}"


def import_growth(row: Row) -> str:
    return f"{number_de(row['import_cagr_5y_pct'], 1)} % pro Jahr (fünf Jahre bis {row['year']})"


def price(row: Row) -> str:
    return f"{number_de(row['unit_value_eur_per_kg'], 2)} € je kg im Jahr {row['year']}"


def home_sales(row: Row) -> str:
    return f"Lieferungen aus {row['home']} von {euro_de(row['home_export_value_eur'])} im Jahr {row['year']}"


def home_share(row: Row) -> str:
    return f"{number_de(100 * row['home_share'], 1)} % der Einfuhren kamen {row['year']} aus {row['home']}"


def concentration(row: Row) -> str:
    return f"Konzentration der Herkunftsländer (HHI) {number_de(row['origin_hhi'], 2)} im Jahr {row['year']}"


def industry_exports(row: Row) -> str:
    return (
        f"Ausfuhren der Branche aus {row['home']} von {euro_de(row['industry_export_value_eur'])} "
        f"im Jahr {row['year']} (über Warencodes geschätzt)"
    )


def industry_export_growth(row: Row) -> str:
    return f"{number_de(row['industry_export_cagr_5y_pct'], 1)} % pro Jahr (fünf Jahre bis {row['year']})"


def industry_size(row: Row) -> str:
    return f"{number_de(row['industry_employees_count'], 0)} Beschäftigte in {row['home']} (WZ {row['employment_wz_code']})"


def industry_change(row: Row) -> str:
    change = number_de(row["industry_employment_change_5y_pct"], 1)
    return f"Beschäftigung in {row['home']} {change} % in fünf Jahren (WZ {row['employment_wz_code']})"


def regional_size(row: Row) -> str:
    return f"{number_de(row['regional_employees_count'], 0)} Beschäftigte in der Region (WZ {row['regional_wz_code']})"


def regional_quotient(row: Row) -> str:
    return f"Standortquotient der Region {number_de(row['regional_location_quotient'], 2)}"


def destinations(row: Row) -> str:
    return f"Konzentration der Absatzländer (HHI) {number_de(row['destination_hhi'], 2)} im Jahr {row['year']}"


def code(row: Row) -> str:
    return f"HS {row['hs6_code']}" if row["hs6_code"] else f"WZ {row['target_wz2008_code']}"
