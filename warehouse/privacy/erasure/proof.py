"""The proof of an erasure: a dated page in the vault that says what was removed, searched and left, and names nobody.

Belongs here: writing and signing it. Does not belong here: any removing.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy.erasure.forgetting import Erasure
from warehouse.privacy.erasure.releases import Redacted
from warehouse.privacy.erasure.search import Search
from warehouse.privacy.keys import signature

OWNER_FILE = 0o600


def write_proof(
    lineage: Lineage, erasure: Erasure, *, removed: dict[str, int], rewritten: list[str], releases: list[Redacted],
    search: Search, published_by: dict[str, str],
) -> Path:  # fmt: skip
    """Write the proof and return where it lies.

    Args:
        removed: rows removed by table; rewritten: deliveries by the name of the old snapshot.
        published_by: licence of every open register that is exempt, by source.
    """
    proof: dict[str, Any] = {
        "erasure_id": erasure.erasure_id,
        "begun_at": erasure.begun_at,
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": erasure.reason,
        "profile": lineage.profile,
        "result": "nothing found" if not search.found else "still found",
        "removed_rows": removed,
        "rewritten_deliveries": rewritten,
        "replaced_releases": [asdict(release) for release in releases],
        "searched": {"files": dict(search.searched), "bytes": search.byte_count},
        "still_found_in": search.found,
        "exempt": {
            "why": "open registers, kept as their owners publish them",
            "files_that_name_the_company": search.exempt,
            "published_by": published_by,
        },
        "kept_under_legal_duty": [],
    }
    text = json.dumps(proof, ensure_ascii=False, indent=1)
    path = lineage.vault / "erasures" / f"{erasure.erasure_id}.json"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    signed = json.dumps({"proof": proof, "signature": signature(lineage, text)}, ensure_ascii=False, indent=1)
    write_text_atomically(path, signed + "\n", OWNER_FILE)
    return path
