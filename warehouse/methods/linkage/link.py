"""Linkage from end to end: records on one side, a prepared register on the other, pairs with zones and reasons out.

Belongs here: the order of the steps and the form of the answer. Does not: any step itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.memory import give_back
from warehouse.methods.linkage.candidates import prepare_left, too_frequent
from warehouse.methods.linkage.evidence import REASONS_DE, with_explanation
from warehouse.methods.linkage.model import COMPARISONS, LinkageModel, estimate, found_by_rule
from warehouse.methods.linkage.records import checked
from warehouse.methods.linkage.register import PreparedRegister, population
from warehouse.methods.linkage.resolve import NEW, REVIEW, TOO_FREQUENT, of_consequence, resolve
from warehouse.methods.linkage.scoring import Compared, best, compare
from warehouse.methods.linkage.settings import LEVELS, MISSING, Limits, LinkageSettings

# Candidates of a record that are shown: the best always, others where they are in review.
SHOWN = 5


@dataclass(frozen=True)
class Linkage:
    """What came out. ``model`` may be kept and given to a later linkage.

    ``pairs``: record_id, candidate_id, rank, weight_bits, probability, rival_bits, zone, reason, per comparison
    ``<comparison>_level`` (NULL where a side says nothing) and ``<comparison>_bits``, name, candidate_name,
    candidate_name_rows, explanation_de. The best candidate of every record that has one, and all in review (at most SHOWN).
    ``records``: record_id, zone, candidate_id (of the best, NULL where new), probability, reason, reason_de; a row for
    every record, in order.
    ``compared``: pairs compared in all. ``met``: pairs that share a blocking key, of which those were the best at sight.
    """

    pairs: pl.DataFrame
    records: pl.DataFrame
    model: LinkageModel
    compared: int
    met: int


def link(
    records: pl.DataFrame,
    register: PreparedRegister,
    settings: LinkageSettings,
    model: LinkageModel | None = None,
    limits: Limits | None = None,
    one_to_one: bool = False,
) -> Linkage:
    """Find each record's company in the register.

    Args:
        records: the columns of ``records.COLUMNS``; all but ``record_id`` may be NULL, all but it and ``name`` absent.
        register: see ``prepare_register``.
        settings: words, limits, assumptions.
        model: a model learnt before; without one it is learnt from these records.
        limits: zones other than those of the settings.
        one_to_one: no register row for two records (no register row twice in a survey without repeated answers).
    """
    left = prepare_left(records, register, settings)
    compared = compare(left, register, settings)
    give_back()
    companies = population(register.rows)
    if model is None:
        model = estimate(
            compared.levels, compared.chance_bits, compared.left, left.rows, companies,
            LinkageModel.assumed(settings), settings.assumption_weight,
            found_by_rule(compared.levels, compared.left, left.rows),
        )  # fmt: skip
    total = model.totals(compared.levels, compared.chance_bits) + model.prior_bits(companies)
    compared, total = best(compared, total, SHOWN + 1)
    compared, total = of_consequence(compared, total, limits or settings.limits)
    give_back()
    resolved = resolve(compared, total, limits or settings.limits, one_to_one)
    texts = checked(records, "records").select("record_id", "name").collect()
    pairs = _shown(resolved, compared, model, texts, register)
    frequent = too_frequent(left, register, settings.key_rows_max)
    every = _records(texts["record_id"], frequent, pairs)
    return Linkage(pairs, every, model, compared.compared, compared.met)


def _shown(
    resolved: pl.DataFrame, compared: Compared, model: LinkageModel, texts: pl.DataFrame, register: PreparedRegister
) -> pl.DataFrame:
    """The pairs a reader sees, with level and bits of each comparison and the explanation."""
    shown = resolved.filter((pl.col("rank") == 1) | ((pl.col("zone") == REVIEW) & (pl.col("rank") <= SHOWN)))
    pair = shown["pair"].to_numpy()
    weights = model.weights(compared.levels[pair], compared.chance_bits[pair])
    columns: dict[str, pl.Series] = {}
    for i, comparison in enumerate(COMPARISONS):
        names = pl.Series([*LEVELS[comparison], None], dtype=pl.String)
        level = compared.levels[pair, i].astype(np.int64)
        columns[f"{comparison}_level"] = names.gather(np.where(level == MISSING, len(names) - 1, level))
        columns[f"{comparison}_bits"] = pl.Series(weights[:, i], dtype=pl.Float64)
    of_left, of_right = texts[shown["left"]], register.texts_of(shown["right"])
    shown = shown.select(
        record_id=of_left["record_id"],
        candidate_id=of_right["record_id"],
        rank="rank",
        weight_bits="weight_bits",
        probability="probability",
        rival_bits="rival_bits",
        zone="zone",
        reason="reason",
        name=of_left["name"],
        candidate_name=of_right["name"],
        candidate_name_rows=pl.Series(register.fields["core_rows"][shown["right"].to_numpy()]),
    ).with_columns(series.alias(name) for name, series in columns.items())
    return with_explanation(shown)


def _records(ids: pl.Series, frequent: np.ndarray, pairs: pl.DataFrame) -> pl.DataFrame:
    """A row for every record: its zone, and why. A name found too often to be compared is reviewed, not called new."""
    best = pairs.filter(pl.col("rank") == 1).select("record_id", "zone", "probability", "reason", "candidate_id")
    every = pl.DataFrame({"record_id": ids, "frequent": frequent})
    every = every.join(best, on="record_id", how="left", maintain_order="left")
    lost = pl.col("frequent") & (pl.col("zone").fill_null(NEW) == NEW)
    every = every.with_columns(
        zone=pl.when(lost).then(pl.lit(REVIEW)).otherwise(pl.col("zone").fill_null(NEW)),
        reason=pl.when(lost).then(pl.lit(TOO_FREQUENT)).otherwise("reason"),
    )
    return every.select(
        "record_id",
        "zone",
        candidate_id=pl.when((pl.col("zone") != NEW) & (pl.col("reason").fill_null("") != TOO_FREQUENT)).then(
            "candidate_id"
        ),
        probability="probability",
        reason="reason",
        reason_de=pl.col("reason").replace_strict(REASONS_DE, default=None, return_dtype=pl.String),
    )
