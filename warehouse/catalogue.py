"""The list of what is kept: releases and candidates with their state.

Belongs here: reading manifests, certificates and history into one list. Does not belong here: changing any of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from warehouse.errors import RefusedError
from warehouse.paths import Lineage
from warehouse.release import CERTIFICATE, Manifest, current_release


def catalogue(lineage: Lineage) -> list[dict[str, Any]]:
    """Newest first; ``state`` is 'released', 'passed', 'failed: <rules>' or 'not audited'."""
    served = current_release(lineage)
    folders = [p for p in lineage.releases.glob("*") if p.is_dir() and not p.name.startswith(".")]
    waiting = [p for p in lineage.candidates.glob("*") if p.is_dir() and p.suffix != ".partial"]
    found = []
    for folder in sorted([*folders, *waiting], key=lambda p: p.name, reverse=True):
        try:
            manifest = Manifest.read(folder)
        except RefusedError:
            continue
        found.append(
            {
                "release_id": folder.name,
                "created_at": manifest.created_at,
                "served": served is not None and folder.name == served.name,
                "state": "released" if folder in folders else _verdict(folder),
                "rows": sum(f.rows for tables in manifest.tables.values() for f in tables.values()),
                "run_id": manifest.run_id,
                "warnings": ", ".join(manifest.warnings),
            }
        )
    return found


def _verdict(folder: Path) -> str:
    path = folder / CERTIFICATE
    if not path.is_file():
        return "not audited"
    try:
        certificate = json.loads(path.read_text(encoding="utf-8"))["certificate"]
    except (ValueError, KeyError, TypeError):
        return "certificate unreadable"
    return "passed" if certificate["outcome"] == "passed" else f"failed: {', '.join(certificate['blocked_by'])}"
