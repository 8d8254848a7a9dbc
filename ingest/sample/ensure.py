"""Write the sample once: again only when the generator or the region has changed.

Belongs here: knowing whether the inbox already holds this sample. Does not belong here: making it (``generate``).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ingest.sample.generate import generate
from warehouse.paths import write_text_atomically
from warehouse.region import Region
from warehouse.steps import step

MARKER = ".sample.json"


def ensure(inbox: Path, region: Region) -> bool:
    """Write the sample unless it is there; True when it was written. What a person changed in the inbox stays."""
    marker = inbox / MARKER
    wanted = {"region": region.region_code, "generator_sha256": _generator_sha256(region)}
    if marker.exists() and json.loads(marker.read_text(encoding="utf-8")) == wanted:
        return False
    manifest = generate(inbox, region)
    write_text_atomically(marker, json.dumps(wanted) + "\n")
    step("dock", "sample", f"sample region written: {len(manifest.files)} files, every company and figure invented")
    return True


def _generator_sha256(region: Region) -> str:
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent, region.folder):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".py", ".csv", ".yml"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()
