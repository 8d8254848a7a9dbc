"""From probabilities to zones: which match needs no hand, which a person looks at, which record is new.

Belongs here: rivals, the reasons that forbid an automatic match, one-to-one. Does not: weights, or words for a reader.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from warehouse.methods.linkage.model import COMPARISONS, probability
from warehouse.methods.linkage.scoring import Compared
from warehouse.methods.linkage.settings import LEVELS, MISSING, Limits

AUTOMATIC, REVIEW, NEW = "automatic", "review", "new"
# Why a pair that is probable enough is not automatic; the first that holds is given.
AMBIGUOUS, KEY_CONFLICT, OTHER_MEMBER, KEY_OTHER_NAME, UNLIKELY, CLAIMED, TOO_FREQUENT = (
    "ambiguous", "identifier_conflict", "other_group_member", "identifier_but_other_name", "not_certain", "claimed_twice",
    "name_too_frequent",
)  # fmt: skip
IDENTIFIERS = ("register", "lei", "vat")


def resolve(compared: Compared, total: np.ndarray, limits: Limits, one_to_one: bool = False) -> pl.DataFrame:
    """One row per compared pair, given how much each weighs in all: left, right, weight_bits, probability, rank, rival_bits, zone, reason.

    ``rank`` counts from 1 within a record. ``rival_bits`` is how much more the best weighs than the second (NULL where there
    is none). Only the best can be automatic; a rival within ``ambiguity_bits`` puts both into review. Pairs of no
    consequence have zone ``new``. With ``one_to_one`` a register row goes to one record at most: to the heaviest claim, if
    that is heavier by ``ambiguity_bits``; all other claims go to review.
    """
    frame = pl.DataFrame(
        {"left": compared.left, "right": compared.right, "weight_bits": total, "probability": probability(total),
         "forbidden": forbidden(compared.levels), "equal": equal_but_unplaced(compared.levels)}
    ).with_row_index("pair").sort("left", "weight_bits", "right", descending=[False, True, False])  # fmt: skip
    best, second = pl.col("weight_bits").first(), pl.col("weight_bits").get(1, null_on_oob=True)
    frame = frame.with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("left"),
        behind=(best - pl.col("weight_bits")).over("left"),
        rival_bits=(best - second).over("left"),
    )
    close = pl.col("rival_bits").fill_null(np.inf) < limits.ambiguity_bits
    reason = (
        pl.when(pl.col("forbidden") != "").then("forbidden")
        .when(close).then(pl.lit(AMBIGUOUS))
        .when(pl.col("probability") < limits.automatic).then(pl.lit(UNLIKELY))
    )  # fmt: skip
    likely = (pl.col("probability") >= limits.review) | pl.col("equal")
    frame = frame.with_columns(reason=pl.when(likely & (pl.col("rank") == 1)).then(reason))
    first_zone = (
        pl.when(~likely)
        .then(pl.lit(NEW))
        .when(pl.col("reason").is_null())
        .then(pl.lit(AUTOMATIC))
        .otherwise(pl.lit(REVIEW))
    )
    frame = frame.with_columns(zone=pl.when(pl.col("rank") == 1).then(first_zone))
    frame = frame.with_columns(
        record_zone=pl.col("zone").first().over("left"), record_reason=pl.col("reason").first().over("left")
    )
    near = likely & (pl.col("record_zone") == REVIEW)
    frame = frame.with_columns(
        zone=pl.coalesce("zone", pl.when(near).then(pl.lit(REVIEW)).otherwise(pl.lit(NEW))),
        reason=pl.when(near & (pl.col("rank") > 1)).then(pl.coalesce(pl.when(close).then(pl.lit(AMBIGUOUS)), "record_reason")).otherwise("reason"),
    )  # fmt: skip
    return (_one_to_one(frame, limits) if one_to_one else frame).drop(
        "behind", "forbidden", "record_zone", "record_reason"
    )


def of_consequence(compared: Compared, total: np.ndarray, limits: Limits) -> tuple[Compared, np.ndarray]:
    """The pairs, given heaviest first within a record, that ``resolve`` needs: the best and its rival, and all of a record
    whose further ones may be in review too. Of most records that leaves two of many."""
    place = np.arange(len(total)) - np.searchsorted(compared.left, compared.left)
    likely = (probability(total) >= limits.review) | equal_but_unplaced(compared.levels)
    kept = (place < 2) | np.isin(compared.left, compared.left[likely & (place >= 2)])
    return compared.some(kept), total[kept]


def equal_but_unplaced(levels: np.ndarray) -> np.ndarray:
    """Pairs with equal names of which one says no place and nothing contradicts: never new, however common the name is."""
    level = {c: levels[:, i] for i, c in enumerate(COMPARISONS)}
    equal = (level["name"] != MISSING) & (level["name"] >= LEVELS["name"].index("same_words"))
    contradicted = np.logical_or.reduce([level[c] == 0 for c in COMPARISONS])
    return equal & (level["place"] == MISSING) & ~contradicted & (level["extra"] != LEVELS["extra"].index("one_sided"))


def forbidden(levels: np.ndarray) -> pl.Series:
    """The reason why a pair may never be automatic however probable, or ''. ``levels``: pairs x comparisons."""
    level = {c: levels[:, i] for i, c in enumerate(COMPARISONS)}
    conflict = np.logical_or.reduce([level[c] == 0 for c in IDENTIFIERS])
    agrees = np.logical_or.reduce([level[c] == len(LEVELS[c]) - 1 for c in IDENTIFIERS])
    # A Holding, Verwaltungs- or Vertriebs-GmbH beside its company is another company, whatever else agrees; so is the GmbH
    # that is the general partner of the GmbH & Co. KG of its name.
    member = (level["extra"] <= LEVELS["extra"].index("one_sided")) | (
        level["form"] == LEVELS["form"].index("different")
    )
    reasons = [
        (conflict, KEY_CONFLICT),
        (agrees & (level["name"] == 0), KEY_OTHER_NAME),
        (member & ~agrees, OTHER_MEMBER),
    ]
    return pl.Series(
        np.select([c for c, _ in reasons], [r for _, r in reasons], default="").astype(object), dtype=pl.String
    )


def _one_to_one(frame: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Automatic claims of several records on one register row: the heaviest stays if clearly so, the others go to review."""
    claims = frame.filter(pl.col("zone") == AUTOMATIC).sort(
        "right", "weight_bits", "left", descending=[False, True, False]
    )
    best, second = pl.col("weight_bits").first(), pl.col("weight_bits").get(1, null_on_oob=True)
    claims = claims.with_columns(ahead=(best - second).over("right"), claim=pl.int_range(pl.len()).over("right"))
    kept = pl.col("ahead").is_null() | ((pl.col("claim") == 0) & (pl.col("ahead") >= limits.ambiguity_bits))
    lost = claims.filter(~kept).select("pair", lost=pl.lit(True))
    frame = frame.join(lost, on="pair", how="left", maintain_order="left")
    gone = pl.col("lost").fill_null(False)
    zone, reason = (
        pl.when(gone).then(pl.lit(REVIEW)).otherwise("zone"),
        pl.when(gone).then(pl.lit(CLAIMED)).otherwise("reason"),
    )
    return frame.with_columns(zone=zone, reason=reason).drop("lost")
