"""What may be set from outside, read when asked and never at import.

Belongs here: names, defaults and checks of the environment variables. Does not belong here: facts of a region
(``region``), of a source (``ingest/sources``) or limits of the gate (``gates.yml``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SettingsError

PROFILES = ("sample", "real", "live")
DEFAULTS = {
    "KETTENWERK_HOME": ".kettenwerk",
    "KETTENWERK_PROFILE": "sample",
    "KETTENWERK_REGION": "maerkische_region",
    "KETTENWERK_REAL_DATA": "../shared/data",
    "KETTENWERK_KEEP_RELEASES": "5",
}


@dataclass(frozen=True)
class Settings:
    """The settings of one call.

    ``home`` holds every profile; ``region`` is the name of a region folder or a path to one; ``real_data`` is the
    folder of real files that profile ``real`` reads; ``key_file`` overrides where the profile's key lies.
    """

    home: Path
    profile: str
    region: str
    real_data: Path
    keep_releases: int
    key_file: Path | None

    @property
    def is_synthetic(self) -> bool:
        """Whether everything this profile observes is invented."""
        return self.profile == "sample"


def load(profile: str | None = None) -> Settings:
    """Read the environment; ``profile`` wins over ``KETTENWERK_PROFILE``."""
    value = {name: os.environ.get(name) or default for name, default in DEFAULTS.items()}
    chosen = profile or value["KETTENWERK_PROFILE"]
    if chosen not in PROFILES:
        raise SettingsError(f"there is no profile '{chosen}'", where="--profile", expected=", ".join(PROFILES))
    keep = value["KETTENWERK_KEEP_RELEASES"]
    if not (keep.isascii() and keep.isdigit()) or int(keep) < 2:
        raise SettingsError(
            f"KETTENWERK_KEEP_RELEASES is '{keep}'", expected="a whole number of at least 2 (rollback needs one more)"
        )
    home = Path(value["KETTENWERK_HOME"]).expanduser().resolve()
    if home.exists() and not home.is_dir():
        raise SettingsError("this is a file", where=f"KETTENWERK_HOME={home}", expected="a folder")
    key_file = os.environ.get("KETTENWERK_KEY_FILE")
    return Settings(
        home=home,
        profile=chosen,
        region=value["KETTENWERK_REGION"],
        real_data=Path(value["KETTENWERK_REAL_DATA"]).expanduser().absolute(),
        keep_releases=int(keep),
        key_file=Path(key_file).expanduser().absolute() if key_file else None,
    )
