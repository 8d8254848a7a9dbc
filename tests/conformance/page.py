"""The page of conventions: ``python -m tests.conformance.page`` asks the peers and writes it; a test keeps it true."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.conformance.comparisons import COMPARISONS, Comparison
from tests.conformance.environments import PEERS
from tests.conformance.matrices import Matrix, invented
from tests.conftest import ROOT
from warehouse.methods.arrays import FloatArray

PAGE = ROOT / "warehouse" / "methods" / "CONVENTIONS.md"
OPENING = """# Conventions in which the peers differ

Written by `python -m tests.conformance.page`; `tests/conformance` runs the peers in environments of their own, on an invented
world of {height} locations and {width} products (and on real exports where they are at hand), and compares every figure cell by
cell. *As it comes* is the largest difference between the peer and the defaults here, relative where a figure is above 1.
Set alike, all {count} agree to 1e-9. The defaults are those of the Atlas of Economic Complexity.

Peers: {versions}.

"""
FAULTS = """
## Where a peer is not followed

Tests in `tests/conformance/test_faults.py` show each of these in the peer's own environment, and what this project does instead.

"""
STATA = """
## The Stata package

Not run here (it needs Stata); what it printed for 10 exporters and 30 headings of 1995 is in
`tests/unit/methods/test_stata_reference.py`. Presence asks for more than the threshold (`presence(strict=True)`); the identity is
taken off every proximity (`diag=0`), so that a product is none of its own k nearest (the default of `knn_density`); mean and
deviation are taken over all cells of the table with ddof 1 (times the root of 1 - 1/cells on ECI and PCI). It loses neighbours
that tie at a quotient which rounding splits, such as 3/5, and then a whole column of densities; here a tie is told with a
tolerance.
"""
NOT_HERE = """
## What the peers have and this project does not

