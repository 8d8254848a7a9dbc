"""Every figure that the project and a peer both have: how the peer computes it, and how it is computed here set alike.

Belongs here: one line per figure of a peer. Does not: running either side (``test_peers``) and the page (``page``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.conformance.matrices import Matrix
from warehouse.methods.arrays import BoolArray, FloatArray
from warehouse.methods.complexity import complexity
from warehouse.methods.fitness import fitness
from warehouse.methods.opportunity import opportunity_gain, opportunity_index
from warehouse.methods.productivity import expy, prody
from warehouse.methods.proximity_forms import co_presence_proximity, continuous_proximity
from warehouse.methods.reflections import reflections
from warehouse.methods.relatedness import density, proximity
from warehouse.methods.relatedness_forms import distance, level_density, relative_relatedness
from warehouse.methods.specialisation import location_quotient, presence
from warehouse.methods.subnational import subnational_eci
from warehouse.methods.trim import core

Figure = Callable[[Matrix], FloatArray]


@dataclass(frozen=True)
class Comparison:
    """One figure of a peer; `alike` is ours with the peer's conventions, `ours` with the defaults (the same unless given)."""

    peer: str
    figure: str
    indicator: str
    call: str
    alike: Figure
    ours: Figure | None = None
    difference: str = ""
    set_by: str = ""


def _quotient(m: Matrix) -> FloatArray:
    return location_quotient(m.values, m.values.sum(axis=1), m.values.sum(axis=0), m.values.sum())


def _percent_rank(vector: FloatArray) -> FloatArray:
    return 100 * (vector - vector.min()) / (vector.max() - vector.min())


def _where(m: Matrix, held: bool) -> FloatArray:
    return np.where(m.made == held, 100 * m.density0, np.nan)


