"""Matches: one row per seeker, candidate and kind, the best candidates of each seeker and kind.

Belongs here: laying facts and proximities out as matrices and keeping the best. Does not belong here: the formulae
(warehouse.methods.partners), consent (int_partner__company) or wording (mart_partner_match).
"""

import numpy as np
import polars as pl

SEEKERS_AT_A_TIME = 500
SCHEMA = {
    "seeker_company_id": pl.String, "candidate_company_id": pl.String, "match_type_code": pl.String,
    "match_score": pl.Float64, "competence_overlap": pl.Float64, "competence_complement": pl.Float64,
}  # fmt: skip


def table(facts, kind, rows, codes):
    """Facts of one kind as a matrix, (companies, codes)."""
    made = np.zeros((len(rows), len(codes)))
    for company, code, weight in facts.filter(pl.col("fact_code") == kind).select("company_id", "code", "weight").iter_rows():
        made[rows[company], codes[code]] = weight
    return made


def places(values):
    """Place of every value in the sorted list of them."""
    return {value: place for place, value in enumerate(sorted(values))}


def proximity(pairs, codes):
    """Newest proximity of headings, (codes, codes); from six digits, the mean of a heading's codes, where no other is known."""
    given = np.zeros((len(codes), len(codes)))
    if pairs.is_empty():
        return given
    level = pairs["product_code_a"].str.len_chars().min()
    newest = pairs.filter(pl.col("product_code_a").str.len_chars() == level)
    newest = newest.filter(pl.col("year") == newest["year"].max())
    newest = newest.filter(pl.col("classification_code") == newest["classification_code"].max())
    sides = pl.concat([newest.select(code=f"product_code_{side}") for side in "ab"]).unique()
    sizes = dict(sides.group_by(pl.col("code").str.head(4)).agg(pl.len()).iter_rows())
    sums = newest.group_by(a=pl.col("product_code_a").str.head(4), b=pl.col("product_code_b").str.head(4)).agg(
        pl.col("proximity").sum()
    )
    for a, b, total in sums.iter_rows():
        if a in codes and b in codes and a != b:
            mean = total / (sizes[a] * sizes[b])
            given[codes[a], codes[b]] += mean
            given[codes[b], codes[a]] += mean
    return np.clip(given, 0.0, 1.0)


def best(scores, seekers, candidates, first, most, least):
    """The best candidates of each seeker, itself left out; of equal ones the first by id."""
    shown = np.where(np.isnan(scores), -1.0, scores)
    shown[np.arange(len(seekers)), first + np.arange(len(seekers))] = -1.0
    order = np.argsort(-shown, axis=1, kind="stable")[:, :most]
    for row, chosen in enumerate(order):
        for column in chosen:
            if shown[row, column] >= least:
                yield seekers[row], candidates[column], row, column


def model(dbt, session):
    """Score every pair of companies that may be matched, some seekers at a time."""
    from warehouse.methods.partners import Companies, covered, matches, overlap, relatedness

    dbt.config(materialized="table")
    facts = dbt.ref("int_partner__fact").pl()
    may_match = dbt.ref("int_partner__company").pl()
    proximities = dbt.ref("int_product_space__proximity")
    most, least = int(dbt.config.get("max_candidates")), float(dbt.config.get("min_score")) / 100
    companies = may_match["company_id"].sort().to_list()
    rows = {company: place for place, company in enumerate(companies)}
    goods, skills, sectors = (
        places(facts.filter(pl.col("fact_code").is_in(kinds))["code"].unique())
        for kinds in (["makes", "buys"], ["masters", "outsources"], ["serves"])
    )
    headings = ", ".join(f"'{code}'" for code in goods) or "''"
    wanted = " AND ".join(f"substr(product_code_{side}, 1, 4) IN ({headings})" for side in "ab")
    pairs = proximities.filter(wanted).project("product_code_a, product_code_b, proximity, year, classification_code").pl()
    phi = relatedness(proximity(pairs, goods))
    everyone = Companies(
        table(facts, "makes", rows, goods), table(facts, "buys", rows, goods), table(facts, "masters", rows, skills) > 0,
        table(facts, "outsources", rows, skills) > 0, table(facts, "serves", rows, sectors) > 0,
    )  # fmt: skip
    found = []
    for first in range(0, len(companies), SEEKERS_AT_A_TIME):
        block = slice(first, first + SEEKERS_AT_A_TIME)
        seekers = everyone[block]
        shared = overlap(seekers.masters, everyone.masters)
        # Of what the candidate masters, the share the seeker does not.
        new = covered(~seekers.masters, everyone.masters)
        for kind, scores in matches(seekers, everyone, phi).items():
            for seeker, candidate, row, column in best(scores, companies[block], companies, first, most, least):
                score = 100 * float(scores[row, column])
                found.append((seeker, candidate, kind, score, float(shared[row, column]), float(new[row, column])))
    made = pl.DataFrame(found, schema=SCHEMA, orient="row")
    return made.with_columns(pl.col("competence_overlap", "competence_complement").fill_nan(None))
