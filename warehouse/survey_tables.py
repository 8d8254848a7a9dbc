"""The region's survey as lake tables: its waves in their order, what each asked, and what changed between them.

Belongs here: turning the lists of ``survey/`` into rows. Does not belong here: reading deliveries by them (``ingest``), or
judging a change (dbt).
"""

from __future__ import annotations

from typing import Any

from warehouse.region import Region

Rows = list[dict[str, Any]]
WAVE = "wave"


def survey_tables(region: Region) -> dict[str, Rows]:
    """Rows of the tables ``region.survey_*``; a region that asks nobody has none."""
    waves = _waves(region)
    questions: Rows = []
    codes: Rows = []
    for wave in waves:
        wave_id = str(wave["wave_id"])
        for name, rows in ((_list(wave, "codebook"), questions), (_list(wave, "codes"), codes)):
            rows += [{"wave_id": wave_id} | _filled(row) for row in (region.rows(name) if name else [])]
    return {
        "survey_wave": [_wave(wave, order) for order, wave in enumerate(waves, 1)],
        "survey_question": [_question(row) for row in questions],
        "survey_code": [row | {"low": _number(row["low"]), "high": _number(row["high"])} for row in codes],
        "survey_break": [_filled(row) for row in region.rows("survey/breaks.csv")],
    }


def _waves(region: Region) -> Rows:
    """Waves by the day their field time begins, never by the text of their id; one without a day follows its neighbour."""
    listed = {str(w["wave_id"]): w for w in region.yaml("survey/waves.yml").get("waves") or []}
    keyed: list[tuple[str, int, dict[str, Any]]] = []
    for place, wave in enumerate(listed.values()):
        before = keyed[-1][0] if keyed else ""
        keyed.append((str(wave.get("field_start") or before), place, wave))
    return [wave for _, _, wave in sorted(keyed, key=lambda entry: entry[:2])]


def _list(wave: dict[str, Any], kind: str) -> str | None:
    """The wave's common list, else that of its Kobo form."""
    name = wave.get(kind) or wave.get(f"kobo_{kind}")
    return str(name) if name else None


def _wave(wave: dict[str, Any], order: int) -> dict[str, Any]:
    return {
        "wave_id": str(wave["wave_id"]), "wave_kind_code": wave.get("kind") or WAVE, "wave_order": order,
        **{name: str(wave[name]) if wave.get(name) else None for name in ("field_start", "field_end")},
        "compare_with_wave_id": str(wave["compare_with"]) if wave.get("compare_with") else None,
    }  # fmt: skip


def _question(row: dict[str, Any]) -> dict[str, Any]:
    page = row.get("page")
    return row | {
        "answer_type_code": row["answer_type"], "item_code": row.get("item_code") or "", "page_number": int(page) if page else None
    }  # fmt: skip


def _filled(row: dict[str, str]) -> dict[str, Any]:
    return {name: value or None for name, value in row.items()}


def _number(text: str | None) -> float | None:
    return float(text) if text else None
