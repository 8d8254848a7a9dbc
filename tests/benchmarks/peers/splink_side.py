# pyright: reportMissingImports=false  (Splink lives in an environment of its own)
"""Splink on the two tables of the linkage benchmark, in an environment of its own: the best candidate of every answer.

``python splink_side.py WORK``: reads ``register.parquet`` and ``answers.parquet``, writes ``splink.parquet`` (record_id,
candidate_id, probability). Settings are those a careful user takes: names folded and without legal form, term frequencies on
name and town, every identifier compared, ten blocking rules, u from random pairs, m by expectation maximisation.
"""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.internals.duckdb.database_api import DuckDBAPI

FORMS = "gesellschaft mit beschraenkter haftung|haftungsbeschraenkt|gmbh|mbh|ag|kgaa|kg|ohg|ug|se|eg|gbr|e ?k|e ?kfm|co|cie|und"
FOLDED = "replace(replace(replace(replace(lower({}), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss')"
PREPARED = rf"""
CREATE TABLE {{table}} AS
WITH folded AS (
    SELECT *, regexp_replace({FOLDED.format("name")}, '[^a-z0-9]+', ' ', 'g') AS plain FROM read_parquet('{{file}}')
), bare AS (
    SELECT *, trim(regexp_replace(regexp_replace(plain, '\b({FORMS})\b', ' ', 'g'), ' +', ' ', 'g')) AS core FROM folded
)
SELECT
    record_id AS unique_id, nullif(core, '') AS core, split_part(core, ' ', 1) AS first_word, left(core, 5) AS head,
    list_aggregate(list_sort(string_split(core, ' ')), 'string_agg', ' ') AS sorted_words,
    lpad(postcode, 5, '0') AS postcode, left(lpad(postcode, 5, '0'), 3) AS area, {FOLDED.format("town")} AS town,
    regexp_replace(replace({FOLDED.format("street")}, 'strasse', 'str'), '[^a-z0-9]+', '', 'g') AS street,
    ltrim(regexp_extract(register_number, '\d+'), '0') AS number, court_code, lei, vat_number
FROM bare
"""
BLOCKS = [
    ("lei",), ("vat_number",), ("number", "area"), ("number", "head"), ("core",), ("postcode", "head"), ("first_word", "town"),
    ("sorted_words", "area"), ("area", "head"), ("postcode", "street"),
]  # fmt: skip


def main(work: Path) -> None:
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    connection = duckdb.connect()
    for table in ("register", "answers"):
        connection.execute(PREPARED.format(table=table, file=work / f"{table}.parquet"))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("core", [0.95, 0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("sorted_words"),
            cl.LevenshteinAtThresholds("postcode", [1, 2]),
            cl.JaroWinklerAtThresholds("town", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.95, 0.85]),
            cl.ExactMatch("number"),
            cl.ExactMatch("court_code"),
            cl.ExactMatch("lei"),
            cl.ExactMatch("vat_number"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKS],
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection)
    tables = [
        api.register(name, dataset_display_name=name, table_name=f"side_{name}") for name in ("answers", "register")
    ]
    linker = Linker(tables, settings, log_level=40)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("lei"), block_on("vat_number")], recall=0.55)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (("core",), ("postcode", "head"), ("number", "area")):
        training.estimate_parameters_using_expectation_maximisation(block_on(*rule), record_sample_proportion=1.0)
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    connection.execute(
        f"""COPY (
            SELECT
                if(source_dataset_l = 'answers', unique_id_l, unique_id_r) AS record_id,
                arg_max(if(source_dataset_l = 'answers', unique_id_r, unique_id_l), match_weight) AS candidate_id,
                max(match_probability) AS probability
            FROM {pairs.physical_name} GROUP BY 1
        ) TO '{work / "splink.parquet"}'"""
    )
    usage = resource.getrusage(resource.RUSAGE_SELF)
    [(compared,)] = connection.execute(f"SELECT count(*) FROM {pairs.physical_name}").fetchall()
    said = {
        "seconds": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime,
        "pairs": compared,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
