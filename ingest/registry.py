"""Which sources exist: every ``ingest/sources/*.yml``, read and checked.

Belongs here: finding contracts. Does not belong here: reading data.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingest.contract import Endpoint, Source
from warehouse.errors import SettingsError
from warehouse.region import Region

ADAPTATIONS = "sources.yml"
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


def adapted(source: Source, region: Region) -> Source:
    """The source as a region wants it asked: ``sources.yml`` of the region folder lies over the endpoints' facts.

    Shape: source id -> endpoint -> fact -> value; ``options`` are laid over one by one.
    """
    own = region.yaml(ADAPTATIONS).get(source.source_id) or {}
    if unknown := set(own) - set(source.fetch):
        raise SettingsError(
            f"source {source.source_id} has no endpoint '{min(unknown)}'",
            where=f"{ADAPTATIONS} of region {region.folder.name}",
            expected="one of: " + ", ".join(source.fetch),
        )
    fetch = {name: {**e.model_dump(), **_laid_over(e, own.get(name) or {})} for name, e in source.fetch.items()}
    try:
        return Source.model_validate({**source.model_dump(), "fetch": fetch})
    except ValidationError as error:
        raise SettingsError(str(error), where=f"{ADAPTATIONS} of region {region.folder.name}") from error


def _laid_over(endpoint: Endpoint, own: dict[str, Any]) -> dict[str, Any]:
    return {**own, "options": {**endpoint.options, **(own.get("options") or {})}}


@cache
def sources(folder: Path = SOURCES_FOLDER) -> dict[str, Source]:
    """All contracts by source id, in alphabetical order."""
    return {path.stem: load_source(path) for path in sorted(folder.glob("*.yml"))}