def _outlook(made: BoolArray, phi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """COI and COG in the form of the marts, on any presence and proximity."""
    found = complexity(made)
    gain = opportunity_gain(made, phi, found.kp, scale=float(np.nanstd(found.kc)))
    return opportunity_index(made, level_density(made, phi), found.kp), gain


def _log(vector: FloatArray) -> FloatArray:
    return np.log(vector)


E, X, O = "ecomplexity", "econcomplex", "economic_complexity"  # noqa: E741
NO_OWN = "the diagonal of the proximity is 0: a product is no neighbour of its own"
PER_CENT = "in per cent, and " + NO_OWN
GIVEN = "rows are what is given; here columns are, so that a column of any proximity leads towards its product"
LEVELS = "RCA instead of presence under the continuous proximity"
SEPARATE = "PCI has a sign of its own (against ubiquity) and a scale of its own"
DENSITY_OF_LEVELS = "level_density(rca, continuous_proximity(rca))"
ZERO_DIAG = "diag=0"


def _half(m: Matrix) -> BoolArray:
    return presence(m.rca, 0.5)


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(E, "base_rca", "RCA", "ecomplexity", lambda m: m.space.rca),
    Comparison(E, "rpop_rpop", "RPOP", "ecomplexity(presence_test='rpop')", lambda m: m.rpop),
    Comparison(E, "base_mcp", "presence", "ecomplexity", lambda m: m.space.presence),
    Comparison(E, "rpop_mcp", "presence", "ecomplexity(presence_test='rpop')", lambda m: m.made_rpop),
    Comparison(E, "half_mcp", "presence", "ecomplexity(rca_mcp_threshold=0.5)", _half),
    Comparison(E, "base_diversity", "diversity", "ecomplexity", lambda m: m.space.diversity),
    Comparison(E, "base_ubiquity", "ubiquity", "ecomplexity", lambda m: m.space.ubiquity),
    Comparison(E, "base_eci", "ECI", "ecomplexity", lambda m: m.space.eci),
    Comparison(E, "base_pci", "PCI", "ecomplexity", lambda m: m.space.pci),
    Comparison(E, "manual_eci", "ECI", "ecomplexity(presence_test='manual')", lambda m: m.found.eci),
    Comparison(E, "manual_pci", "PCI", "ecomplexity(presence_test='manual')", lambda m: m.found.pci),
    Comparison(E, "half_eci", "ECI", "ecomplexity(rca_mcp_threshold=0.5)", lambda m: complexity(_half(m)).eci),
    Comparison(E, "half_pci", "PCI", "ecomplexity(rca_mcp_threshold=0.5)", lambda m: complexity(_half(m)).pci),
    Comparison(E, "rpop_eci", "ECI", "ecomplexity(presence_test='rpop')", lambda m: m.found_rpop.eci),
    Comparison(E, "rpop_pci", "PCI", "ecomplexity(presence_test='rpop')", lambda m: m.found_rpop.pci),
    Comparison(E, "proximity_symmetric", "proximity", "proximity", lambda m: m.space.proximity),
    Comparison(
        E, "proximity_asymmetric", "conditional proximity", "proximity(asymmetric=True)", lambda m: m.phi_given.T,
        lambda m: m.phi_given, GIVEN, "the transposed matrix",
    ),
    Comparison(E, "proximity_continuous", "continuous proximity", "proximity(continuous=True)", lambda m: m.phi_continuous),
    Comparison(
        E, "proximity_rpop_continuous", "continuous proximity", "proximity(continuous=True, presence_test='rpop')",
        lambda m: continuous_proximity(m.rpop),
    ),
    Comparison(E, "base_density", "density", "ecomplexity", lambda m: m.space.density),
    Comparison(E, "half_density", "density", "ecomplexity(rca_mcp_threshold=0.5)", lambda m: density(_half(m), proximity(_half(m)))),
    Comparison(E, "asymmetric_density", "density", "ecomplexity(asymmetric=True)", lambda m: level_density(m.made, m.phi_given)),
    Comparison(
        E, "continuous_density", "density", "ecomplexity(continuous=True)", lambda m: level_density(m.rca, m.phi_continuous),
        lambda m: level_density(m.made, m.phi_continuous), LEVELS, DENSITY_OF_LEVELS,
    ),
    Comparison(
        E, "rpop_continuous_density", "density", "ecomplexity(continuous=True, presence_test='rpop')",
        lambda m: level_density(m.rpop, continuous_proximity(m.rpop)),
        lambda m: level_density(m.made_rpop, continuous_proximity(m.rpop)), LEVELS, DENSITY_OF_LEVELS,
    ),
    Comparison(E, "base_coi", "COI", "ecomplexity", lambda m: m.space.coi),
    Comparison(
        E, "asymmetric_coi", "COI", "ecomplexity(asymmetric=True)",
        lambda m: _outlook(m.made, m.phi_given)[0],
    ),
    Comparison(E, "half_coi", "COI", "ecomplexity(rca_mcp_threshold=0.5)", lambda m: _outlook(_half(m), proximity(_half(m)))[0]),
    Comparison(E, "half_cog", "COG", "ecomplexity(rca_mcp_threshold=0.5)", lambda m: _outlook(_half(m), proximity(_half(m)))[1]),
    Comparison(E, "rpop_density", "density", "ecomplexity(presence_test='rpop')", lambda m: density(m.made_rpop, proximity(m.made_rpop))),
    Comparison(E, "rpop_coi", "COI", "ecomplexity(presence_test='rpop')", lambda m: _outlook(m.made_rpop, proximity(m.made_rpop))[0]),
    Comparison(E, "rpop_cog", "COG", "ecomplexity(presence_test='rpop')", lambda m: _outlook(m.made_rpop, proximity(m.made_rpop))[1]),
    Comparison(
        E, "rpop_continuous_coi", "COI", "ecomplexity(continuous=True, presence_test='rpop')",
        lambda m: opportunity_index(m.made_rpop, level_density(m.rpop, continuous_proximity(m.rpop)), m.found_rpop.kp),
        lambda m: opportunity_index(m.made_rpop, level_density(m.made_rpop, continuous_proximity(m.rpop)), m.found_rpop.kp), LEVELS, DENSITY_OF_LEVELS,
    ),
    Comparison(
        E, "rpop_continuous_cog", "COG", "ecomplexity(continuous=True, presence_test='rpop')",
        lambda m: _outlook(m.made_rpop, continuous_proximity(m.rpop))[1],
    ),
    Comparison(
        E, "continuous_coi", "COI", "ecomplexity(continuous=True)",
        lambda m: opportunity_index(m.made, level_density(m.rca, m.phi_continuous), m.found.kp),
        lambda m: _outlook(m.made, m.phi_continuous)[0], LEVELS, DENSITY_OF_LEVELS,
    ),
    Comparison(E, "base_cog", "COG", "ecomplexity", lambda m: m.space.cog),
    Comparison(E, "asymmetric_cog", "COG", "ecomplexity(asymmetric=True)", lambda m: _outlook(m.made, m.phi_given)[1]),
    Comparison(E, "continuous_cog", "COG", "ecomplexity(continuous=True)", lambda m: _outlook(m.made, m.phi_continuous)[1]),
    Comparison(X, "rca", "RCA", "rca", lambda m: m.rca),
    Comparison(X, "location_quotient", "location quotient", "location_quotient", _quotient),
    Comparison(X, "rpop", "RPOP", "rpop", lambda m: m.rpop),
    Comparison(X, "mcp_rca", "presence", "mcp", lambda m: m.made),
    Comparison(X, "mcp_rpop", "presence", "mcp(presence_test='rpop')", lambda m: m.made_rpop),
    Comparison(X, "mcp_both", "presence", "mcp(presence_test='both')", lambda m: m.made | m.made_rpop),
    Comparison(X, "diversity", "diversity", "diversity", lambda m: m.made.sum(axis=1)),
    Comparison(X, "ubiquity", "ubiquity", "ubiquity", lambda m: m.made.sum(axis=0)),
    Comparison(X, "core_rows", "core of a sparse table", "trim_core(dmin=12, umin=9)", lambda m: core(m.values, 12, 9)[0]),
    Comparison(X, "core_columns", "core of a sparse table", "trim_core(dmin=12, umin=9)", lambda m: core(m.values, 12, 9)[1]),
    Comparison(X, "eci", "ECI", "eci_pci", lambda m: m.found.eci),
    Comparison(
        X, "pci", "PCI", "eci_pci", lambda m: complexity(m.made, "own", sign="separate").pci, lambda m: m.found.pci,
        SEPARATE, "complexity(normalisation='own', sign='separate')",
    ),
    Comparison(
        X, "reflections_eci", "reflections, ECI", "method_of_reflections(iterations=6)",
        lambda m: reflections(m.made, 6, 6, ddof=0, orient=True)[0], lambda m: reflections(m.made, 6, 6)[0],
        "ddof 0, turned to rise with diversity", "ddof=0, orient=True",
    ),
    Comparison(
        X, "reflections_pci", "reflections, PCI", "method_of_reflections(iterations=6)",
        lambda m: reflections(m.made, 6, 6, ddof=0, orient=True)[1], lambda m: reflections(m.made, 6, 6)[1],
        "ddof 0, turned to fall with ubiquity", "ddof=0, orient=True",
    ),
    Comparison(
        X, "mor_regions", "reflections, ECI", "mor_regions(steps=6)", lambda m: _percent_rank(reflections(m.made, 6, 6)[0]),
        lambda m: reflections(m.made, 6, 6)[0], "0 to 100 between the smallest and the largest", "stretched to 0 to 100",
    ),
    Comparison(
        X, "mor_activities", "reflections, PCI", "mor_activities(steps=6)", lambda m: _percent_rank(reflections(m.made, 6, 6)[1]),
        lambda m: reflections(m.made, 6, 6)[1], "0 to 100 between the smallest and the largest", "stretched to 0 to 100",
    ),
    *(
        Comparison(
            X, f"{name}{suffix}", f"fitness{' (products)' if part == 'complexity' else ''}", f"fitness_complexity{setting}",
            lambda m, part=part, e=extremality, then=then: then(
                getattr(fitness(m.made, 20, update="sequential", extremality=e, tolerance=1e-10), part)
            ),
            lambda m, part=part, e=extremality: getattr(fitness(m.made, extremality=e), part),
            "20 rounds, Q from the F of the same round" + (", logarithm" if then is _log else ""),
            "rounds=20, update='sequential', tolerance=1e-10" + (", logarithm" if then is _log else ""),
        )
        for name, setting, extremality, then in (
            ("fitness", "", 1.0, np.asarray), ("fitness_extreme", "(extremality=2)", 2.0, np.asarray), ("fitness_log", "(log_fitness=True)", 1.0, _log),
        )
        for part, suffix in (("fitness", ""), ("complexity", "_complexity"))
    ),
    Comparison(
        X, "subnational_eci", "sub-national ECI", "subnational_eci", lambda m: subnational_eci(m.made, m.pci, standardise=True),
        lambda m: subnational_eci(m.made, m.pci), "z-score over the regions, ddof 0", "standardise=True",
    ),
    Comparison(X, "subnational_eci_raw", "sub-national ECI", "subnational_eci(standardize=False)", lambda m: subnational_eci(m.made, m.pci)),
    Comparison(X, "proximity_max", "proximity", "proximity", lambda m: m.phi0, lambda m: m.phi, NO_OWN, ZERO_DIAG),
    Comparison(
        X, "proximity_sqrt", "cosine proximity", "proximity(method='sqrt')", lambda m: co_presence_proximity(m.made, "sqrt", 0.0),
        lambda m: co_presence_proximity(m.made, "sqrt"), NO_OWN, ZERO_DIAG,
    ),
    Comparison(
        X, "proximity_min", "larger conditional proximity", "proximity(method='min')", lambda m: co_presence_proximity(m.made, "min", 0.0),
        lambda m: co_presence_proximity(m.made, "min"), NO_OWN, ZERO_DIAG,
    ),
    *(
        Comparison(
            X, f"proximity_location_{form}", f"proximity of locations ({form})", f"proximity(method='{form}', compute='location')",
            lambda m, form=form: co_presence_proximity(m.made.T, form, 0.0), lambda m, form=form: co_presence_proximity(m.made.T, form),
            "the diagonal is 0", ZERO_DIAG,
        )
        for form in ("max", "sqrt", "min")
    ),
    Comparison(
        X, "proximity_correlation", "continuous proximity", "correlation_proximity", lambda m: continuous_proximity(m.rca, diag=0.0),
        lambda m: m.phi_continuous, NO_OWN, ZERO_DIAG,
    ),
    Comparison(
        X, "proximity_cosine", "continuous proximity (cosine)", "cosine_proximity", lambda m: continuous_proximity(m.rca, "cosine", 0.0),
        lambda m: continuous_proximity(m.rca, "cosine"), NO_OWN, ZERO_DIAG,
    ),
    Comparison(X, "density", "density", "relatedness_density", lambda m: 100 * m.density0, lambda m: m.density, PER_CENT, "diag=0, times 100"),
    Comparison(
        X, "density_sqrt", "density", "relatedness_density(proximity_method='sqrt')",
        lambda m: 100 * density(m.made, co_presence_proximity(m.made, "sqrt", 0.0)),
        lambda m: density(m.made, co_presence_proximity(m.made, "sqrt")), PER_CENT, "diag=0, times 100",
    ),
    Comparison(
        X, "density_internal", "density of what is made", "relatedness_density_internal", lambda m: _where(m, True),
        lambda m: np.where(m.made, m.density, np.nan), PER_CENT, "diag=0, times 100",
    ),
    Comparison(
        X, "density_external", "density of what is not made", "relatedness_density_external", lambda m: _where(m, False),
        lambda m: np.where(m.made, np.nan, m.density), PER_CENT, "diag=0, times 100",
    ),
    Comparison(X, "distance", "distance", "distance", lambda m: distance(m.density0), lambda m: distance(m.density), NO_OWN, ZERO_DIAG),
    Comparison(
        X, "relative_relatedness", "relative relatedness", "relative_relatedness", lambda m: relative_relatedness(m.made, m.density0),
        lambda m: relative_relatedness(m.made, m.density), NO_OWN, ZERO_DIAG,
    ),
    Comparison(X, "prody", "PRODY", "prody", lambda m: prody(m.values, m.income)),
    Comparison(X, "expy", "EXPY", "expy", lambda m: expy(m.values, prody(m.values, m.income))),
    Comparison(X, "pgi", "product Gini index", "pgi", lambda m: prody(m.values, m.gini, m.made)),
    Comparison(X, "peii", "product emission intensity", "peii", lambda m: prody(m.values, m.income, m.made)),
    Comparison(
        X, "coi", "COI", "coi", lambda m: opportunity_index(m.made, m.density0, m.pci, standardise=False),
        lambda m: opportunity_index(m.made, m.density, m.pci), "not a z-score; " + NO_OWN, "standardise=False, diag=0",
    ),
    Comparison(
        X, "cog", "COG", "cog", lambda m: opportunity_gain(m.made, m.phi0, m.pci, reach_of="target"),
        lambda m: opportunity_gain(m.made, m.phi, m.pci), "divided by the reach of the product gained; " + NO_OWN, "reach_of='target', diag=0",
    ),
    Comparison(O, "rca", "RCA", "rca", lambda m: m.rca),
    Comparison(
        O, "eci", "reflections, ECI", "complexity", lambda m: reflections(m.made)[0], lambda m: m.found.eci,
        "18 reflections, ddof 1, instead of the eigenvector", "reflections(18, 19, ddof=1)",
    ),
    Comparison(
        O, "pci", "reflections, PCI", "complexity", lambda m: reflections(m.made)[1], lambda m: m.found.pci,
        "19 reflections, ddof 1, and a scale of its own", "reflections(18, 19, ddof=1)",
    ),
    Comparison(O, "subnational_eci", "sub-national ECI", "complexity_subnational", lambda m: subnational_eci(m.made, m.pci)),
    Comparison(
        O, "subnational_eci_z", "sub-national ECI", "complexity_subnational(standardize=True)",
        lambda m: subnational_eci(m.made, m.pci, standardise=True, ddof=1),
        lambda m: subnational_eci(m.made, m.pci, standardise=True), "ddof 1", "ddof=1",
    ),
    Comparison(O, "proximity_max", "proximity", "proximity", lambda m: m.phi0, lambda m: m.phi, NO_OWN, ZERO_DIAG),
    Comparison(
        O, "proximity_sqrt", "cosine proximity", "proximity(procedure='sqrt')", lambda m: co_presence_proximity(m.made, "sqrt", 0.0),
        lambda m: co_presence_proximity(m.made, "sqrt"), NO_OWN, ZERO_DIAG,
    ),
    Comparison(O, "relatedness", "density", "relatedness", lambda m: m.density0, lambda m: m.density, NO_OWN, ZERO_DIAG),
    Comparison(O, "distance", "distance", "distance", lambda m: distance(m.density0), lambda m: distance(m.density), NO_OWN, ZERO_DIAG),
    Comparison(
        O, "relative_relatedness", "relative relatedness", "relative_relatedness",
        lambda m: relative_relatedness(m.made, m.density0, ddof=1, held="kept"),
        lambda m: relative_relatedness(m.made, m.density), "ddof 1, products already made scaled alike; " + NO_OWN, "ddof=1, held='kept', diag=0",
    ),
    Comparison(
        O, "opportunity_gain", "COG (book)", "opportunity_gain",
        lambda m: opportunity_gain(m.made, m.phi0, m.pci, form="book", reach_of="target", held="kept"),
        lambda m: opportunity_gain(m.made, m.phi, m.pci, form="book"),
        "divided by the reach of the product gained, also for products already made; " + NO_OWN, "reach_of='target', held='kept', diag=0",
    ),
    Comparison(O, "pgi", "product Gini index", "pgi", lambda m: prody(m.values, m.gini, m.made)),
    Comparison(O, "peii", "product emission intensity", "peii", lambda m: prody(m.values, m.income, m.made)),
)  # fmt: skip
