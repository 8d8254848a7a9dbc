"""dbt's manifest: what Dagster draws the models from.

Belongs here: having it, and having it fresh. Does not belong here: running dbt (``defs.transform``).
"""

from __future__ import annotations

import os

from filelock import FileLock

from warehouse.build import PROJECT
from warehouse.errors import KettenwerkError
from warehouse.steps import step

MANIFEST = PROJECT / "target" / "manifest.json"
SUFFIXES = {".sql", ".yml", ".py", ".csv"}
WAIT_SECONDS = 120


def ensure_manifest() -> None:
    """Parse the dbt project where it was never parsed, and again when a file of it is newer.

    Called by whoever opens the definitions, in whichever process: the web server, the daemon and a test may start at
    the same moment, so that one of them parses and the others wait.

    Raises:
        KettenwerkError: dbt cannot read the project.
    """
    if _is_fresh():
        return
    MANIFEST.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(MANIFEST.with_suffix(".lock"), timeout=WAIT_SECONDS):
        if not _is_fresh():
            _parse()


def _is_fresh() -> bool:
    if not MANIFEST.exists():
        return False
    built = {PROJECT / "target", PROJECT / "logs"}
    files = (p for p in PROJECT.rglob("*") if p.suffix in SUFFIXES and not built.intersection(p.parents))
    return MANIFEST.stat().st_mtime >= max(p.stat().st_mtime for p in files)


def _parse() -> None:
    from dbt.cli.main import dbtRunner

    step("workshop", "parse", "reading the dbt project")
    os.environ.setdefault("KETTENWERK_LAKE", "lake")
    outcome = dbtRunner().invoke(
        ["parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(MANIFEST.parent),
         "--log-path", str(PROJECT / "logs"), "--quiet"]
    )  # fmt: skip
    if not outcome.success:
        raise KettenwerkError(
            "the dbt project cannot be read", where="dbt_project", todo=f"see the message: {outcome.exception}"
        )
    MANIFEST.touch()
