"""Every figure that a peer has too agrees with it to 1e-9 once the conventions are set alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conformance.comparisons import COMPARISONS, Comparison
from tests.conformance.environments import run_peer
from tests.conformance.matrices import Matrix, invented, real
from tests.conformance.page import ALIASES, LEFT_OUT, PAGE, apart, page


@pytest.fixture(scope="module")
def answered(peers, tmp_path_factory: pytest.TempPathFactory) -> tuple[Matrix, Path]:
    """The invented world, and what all three peers say of it."""
    work = tmp_path_factory.mktemp("invented")
    matrix = invented()
    peers.ask(matrix, work)
    return matrix, work


@pytest.mark.peers
@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda c: f"{c.peer}-{c.figure}")
def test_set_alike_they_agree(answered: tuple[Matrix, Path], comparison: Comparison) -> None:
    matrix, work = answered
    theirs = matrix.read(work / comparison.peer / f"{comparison.figure}.parquet")
    assert apart(comparison.alike(matrix), theirs) <= 1e-9


@pytest.mark.peers
def test_every_figure_of_a_peer_is_compared(answered: tuple[Matrix, Path]) -> None:
    """What a side script writes stands in a comparison, once."""
    _, work = answered
    written = sorted((file.parent.name, file.stem) for file in work.glob("*/*.parquet"))
    assert written == sorted((c.peer, c.figure) for c in COMPARISONS)


@pytest.mark.peers
def test_every_function_of_a_peer_is_compared_or_left_out_with_a_reason(peers, tmp_path: Path) -> None:
    for lock, named in (("complexity", "econcomplex"), ("economic_complexity", "economic_complexity")):
        said = json.loads(run_peer(peers.python(lock), "complexity_faults_side.py", str(tmp_path), "names"))
        offered = {ALIASES.get(name, name) if named == "econcomplex" else name for name in said}
        compared = {c.call.partition("(")[0] for c in COMPARISONS if c.peer == named}
        left = {name for peer, names, _ in LEFT_OUT if peer == named.replace("_", "-") for name in names}
        assert offered == compared | left and not compared & left


@pytest.mark.peers
def test_the_page_of_conventions_is_made_of_what_they_say(answered: tuple[Matrix, Path]) -> None:
    matrix, work = answered
    wanted = page(matrix, work)
    assert PAGE.read_text(encoding="utf-8") == wanted, "call: python -m tests.conformance.page"


@pytest.mark.peers
def test_a_difference_is_seen(answered: tuple[Matrix, Path]) -> None:
    """Control: the figures differ where a convention is said to, and the measure of it notices one cell."""
    matrix, work = answered
    for comparison in COMPARISONS:
        theirs = matrix.read(work / comparison.peer / f"{comparison.figure}.parquet")
        as_it_comes = apart((comparison.ours or comparison.alike)(matrix), theirs)
        assert (as_it_comes > 1e-9) == bool(comparison.difference), comparison.figure
    moved = theirs.copy()
    moved[0] += 1e-6 * max(1.0, abs(moved[0]))
    assert apart(moved, theirs) > 1e-9
    moved[0] = np.nan
    assert apart(moved, theirs) == np.inf


@pytest.mark.peers
@pytest.mark.real
@pytest.mark.long
def test_set_alike_they_agree_on_real_exports(peers, real_grid, tmp_path: Path) -> None:
    """224 reporters x 1,222 headings of 2017; of ecomplexity the three runs that differ most, each costs an eigenproblem."""
    matrix = real(real_grid.values, real_grid.locations, real_grid.products)
    peers.ask(matrix, tmp_path, "base", "continuous", "rpop")
    answered = [c for c in COMPARISONS if (tmp_path / c.peer / f"{c.figure}.parquet").exists()]
    assert len(answered) >= 75
    off = {
        f"{c.peer} {c.figure}": worst
        for c in answered
        if (worst := apart(c.alike(matrix), matrix.read(tmp_path / c.peer / f"{c.figure}.parquet"))) > 1e-9
    }
    assert off == {}
