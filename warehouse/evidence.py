"""The end of a run: what came of it, kept as evidence, whatever happened.

Belongs here: closing a run. Does not belong here: showing it (the command).
"""

from __future__ import annotations

from warehouse.release import append_history, current_release, now
from warehouse.results import Evidence
from warehouse.run import Run


def finish(run: Run) -> None:
    """Write ``runs/<run id>.json`` and remove the run's working folder. A run that did nothing leaves nothing."""
    if not run.folder.exists():
        return
    lineage = run.lineage
    release_id = run.fact("release_id")
    present = current_release(lineage)
    published = present is not None and present.name == release_id
    results = run.results()
    problems = [r.message for r in results if r.blocks and r.message]
    Evidence(
        run_id=run.run_id,
        profile=lineage.profile,
        started_at=run.fact("started_at"),
        ended_at=now().isoformat(),
        outcome=_outcome(run, published, bool(problems)),
        release_id=release_id if published or (lineage.candidates / release_id).is_dir() else None,
        error=problems[0] if problems and not published else None,
        results=results,
    ).write(lineage)
    if problems and not published:
        append_history(lineage, "failed", None, run_id=run.run_id, reason=problems[0])
    run.end()


def _outcome(run: Run, published: bool, has_problems: bool) -> str:
    """``published``, ``failed``, ``unchanged`` (nothing to build), or ``partial`` (single assets)."""
    if published:
        return "published"
    if has_problems:
        return "failed"
    return "unchanged" if run.is_unchanged else "partial"
