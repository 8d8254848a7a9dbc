"""When things run: one job for the whole refresh, the calendar's schedules, and a sensor on the inbox."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import yaml

from warehouse import settings
from warehouse.paths import Lineage

# What runs by the clock publishes only what is new; a person who calls refresh wants to see one.
IF_CHANGED = {"resources": {"works": {"config": {"if_changed": True}}}}
CALENDAR = Path(__file__).parent.parent / "calendar.yml"

refresh_job = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("quay"),
    description="Dock, workshop, seal, court, gallery: everything from delivery to release, in one run with one gate.",
    executor_def=dg.in_process_executor,
    tags={"kettenwerk/job": "refresh"},
)


def schedules() -> list[dg.ScheduleDefinition]:
    """The refresh calendar, stopped until somebody starts an entry."""
    entries = yaml.safe_load(CALENDAR.read_text(encoding="utf-8"))
    return [
        dg.ScheduleDefinition(
            name=name,
            job=refresh_job,
            cron_schedule=entry["cron"],
            run_config=IF_CHANGED,
            execution_timezone="Europe/Berlin",
            description=f"{entry['title']} ({', '.join(entry['sources'])}): {entry['content']}.",
            tags={"kettenwerk/calendar": name},
            default_status=dg.DefaultScheduleStatus.STOPPED,
        )
        for name, entry in entries.items()
    ]


@dg.sensor(job=refresh_job, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.STOPPED)
def survey_wave(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Refresh when a file in the inbox is new or has changed (name, size, time)."""
    inbox = Lineage.of(settings.load()).inbox
    listing = [
        f"{path.relative_to(inbox)}\t{path.stat().st_size}\t{path.stat().st_mtime_ns}"
        for path in sorted(inbox.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_"))
    ]
    state = hashlib.sha256("\n".join(listing).encode()).hexdigest()
    if not listing:
        yield dg.SkipReason(f"the inbox {inbox} is empty")
    elif state == context.cursor:
        yield dg.SkipReason(f"nothing new among {len(listing)} files in the inbox")
    else:
        context.update_cursor(state)
        yield dg.RunRequest(run_key=state)
