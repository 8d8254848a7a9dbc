import pytest

from warehouse.methods.market_fit.reasons import counter_reason, reasons_for
from warehouse.methods.market_fit.wording import euro_de, number_de


@pytest.fixture
def row():
    """A good market without any weak figure."""
    inputs = {
        "import_value_eur": 125e6,
        "import_cagr_5y_pct": 4.2,
        "unit_value_eur_per_kg": 18.5,
        "is_single_market": True,
        "home_export_value_eur": 12.34e6,
        "home_share": 0.099,
        "origin_hhi": 0.12,
    }
    points = {f"{name}_points": 80.0 for name in inputs}
    scores = {"capability": 62, "demand": 75, "access": 90, "resilience": 70, "diversification": 65}
    return {
        **inputs,
        **points,
        **{f"{name}_score": float(value) for name, value in scores.items()},
        **{"best_proximity": 0.62, "proximity_year": 2022, "year": 2023, "home": "Deutschland"},
        **{"hs6_code": "841391", "is_automotive_target": False, "target_type_code": "product_country"},
        **{"competence_overlap": None, "matched_names_de": None, "missing_certificates_de": None},
    }


def test_german_numbers():
    assert number_de(-1234.56, 1) == "−1.234,6"
    money = [
        (1.254e9, "1,25 Mrd. €"),
        (999.96e6, "1,00 Mrd. €"),
        (12.34e6, "12,3 Mio. €"),
        (999_600, "1,0 Mio. €"),
    ]
    for value, text in [*money, (850_400, "850 Tsd. €"), (42, "42 €"), (0, "0 €")]:
        assert euro_de(value) == text


def test_the_two_strongest_components_with_figures_and_period(row):
    first, second, _ = reasons_for(row)
    assert first == "Zugang: liegt im EU-Binnenmarkt, Lieferungen aus Deutschland von 12,3 Mio. € im Jahr 2023."
    assert second == "Nachfrage: Einfuhren von 125,0 Mio. € im Jahr 2023, +4,2 % pro Jahr (fünf Jahre bis 2023)."


def test_equal_scores_come_in_a_fixed_order(row):
    row.update({f"{name}_score": 50.0 for name in ("capability", "demand", "access", "resilience", "diversification")})
    first, second, _ = reasons_for(row)
    assert first.startswith("Nähe zum bisherigen Sortiment") and "0,62 von 1 (2022)" in first
    assert second is not None and second.startswith("Nachfrage")


def test_access_says_only_what_is_known(row):
    row.update(is_single_market=False, home_export_value_eur=None, home_share=None, access_score=99.0)
    assert reasons_for(row)[0] == "Zugang: außerhalb des EU-Binnenmarkts."
    row.update(home_share=0.004)
    assert reasons_for(row)[0] == "Zugang: 0,4 % der Einfuhren kamen 2023 aus Deutschland."


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"import_cagr_5y_pct": -3.1, "import_cagr_5y_pct_points": 20.0},
            "Nachfrage sinkt: Einfuhren −3,1 % pro Jahr",
        ),
        (
            {"import_cagr_5y_pct": 0.4, "import_cagr_5y_pct_points": 42.0},
            "Schwaches Wachstum: Einfuhren 0,4 % pro Jahr",
        ),
        (
            {"import_value_eur": 2.1e6, "import_value_eur_points": 9.0},
            "Kleiner Markt: Einfuhren von 2,1 Mio. €",
        ),
        ({"is_single_market": False, "is_single_market_points": 30.0}, "Außerhalb des EU-Binnenmarkts: Zoll"),
        (
            {"home_export_value_eur": 0.0, "home_export_value_eur_points": 0.0},
            "Lieferungen aus Deutschland von 0 €",
        ),
        (
            {"home_share": 0.004, "home_share_points": 4.0},
            "nur 0,4 % der Einfuhren kamen 2023 aus Deutschland",
        ),
        ({"origin_hhi": 0.62, "origin_hhi_points": 10.0}, "Wenige Herkunftsländer beherrschen den Markt"),
        ({"unit_value_eur_per_kg": 1.5, "unit_value_eur_per_kg_points": 5.0}, "1,50 € je kg im Jahr 2023"),
        ({"best_proximity": 0.31}, "Nur entfernt verwandt"),
        ({"missing_certificates_de": "ISO 22163"}, "Fehlender Nachweis, in dieser Branche üblich: ISO 22163"),
        (
            {"is_automotive_target": True, "diversification_score": 10.0},
            "hängt an der Automobilindustrie (HS 841391)",
        ),
    ],
)
def test_the_weakest_figure_is_the_argument_against(row, change, text):
    assert text in counter_reason({**row, **change}, [])


def test_a_missing_figure_is_the_argument_where_no_figure_is_weak(row):
    row.update(origin_hhi=None, origin_hhi_points=None, resilience_score=None)
    assert counter_reason(row, []) == "Unsicher, weil Angaben fehlen: Verteilung der Herkunftsländer."


def test_without_any_weakness_the_weakest_point_not_yet_named_is_given(row):
    row.update(home_share_points=55.0)
    assert "9,9 % der Einfuhren" in counter_reason(row, ["demand", "resilience"])
    assert "im Produktraum" in counter_reason(row, ["access", "demand", "resilience"])


def test_lying_in_the_single_market_is_never_an_argument_against(row):
    row.update(is_single_market_points=10.0)
    assert "Binnenmarkt" not in counter_reason(row, [])


def test_low_exposure_of_the_company_is_never_told(row):
    """A company that hardly depends on cars scores low on diversification; that is its own answer."""
    row.update(diversification_score=1.0)
    assert "utomobil" not in counter_reason(row, [])


def test_one_known_component_leaves_the_second_reason_out(row):
    row.update({f"{name}_score": None for name in ("demand", "access", "resilience", "diversification")})
    first, second, against = reasons_for(row)
    assert first and second is None and against
