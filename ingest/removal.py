"""Taking the erased out of what was delivered: the same file without their rows, and without their names in others' answers.

Belongs here: the forms a survey is delivered in (CSV, ZIP of CSV, Kobo's JSON) and where deliveries lie. Does not belong
here: whose rows (``warehouse/privacy/erasure``), or the tables made of them.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import os
import zipfile
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from ingest.contract import Source
from ingest.delivery import Delivery, deliveries
from ingest.fetching.notes import note_of, write_note
from ingest.registry import sources
from ingest.sources.kobo import ID_PREFIX
from ingest.survey.review import FOLDER as REVIEW_FOLDER
from warehouse.paths import Lineage, remove_tree
from warehouse.privacy import sealed
from warehouse.privacy.erasure.tombstones import Tombstones
from warehouse.settings import Settings
from warehouse.steps import step

# What heads the column of a response's number, in an export of codes or of labels.
ID_HEADS = ("id", "response_id", "antwort id", "antwort-id", "response id", "antwort")
# What heads the column of the wave, in a table of events or a review list.
WAVE_HEADS = ("wave_id", "welle")
# What heads the column of a text's hash, in a list of texts to decide.
TEXT_HEAD = "text-id"
DELIMITERS = ";,\t|"
WORKBOOK = ".xlsx"
UTF8_BOM = "\ufeff"


def survey_sources() -> list[Source]:
    """Sources that say what a company said, or agreed to."""
    return [source for source in sources().values() if source.kind_code == "survey"]


def clean_deliveries(source: Source, lineage: Lineage, settings: Settings) -> int:
    """Rewrite every file of a survey that lies here and holds something of an erased company; gives how many.

    A sender may deliver an erased response again, so this runs before every landing. A form that cannot be rewritten is
    left to its reader, who refuses it or to the search that follows an erasure, which names the file.
    """
    stones = Tombstones.of(lineage)
    if stones.is_empty:
        return 0
    # Lists written for a person repeat answers; whoever needs one writes it anew.
    remove_tree(lineage.root / REVIEW_FOLDER)
    changed = 0
    for delivery in deliveries(source, lineage, settings):
        if delivery.suffix.lower() == WORKBOOK:
            raise delivery.refuse(
                "somebody was erased, and a workbook cannot be freed of an erased response", "the same table as CSV",
                "save it as CSV and remove the workbook", rule_id="SRV-019",
            )  # fmt: skip
        before = delivery.content()
        after = without(delivery.name, delivery.partition_key, before, stones)
        if after != before:
            _replace(lineage, delivery, after)
            changed += 1
            step("dock", "removed", f"{delivery.name}: rewritten without what was erased")
    return changed


def without(name: str, wave: str, content: bytes, stones: Tombstones) -> bytes:
    """A delivery without the erased; the very same bytes where it holds nothing of them.

    Args:
        name: file name; its ending tells the form.
        wave: what ``<wave>:<response>`` begins with; rows with a ``wave_id`` of their own say it themselves.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return _csv(content, wave, stones)
    if suffix == ".zip":
        return _zip(content, wave, stones)
    return _kobo(content, wave, stones) if suffix == ".json" else content


def _csv(content: bytes, wave: str, stones: Tombstones) -> bytes:
    text, encoding = _decoded(content)
    head, bom = text.lstrip(UTF8_BOM), text.startswith(UTF8_BOM)
    first = head.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(max(csv.field_size_limit(), len(head)))
    try:
        rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
    except csv.Error:
        return content  # its reader says what is wrong with it
    heads = [cell.strip().lower() for cell in rows[0]] if rows else []
    if TEXT_HEAD in heads:
        text = heads.index(TEXT_HEAD)
        kept = [row for row in rows if not (text < len(row) and stones.has_text(row[text].strip()))]
        return content if kept == rows else _written(kept, delimiter, encoding, bom)
    number = next((heads.index(h) for h in ID_HEADS if h in heads), None)
    if number is None:
        return content
    # A table of events has a key of its own before the response's.
    number = heads.index("response_id") if "response_id" in heads else number
    own_wave = next((heads.index(h) for h in WAVE_HEADS if h in heads), None)

    def is_gone(row: list[str]) -> bool:
        said = row[own_wave] if own_wave is not None and own_wave < len(row) else wave
        return number < len(row) and stones.has_response(said.strip(), row[number].strip())

    kept = [row if not n else [_blank(cell, stones) for cell in row] for n, row in enumerate(rows) if not is_gone(row)]
    return content if kept == rows else _written(kept, delimiter, encoding, bom)


def _written(rows: list[list[str]], delimiter: str, encoding: str, bom: bool) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return ((UTF8_BOM if bom else "") + out.getvalue()).encode(encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8"), "utf-16" if is_wide else "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "surrogateescape"), "cp1252"


def _blank(cell: str, stones: Tombstones) -> str:
    """A cell that is nothing but an erased company's name says nothing any more."""
    return "" if cell and not cell.isdigit() and stones.has_name(cell) else cell


def _zip(content: bytes, wave: str, stones: Tombstones) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        before = [(info, archive.read(info)) for info in archive.infolist()]
    after = [(info, without(info.filename, wave, held, stones)) for info, held in before]
    if after == before:
        return content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, held in after:
            archive.writestr(info, held, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _kobo(content: bytes, wave: str, stones: Tombstones) -> bytes:
    try:
        document = json.loads(content)
        pages: list[dict[str, Any]] = document if isinstance(document, list) else [document]
        entries = [page["results"] for page in pages]
    except (ValueError, KeyError, TypeError):
        return content  # its reader says what is wrong with it
    for page, results in zip(pages, entries, strict=True):
        kept = [e for e in results if not stones.has_response(wave, f"{ID_PREFIX}{e.get('_id', '')}")]
        page["results"] = [
            {key: _blank(value, stones) if isinstance(value, str) else value for key, value in e.items()} for e in kept
        ]
        if "count" in page:
            page["count"] = page["count"] - (len(results) - len(kept))
    if [page["results"] for page in pages] == entries:
        return content
    return json.dumps(document, ensure_ascii=False).encode()


def _replace(lineage: Lineage, delivery: Delivery, content: bytes) -> None:
    """Put the rewritten file where the old one lay; the note of a fetched one is tied to the new bytes."""
    path = delivery.path
    partial = path.with_name(f".{path.name}.part")
    sealed.write_private(partial, sealed.closed(lineage, content) if delivery.sealed_in else content)
    os.replace(partial, path)
    note = note_of(lineage, delivery.source.source_id, delivery.name) if delivery.origin == "fetched" else None
    if note is not None:
        write_note(lineage, replace(note, sha256=hashlib.sha256(content).hexdigest(), byte_count=len(content)))
