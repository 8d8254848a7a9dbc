"""The models of the back-test by name: what each of them knows of a case.

Belongs here: names, as the release and the command show them; nothing is imported. Does not belong here: computing (backtest).
"""

SCORED_MODEL = "market_fit"
RELATEDNESS_MODEL = "product_space"
BASELINES = ("popularity", "size")
# Features known in the first year of a window. Their weights are fitted, so each model gets the best line through what it knows.
MODELS: dict[str, tuple[str, ...]] = {
    # The two components of the score that a country has, capability and demand; access, resilience and diversification are
    # facts of a company and a market.
    SCORED_MODEL: ("relatedness", "demand"),
    RELATEDNESS_MODEL: ("relatedness",),
    "popularity": ("ubiquity",),
    "size": ("location_size", "demand"),
}
