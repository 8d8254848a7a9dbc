"""Personal data whose time is over: raw deliveries of the survey and its contact persons, by the periods of ``retention.yml``.

What lies in the inbox is the sender's to remove; it is named. Belongs here: finding what is due and letting it go. Does not
belong here: erasing one company (``erasing``) or removing releases (``warehouse.retention``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from ingest.delivery import deliveries
from ingest.removal import survey_sources
from ingest.snapshot import landed
from ingest.survey.book import WAVES, waves
from warehouse.errors import SettingsError
from warehouse.paths import Lineage
from warehouse.privacy.sealed import write_private
from warehouse.privacy.vault import Vault
from warehouse.region import Region
from warehouse.settings import Settings
from warehouse.steps import step

FILE, LOG = "retention.yml", "retention.jsonl"
KEYS = {"delivery_months", "contact_months", "contact_until"}


@dataclass(frozen=True)
class Due:
    """What is due of one wave: raw deliveries by snapshot, fetched files, contact persons; and files that are the sender's."""

    wave_id: str
    snapshots: tuple[str, ...]
    fetched: tuple[Path, ...]
    contacts: int
    inbox: tuple[Path, ...]

    @property
    def is_ours(self) -> bool:
        """Whether there is anything the works itself can let go."""
        return bool(self.snapshots or self.fetched or self.contacts)


def due(settings: Settings, region: Region, on: date) -> list[Due]:
    """What is due on a day, wave by wave; waves without anything are left out.

    A wave without a last day is still in the field: of it only ``contact_until`` makes anything due.

    Raises:
        SettingsError: the periods or a wave's last day cannot be read.
    """
    lineage, periods = Lineage.of(settings), _periods(region)
    found = []
    for wave, facts in waves(region).items():
        ended = _last_day(wave, facts)
        raw = ended is not None and on >= _after(ended, periods.delivery_months)
        until = periods.contact_until or (_after(ended, periods.contact_months) if ended else None)
        people = until is not None and on >= until
        files = _files(lineage, settings, wave) if raw else []
        one = Due(
            wave, tuple(_snapshots(lineage, wave)) if raw else (),
            tuple(p for p in files if p.is_relative_to(lineage.fetched)), _contacts(lineage, wave) if people else 0,
            tuple(p for p in files if not p.is_relative_to(lineage.fetched)),
        )  # fmt: skip
        if one.is_ours or one.inbox:
            found.append(one)
    return found


def still_open(region: Region) -> list[str]:
    """Waves that name no last day, so that no period of theirs has begun."""
    return [wave for wave, facts in waves(region).items() if _last_day(wave, facts) is None]


def let_go(lineage: Lineage, found: list[Due]) -> None:
    """Remove what is due and note in the vault that it was; nobody is named there."""
    vault = Vault(lineage)
    for one in (d for d in found if d.is_ours):
        for snapshot in one.snapshots:
            vault.forget_delivery(snapshot)
        for path in one.fetched:
            path.unlink(missing_ok=True)
        if one.contacts:
            with vault.connection() as connection:
                for table in ("contact", "respondent_key"):
                    connection.execute(f"DELETE FROM {table} WHERE wave_id = ?", (one.wave_id,))
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "wave_id": one.wave_id, "deliveries": len(one.snapshots),
                "fetched_files": len(one.fetched), "contacts": one.contacts}  # fmt: skip
        log = lineage.vault / LOG
        before = log.read_text(encoding="utf-8") if log.exists() else ""
        write_private(log, (before + json.dumps(line) + "\n").encode())
        step(
            "vault",
            "expired",
            f"wave {one.wave_id}: {len(one.snapshots)} raw deliveries and {one.contacts} contacts let go",
        )


@dataclass(frozen=True)
class _Periods:
    delivery_months: int
    contact_months: int
    contact_until: date | None


def _periods(region: Region) -> _Periods:
    said = region.yaml(FILE)
    months, until = [said.get(k) for k in ("delivery_months", "contact_months")], said.get("contact_until")
    if (
        set(said) != KEYS
        or not all(isinstance(m, int) and m >= 0 for m in months)
        or not (until is None or isinstance(until, date))
    ):
        raise SettingsError(
            f"it says {said}", where=f"{FILE} of region {region.folder.name}",
            expected="delivery_months and contact_months as whole numbers, contact_until as a day or null",
        )  # fmt: skip
    return _Periods(**said)


def _last_day(wave: str, facts: dict[str, Any]) -> date | None:
    said = facts.get("field_end")
    if said is None or type(said) is date:
        return said
    raise SettingsError(
        f"field_end of wave {wave} is {said!r}", where=WAVES,
        expected="the last day of the wave as YYYY-MM-DD, or no field_end while it is in the field",
    )  # fmt: skip


def _after(day: date, months: int) -> date:
    return pl.select(pl.lit(day).dt.offset_by(f"{months}mo")).item()


def _snapshots(lineage: Lineage, wave: str) -> list[str]:
    """Deliveries of the wave whose bytes are still kept."""
    kept = {p.stem for p in (lineage.vault / "deliveries").glob("*.enc")}
    return [
        sidecar.snapshot_id
        for source in survey_sources()
        for sidecar in landed(lineage, source.source_id)
        if sidecar.partition_key == wave and sidecar.snapshot_id in kept
    ]


def _files(lineage: Lineage, settings: Settings, wave: str) -> list[Path]:
    return [d.path for s in survey_sources() for d in deliveries(s, lineage, settings) if d.partition_key == wave]


def _contacts(lineage: Lineage, wave: str) -> int:
    with Vault(lineage).connection() as connection:
        row = connection.execute("SELECT count(*) FROM contact WHERE wave_id = ?", (wave,)).fetchone()
    return int(row[0])