{left_out}
"""
LEFT_OUT: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("econcomplex", ("compute_complexity", "eci_pci_eigenvector"), "call what is compared above"),
    (
        "econcomplex",
        ("growth_rate", "growth_matrix", "growth_rates", "entry", "exit", "entry_exit_summary", "entry_tracking", "exit_tracking"),
        "tables of years are SQL here",
    ),
    (
        "econcomplex",
        ("gini", "locational_gini", "hoover_gini", "hoover_index", "herfindahl", "shannon_entropy", "normalized_ubiquity"),
        "concentration is the Herfindahl index, in SQL",
    ),
    (
        "econcomplex",
        ("location_quotient_avg", "hachman_index", "specialization_coefficient", "krugman_index"),
        "one number for a region's whole structure; no mart asks for it",
    ),
    (
        "econcomplex",
        ("co_occurrence", "relatedness_index", "z_score_novelty", "ease_of_recombination", "modular_complexity", "modular_complexity_avg"),
        "for patents and events, of which there are none here",
    ),
    (
        "econcomplex",
        (
            "calibrate_steppingstone", "effort_matrix", "forecast_specialization", "eci_optimization", "calibrate_growth_model",
            "expected_growth", "eci_target_for_growth", "proximity_network", "activation_probabilities", "calibrate_contagion",
            "diversification_strategy", "expected_diversification_time", "compare_strategies", "optimize_sequence",
        ),
        "models built on the figures, not figures",
    ),
    ("econcomplex", ("pivot_to_matrix", "melt_matrix", "binarize", "normalize_zscore", "normalize_01", "make_sample_data"), "helpers"),
    ("econcomplex", ("export_similarity", "cross_proximity", "cross_relatedness"), "no mart asks for them"),
    ("economic-complexity", ("similarity", "cross_proximity", "cross_relatedness"), "no mart asks for them"),
)  # fmt: skip
FURTHER = """The log-supermodularity check of ecomplexity is left out: its own authors dispute the limit, and it is drawn at random above
10,000 cells. The Polars modules of economic-complexity repeat its pandas modules for a Polars of years ago.
"""
# The same function under a second name.
ALIASES = {
    "density": "relatedness_density", "relatedness": "relatedness_density", "spec_coefficient": "specialization_coefficient",
    "hhi": "herfindahl", "product_gini_index": "pgi", "product_emissions_index": "peii", "complexity_outlook_index": "coi",
    "complexity_outlook_gain": "cog", "cross_space_proximity": "cross_proximity", "continuous_proximity": "correlation_proximity",
}  # fmt: skip


def apart(ours: FloatArray, theirs: FloatArray) -> float:
    """Largest difference of any cell, relative above 1; infinite where one side knows a cell and the other does not."""
    ours, theirs = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if ours.shape != theirs.shape or (np.isnan(ours) != np.isnan(theirs)).any():
        return float("inf")
    difference = np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))
    return float(np.nanmax(difference)) if difference.size else 0.0


def versions() -> str:
    """The locked versions of the three peers."""
    named = []
    for lock in ("complexity", "economic_complexity"):
        for line in (PEERS / f"{lock}.lock").read_text(encoding="utf-8").splitlines():
            name, _, version = line.strip(" \\").partition("==")
            if name in {"ecomplexity", "econcomplex", "economic-complexity"}:
                named.append(f"{name} {version.split()[0]}")
    return ", ".join(named)


def _cells(comparison: Comparison, matrix: Matrix, work: Path) -> tuple[str, ...]:
    theirs = matrix.read(work / comparison.peer / f"{comparison.figure}.parquet")
    as_it_comes = apart((comparison.ours or comparison.alike)(matrix), theirs)
    said = (
        "equal" if as_it_comes <= 1e-9 else "other cells are unknown" if np.isinf(as_it_comes) else f"{as_it_comes:.1g}"
    )
    return (
        comparison.indicator,
        comparison.peer.replace("_", "-"),
        comparison.difference or "none",
        said,
        comparison.set_by,
    )


def _rows(matrix: Matrix, work: Path) -> list[str]:
    """One row per figure, peer and convention, with all the calls that share it."""
    calls: dict[tuple[str, ...], list[str]] = {}
    for comparison in sorted(COMPARISONS, key=lambda c: (c.indicator.lower(), c.peer)):
        named = calls.setdefault(_cells(comparison, matrix, work), [])
        if f"`{comparison.call}`" not in named:
            named.append(f"`{comparison.call}`")
    return [
        f"| {figure} | {peer} | {', '.join(named)} | {convention} | {said} | {set_by} |"
        for (figure, peer, convention, said, set_by), named in calls.items()
    ]


def page(matrix: Matrix, work: Path) -> str:
    """The whole page from what the peers answered in `work`."""
    from tests.conformance.test_faults import FAULTS_SHOWN

    height, width = matrix.values.shape
    lines = [OPENING.format(height=height, width=width, count=len(COMPARISONS), versions=versions()).rstrip() + "\n"]
    lines += ["| figure | peer | call | its convention | as it comes | set alike by |", "|---|---|---|---|---|---|"]
    lines += _rows(matrix, work)
    lines += [STATA.rstrip()]
    lines += [FAULTS.rstrip() + "\n", "| peer | what happens | here |", "|---|---|---|"]
    lines += [f"| {peer} | {happens} | {here} |" for peer, happens, here in FAULTS_SHOWN]
    left = ["| peer | what | why |", "|---|---|---|"]
    left += [f"| {peer} | {', '.join(f'`{name}`' for name in names)} | {why} |" for peer, names, why in LEFT_OUT]
    lines += [NOT_HERE.format(left_out="\n".join(left)), FURTHER.rstrip()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Ask the peers and write the page."""
    from tests.conformance.conftest import Peers

    with tempfile.TemporaryDirectory() as work:
        matrix = invented()
        Peers(ROOT / ".pytest_cache" / "d" / "peers").ask(matrix, Path(work))
        PAGE.write_text(page(matrix, Path(work)), encoding="utf-8")


if __name__ == "__main__":
    main()
