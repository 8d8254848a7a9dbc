"""Which sources exist: every ``ingest/sources/*.yml``, read and checked.

Belongs here: finding contracts. Does not belong here: reading data.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from ingest.contract import Source
from warehouse.errors import SettingsError

SOURCES_FOLDER = Path(__file__).parent / "sources"


def load_source(path: Path) -> Source:
    """Read one contract; a fault in it names the file, the key and what was expected."""
    try:
        source = Source.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise SettingsError(str(error), where=str(path.name), todo="correct the contract of the source") from error
    if source.source_id != path.stem:
        raise SettingsError(
            f"source_id is '{source.source_id}'", where=path.name, expected=f"'{path.stem}', the file's own name"
        )
    return source


@cache
def sources(folder: Path = SOURCES_FOLDER) -> dict[str, Source]:
    """All contracts by source id, in alphabetical order."""
    return {path.stem: load_source(path) for path in sorted(folder.glob("*.yml"))}
