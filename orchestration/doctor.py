"""Doctor: what is installed, reachable, writable and configured, and what to do about what is not.

Belongs here: looking. Does not belong here: repairing.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from warehouse.errors import KettenwerkError
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.release import current_release
from warehouse.settings import Settings

PACKAGES = (
    "dagster",
    "dagster-webserver",
    "dagster-dbt",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "polars",
    "great-expectations",
    "requests",
)
FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``todo`` is empty where nothing needs doing."""

    name: str
    ok: bool
    found: str
    todo: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; no look stops another."""
    findings: list[Finding] = []
    for look in (_python, _packages, _home, _region, _sources, _endpoints, _real_data, _key, _served, _offline):
        try:
            findings += list(look(settings))
        except (KettenwerkError, OSError) as error:
            findings.append(Finding(look.__name__.strip("_"), False, str(error), "see the message"))
    return findings


Look = Callable[[Settings], Iterator[Finding]]


def _python(_: Settings) -> Iterator[Finding]:
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "Python", ok, sys.version.split()[0], "" if ok else "install Python 3.11 to 3.13 and call: make clean demo"
    )


def _packages(_: Settings) -> Iterator[Finding]:
    for package in PACKAGES:
        try:
            yield Finding(package, True, version(package))
        except PackageNotFoundError:
            yield Finding(package, False, "not installed", "call: make setup")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    existing = next(p for p in [home, *home.parents] if p.exists())
    writable = os.access(existing, os.W_OK)
    yield Finding("home", writable, str(home), "" if writable else "set KETTENWERK_HOME to a folder you may write")
    free = shutil.disk_usage(existing).free
    yield Finding(
        "free space", free > FREE_BYTES, f"{free / 1024**3:.1f} GB", "" if free > FREE_BYTES else "free at least 2 GB"
    )
    lineage = Lineage.of(settings)
    if lineage.vault.exists():
        private = lineage.vault.stat().st_mode & 0o077 == 0
        yield Finding(
            "vault", private, oct(lineage.vault.stat().st_mode & 0o777), "" if private else f"chmod 700 {lineage.vault}"
        )


def _region(settings: Settings) -> Iterator[Finding]:
    region = Region.load(settings.region)
    yield Finding(
        "region", True, f"{region.label_de}: {len(region.kreise)} Kreise, {len(region.municipalities)} municipalities"
    )


def _sources(settings: Settings) -> Iterator[Finding]:
    from ingest.delivery import deliveries, unclaimed
    from ingest.registry import sources

    lineage = Lineage.of(settings)
    files = {s.source_id: len(deliveries(s, lineage, settings)) for s in sources().values()}
    yield Finding("sources", True, ", ".join(f"{name} {n}" for name, n in files.items() if n) or "no deliveries yet")
    strangers = [p.name for p in unclaimed(lineage)]
    if strangers:
        yield Finding(
            "inbox",
            False,
            f"no source takes {', '.join(strangers[:5])}",
            "check folder and name against ingest/sources/*.yml",
        )


def _endpoints(settings: Settings) -> Iterator[Finding]:
    """What profile live would ask, and which secrets are missing for the rest; no source is asked here."""
    from ingest.fetching.fetch import base_url, why_left
    from ingest.registry import adapted, sources

    lineage, region = Lineage.of(settings), Region.load(settings.region)
    for source in (adapted(source, region) for source in sources().values()):
        for name, endpoint in source.fetch.items():
            reason = why_left(lineage, source, name)
            found = f"not asked: {reason}" if reason else base_url(source.source_id, name, endpoint)
            yield Finding(f"{source.source_id}/{name}", True, found)


def _real_data(settings: Settings) -> Iterator[Finding]:
    if settings.profile == "real":
        there = settings.real_data.is_dir()
        yield Finding(
            "real files",
            there,
            str(settings.real_data),
            "" if there else "set KETTENWERK_REAL_DATA to the folder of real files",
        )


def _key(settings: Settings) -> Iterator[Finding]:
    path = Lineage.of(settings).key_file
    if not path.exists():
        yield Finding("key", True, f"{path} will be made at the first refresh")
        return
    private = path.stat().st_mode & 0o077 == 0
    yield Finding("key", private, str(path), "" if private else f"chmod 600 {path}")


def _served(settings: Settings) -> Iterator[Finding]:
    folder = current_release(Lineage.of(settings))
    if folder is None:
        yield Finding("served", True, "nothing yet", f"call: kettenwerk refresh --profile {settings.profile}")
        return
    from warehouse.certificate import prove

    prove(Lineage.of(settings), folder)
    yield Finding("served", True, f"{folder.name}, certificate and bytes agree")


def _offline(_: Settings) -> Iterator[Finding]:
    tools = Path(sys.executable).parent
    for tool in ("dagster-webserver", "dagster-daemon", "dbt"):
        there = (tools / tool).exists()
        yield Finding(tool, there, str(tools / tool) if there else "missing", "" if there else "call: make setup")
