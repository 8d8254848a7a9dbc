"""A filled-in list of texts taken over by command: checked as if it lay in the inbox, and kept there without the texts.

Belongs here: that one step. Does not belong here: reading decisions (``sources/text_decision``) or landing them.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from ingest.checks import check
from ingest.delivery import Delivery
from ingest.readers import Reading, find_reader
from ingest.registry import sources
from ingest.sources.text_decision import GIVEN
from ingest.survey.review import OWNER_FILE
from ingest.survey.text_review import BY, DECISION, ID, INDUSTRY, ON, PROPOSAL, WZ_MARK
from warehouse.errors import KettenwerkError
from warehouse.methods.text_coding.mapping import NONE, UNDO
from warehouse.paths import Lineage, write_text_atomically
from warehouse.region import Region

SOURCE, DATASET, FOLDER = "text_decision", "decision", "text_review"
WORDS = {NONE: "keiner", UNDO: "zurücknehmen"}
COLUMNS = (ID, INDUSTRY, PROPOSAL, DECISION, *GIVEN.values(), BY, ON)


def take_over(lineage: Lineage, region: Region, file: Path) -> int:
    """Put the decisions of a list into the inbox; how many there are.

    Raises:
        KettenwerkError: the list decides nothing, or a row of it cannot be read.
    """
    source = sources()[SOURCE]
    delivery = Delivery(source, DATASET, file, file.stem, None, "inbox")
    reading = Reading(delivery, region)
    rows = find_reader(source.datasets[DATASET].reader, SOURCE)(reading)[DATASET]
    check(delivery, rows, source.tables[DATASET])
    if rows.is_empty():
        raise KettenwerkError(
            "no row has a decision", where=file.name, expected="annehmen, code, keiner or zurücknehmen in column 'Entscheidung'",
            todo="fill in the list and call again",
        )  # fmt: skip
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in rows.iter_rows(named=True):
        word = WORDS.get(row["decision_code"], "code")
        codes = [row[name] or "" for name in GIVEN]
        wz = f"{WZ_MARK}{row['wz2008_code']}" if row["wz2008_code"] else ""
        writer.writerow([row["text_hash"], wz, "", word, *codes, row["decided_by"], f"{row['decided_on']:%d.%m.%Y}"])
    target = lineage.inbox / FOLDER / f"decided-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.csv"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_text_atomically(target, "\ufeff" + buffer.getvalue())
    target.chmod(OWNER_FILE)
    return rows.height
