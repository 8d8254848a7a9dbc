"""The gate: prove a candidate, move one pointer, write history. Nothing else in the works can publish.

Belongs here: publish, rollback, recovery after a kill. Does not belong here: deciding whether the data is good; that
is the certificate's word (``certificate``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.builder import end_builder
from warehouse.certificate import prove
from warehouse.errors import BusyError, RefusedError
from warehouse.paths import Lineage, remove_tree, sync_folder
from warehouse.privacy.consent import withdrawn_since
from warehouse.privacy.disclosure_memory import read
from warehouse.release import SERVING_EVENTS, Manifest, append_history, current_release, read_history, served_by_history
from warehouse.steps import step

KEPT_CANDIDATES = 3


@contextmanager
def writer(lineage: Lineage, wait_seconds: float = 0) -> Iterator[None]:
    """The writer's place of a profile; the operating system frees it when a process dies."""
    lineage.prepare()
    lock = FileLock(lineage.lock)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise BusyError(
            "another refresh, publish or rollback of this profile is running",
            where=f"profile {lineage.profile}",
            todo="wait until it ends, then call again; readers are not affected",
        ) from None
    try:
        yield
    finally:
        lock.release()


def publish(lineage: Lineage, release_id: str, reason: str = "refresh") -> Manifest:
    """Serve a candidate or a kept release.

    Raises:
        RefusedError: unknown, unaudited, failed or altered; what is served did not change.
    """
    candidate, kept = lineage.candidates / release_id, lineage.releases / release_id
    folder = candidate if candidate.is_dir() else kept
    if release_id.startswith(".") or "/" in release_id or not folder.is_dir():
        raise RefusedError(
            "there is no candidate or release of this name", where=release_id or "(empty)",
            expected="a release id as 'kettenwerk releases' lists them",
        )  # fmt: skip
    try:
        manifest = prove(lineage, folder)
        _refuse_withdrawn(lineage, release_id)
        if folder == candidate:
            _refuse_unlike(lineage, release_id)
    except RefusedError as refusal:
        append_history(lineage, "refused", release_id, reason=refusal.problem)
        raise
    step("gallery", "proved", f"certificate and bytes of {release_id} agree")
    if folder == candidate:
        os.rename(candidate, kept)
        sync_folder(lineage.releases)
        step("gallery", "moved", f"candidate {release_id} is a release")
    point(lineage, release_id)
    step("gallery", "pointed", f"current -> {release_id}")
    append_history(lineage, "published", release_id, run_id=manifest.run_id, reason=reason)
    step("gallery", "published", f"{release_id} is served", release_id=release_id)
    return manifest


def rollback(lineage: Lineage, reason: str = "rollback") -> Manifest:
    """Serve the release that was served before the present one.

    Raises:
        RefusedError: there is none, it is no longer kept, or it was altered.
    """
    present = current_release(lineage)
    earlier = previous_release(lineage)
    if present is None or earlier is None:
        raise RefusedError(
            "there is no earlier release to go back to",
            where=f"profile {lineage.profile}",
            expected="at least two kept releases",
            todo="see 'kettenwerk releases'",
        )
    manifest = prove(lineage, lineage.releases / earlier)
    _refuse_withdrawn(lineage, earlier)
    point(lineage, earlier)
    append_history(lineage, "rolled_back", earlier, replaced=present.name, run_id=manifest.run_id, reason=reason)
    step("gallery", "rolled_back", f"{earlier} is served again instead of {present.name}")
    return manifest


def previous_release(lineage: Lineage) -> str | None:
    """The newest kept release that is older than the served one and was served before."""
    present = current_release(lineage)
    if present is None:
        return None
    served = {e["release_id"] for e in read_history(lineage) if e["event"] in SERVING_EVENTS}
    older = [r for r in served if r < present.name and (lineage.releases / r).is_dir()]
    return max(older, default=None)


def _refuse_withdrawn(lineage: Lineage, release_id: str) -> None:
    """A release built on consents that were withdrawn since is never served again."""
    count = withdrawn_since(lineage, release_id)
    if count:
        raise RefusedError(
            f"{count} consents that this release was built on are no longer in force",
            where=release_id,
            expected="a release made after the withdrawals",
            todo="call 'kettenwerk refresh'; the new release respects them",
        )


def _refuse_unlike(lineage: Lineage, release_id: str) -> None:
    """What was never served is served only after the release that its survey figures were compared with."""
    memory, served = read(lineage, release_id), current_release(lineage)
    if memory is not None and memory.beside != (served.name if served else ""):
        raise RefusedError(
            "another release is served than the one this candidate was compared with",
            where=release_id,
            expected=f"a candidate made beside {served.name if served else 'no release'}",
            todo="call 'kettenwerk refresh'; the difference of two releases must not tell of a single company",
        )


def point(lineage: Lineage, release_id: str) -> None:
    """Move the pointer in one step: readers see the old release or the new one, never neither."""
    if lineage.current.exists() and not lineage.current.is_symlink():
        raise RefusedError(
            "'current' is a folder of its own", where=str(lineage.current), expected="the link that kettenwerk moves",
            todo="move it away and publish again",
        )  # fmt: skip
    fresh = lineage.root / ".current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path("releases") / release_id)
    os.replace(fresh, lineage.current)
    sync_folder(lineage.root)


def recover(lineage: Lineage) -> list[str]:
    """Clear what a killed run left: half-made candidates, stale builds, a pointer move without its history line.

    Returns what was done, for the user to read.
    """
    done = []
    for partial in lineage.candidates.glob("*.partial"):
        remove_tree(partial)
        done.append(f"half-made candidate {partial.stem} removed")
    (lineage.root / ".current.new").unlink(missing_ok=True)
    for build in lineage.build.glob("run-*"):
        end_builder(build)
        remove_tree(build)
        done.append(f"build {build.name} of an interrupted run removed")
    present = current_release(lineage)
    if present is not None and served_by_history(lineage) != present.name:
        append_history(lineage, "recovered", present.name, reason="the pointer had moved when the run was killed")
        done.append(f"history completed: {present.name} is served")
    candidates = sorted(p for p in lineage.candidates.glob("*") if p.is_dir())
    for stale in candidates[:-KEPT_CANDIDATES]:
        remove_tree(stale)
        done.append(f"old candidate {stale.name} removed")
    return done
