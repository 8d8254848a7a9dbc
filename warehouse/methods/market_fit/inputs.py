"""What the market-fit score measures: the routes, the five components and the inputs of each.

Belongs here: names, and what kind of number each is. Does not: weights and curves (config), or any formula.
"""

PRODUCT, INDUSTRY = "product_country", "industry_segment"
COMPONENTS = ("capability", "demand", "access", "resilience", "diversification")
SCORE_COLUMNS = tuple(f"{name}_score" for name in COMPONENTS)

# Inputs about the target, per route and component; several inputs of one component are averaged with its part weights.
TARGET_INPUTS: dict[str, dict[str, tuple[str, ...]]] = {
    PRODUCT: {
        "demand": ("import_value_eur", "import_cagr_5y_pct", "unit_value_eur_per_kg"),
        "access": ("is_single_market", "home_export_value_eur", "home_share"),
        "resilience": ("origin_hhi",),
    },
    INDUSTRY: {
        "demand": (
            "industry_export_value_eur",
            "industry_export_cagr_5y_pct",
            "industry_employees_count",
            "industry_employment_change_5y_pct",
        ),
        "access": ("regional_employees_count", "regional_location_quotient"),
        "resilience": ("destination_hhi",),
    },
}
# What a company can do about a target; the industry route has no products, so competences alone speak there.
CAPABILITY_INPUTS: dict[str, tuple[str, ...]] = {
    PRODUCT: ("product_proximity", "competence_overlap"),
    INDUSTRY: ("competence_overlap",),
}
EXPOSURE = "automotive_band_mid_pct"
# Kinds of competence a target may ask for; what a company has of a kind is found by its best few.
COMPETENCE_GROUPS = ("process", "material", "certification")
LEVELS = ("own_core", "own", "planned", "purchased", "unknown")

# Money, prices and head counts span orders of magnitude: their curves run on log10, breakpoints are written plainly.
LOG_SCALED = frozenset(
    {
        *("import_value_eur", "unit_value_eur_per_kg", "home_export_value_eur"),
        *("industry_export_value_eur", "industry_employees_count", "regional_employees_count"),
    }
)
# Curves of the company's automotive band, one for targets inside that industry and one for all others.
AUTOMOTIVE_CURVE, OTHER_CURVE = "automotive_target", "other_target"
CURVES = (
    *(name for route in TARGET_INPUTS.values() for names in route.values() for name in names),
    *(AUTOMOTIVE_CURVE, OTHER_CURVE),
)


def weighted_parts(route: str) -> dict[str, tuple[str, ...]]:
    """Components of a route that are a mean of several inputs, with those inputs."""
    all_parts = {"capability": CAPABILITY_INPUTS[route], **TARGET_INPUTS[route]}
    return {component: names for component, names in all_parts.items() if len(names) > 1}
