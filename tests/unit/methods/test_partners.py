"""Matches by hand: three goods, two skills, and companies of which every figure can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from warehouse.methods.partners import Companies, complementarity, covered, matches, overlap, relatedness, similarity

PHI = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
FLANGE, SPRING, NOTHING = [2.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]


def goods(*rows: list[float]) -> np.ndarray:
    return np.array(rows)


def flags(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=bool)


def test_goods_meet_needs_through_relatedness() -> None:
    """A maker of the good itself 1, of a related one its proximity, of both halves the mean; without a basis NaN."""
    found = complementarity(goods(FLANGE, SPRING, [1.0, 1.0, 0.0], NOTHING), goods(SPRING, NOTHING), PHI)
    assert found[:, 0] == pytest.approx([0.5, 1.0, 0.75, np.nan], nan_ok=True)
    assert np.isnan(found[:, 1]).all()


def test_similarity_is_one_with_itself_and_symmetric() -> None:
    rows = goods(FLANGE, SPRING, [1.0, 1.0, 0.0], [0.0, 0.0, 7.0])
    found = similarity(rows, rows, PHI)
    assert np.diag(found) == pytest.approx([1.0] * 4) and np.allclose(found, found.T)
    assert found[0, 1] == pytest.approx(0.5) and found[0, 3] == 0
    assert found[0, 2] == pytest.approx(1.5 / np.sqrt(3))  # s'Phi t = 1 + 0.5; t'Phi t = 1 + 1 + 2 * 0.5


def test_shares_of_skills() -> None:
    has, wants = flags([1, 1], [1, 0], [0, 0]), flags([1, 1], [0, 0])
    assert covered(has, wants)[:, 0] == pytest.approx([1.0, 0.5, 0.0]) and np.isnan(covered(has, wants)[:, 1]).all()
    assert overlap(has, has)[0] == pytest.approx([1.0, 0.5, 0.0]) and np.isnan(overlap(has, has)[2, 2])


def test_kinds_of_match() -> None:
    """A spring maker that has its parts hardened, and a hardening shop without any goods of its own."""
    spring = Companies(goods(SPRING), goods(FLANGE), flags([1, 0]), flags([0, 1]), flags([1, 0]))
    shop = Companies(goods(NOTHING), goods(SPRING), flags([0, 1]), flags([0, 0]), flags([0, 1]))
    found = {kind: score[0, 0] for kind, score in matches(spring, shop, PHI).items()}
    assert found == pytest.approx({"supplier": 1.0, "customer": 1.0, "co_development": 0.0, "capacity_sharing": 0.0})
    other = Companies(goods(FLANGE), goods(NOTHING), flags([1, 1]), flags([0, 0]), flags([0, 1]))
    found = {kind: score[0, 0] for kind, score in matches(spring, other, PHI).items()}
    # supplier: makes the flange itself. customer: buys nothing, has nothing done. Alike by 0.5: in the very middle, and
    # no customer in common. Skills: one of two.
    assert found == pytest.approx(
        {"supplier": 1.0, "customer": np.nan, "co_development": 1.0, "capacity_sharing": 0.5}, nan_ok=True
    )
    # A like good says half of it, the process all: what says more counts.
    both = Companies(goods(SPRING), goods(NOTHING), flags([0, 1]), flags([0, 0]), flags([0, 1]))
    assert matches(spring, both, PHI)["supplier"][0, 0] == 1.0


def test_roles_are_exchanged() -> None:
    """Whoever is my supplier has me as its customer, by the same figure; a match with fewer seekers is part of the whole."""
    draw = np.random.default_rng(3)
    made, bought = draw.random((6, 3)) * (draw.random((6, 3)) > 0.4), draw.random((6, 3)) * (draw.random((6, 3)) > 0.4)
    all_flags = [draw.random((6, 2)) > 0.5 for _ in range(3)]
    everyone = Companies(made, bought, *all_flags)
    whole = matches(everyone, everyone, PHI)
    assert whole["supplier"] == pytest.approx(whole["customer"].T, nan_ok=True)
    part = matches(everyone[2:4], everyone, PHI)
    assert all(part[kind] == pytest.approx(whole[kind][2:4], nan_ok=True) for kind in whole)
    shown = np.concatenate([score[~np.isnan(score)] for score in whole.values()])
    assert shown.min() >= 0 and shown.max() <= 1 + 1e-12


def test_relatedness_has_no_negative_direction() -> None:
    """Three goods of which two pairs are near and the third is not cannot be angles; clipped, they are."""
    odd = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]])
    assert np.linalg.eigvalsh(odd).min() < 0
    fixed = relatedness(odd)
    assert np.linalg.eigvalsh(fixed).min() > -1e-12 and np.diag(fixed) == pytest.approx([1.0] * 3)
    assert relatedness(PHI) == pytest.approx(PHI)


@pytest.mark.parametrize(
    "wrong", [[[1.0, 0.2], [0.4, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[1.0, np.nan], [np.nan, 1.0]], [[1.0, 0.5]]]
)
def test_what_is_no_proximity_is_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="proximity"):
        relatedness(np.array(wrong))
