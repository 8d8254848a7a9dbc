# pyright: reportMissingImports=false  (Tau-Argus lives in an environment of its own)
"""One table protected by Tau-Argus (``pytauargus``), in an environment of its own.

``python tauargus_side.py companies.csv out.json SUPPRESSION SAFETY_RULES``: ``companies.csv`` has Kreis, division, band and headcount
per company. Writes the status of every cell, seconds, CPU seconds and peak memory; it imports nothing of the project.
"""

import csv
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from pytauargus import protect

DIMENSIONS = ["kreis_ags", "wz2_code", "headcount_band_code"]


def main() -> None:
    source, target, suppress, safety = sys.argv[1:5]
    with Path(source).open(newline="") as handle:
        rows = [{**row, "headcount": float(row["headcount"])} for row in csv.DictReader(handle)]
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    with tempfile.TemporaryDirectory() as folder:
        result = protect(rows, DIMENSIONS, response="headcount", safety_rules=safety, suppress=suppress, workdir=folder)
        [table] = result.tables
        cells = [[*("TOTAL" if row[d] == "Total" else row[d] for d in DIMENSIONS), row["status"]] for row in table.rows]
    after = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "cells": cells,
        "seconds": time.perf_counter() - started,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory_mb": after.ru_maxrss / 1024,
    }
    Path(target).write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
