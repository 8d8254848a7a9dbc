"""Which releases are kept: the served one, the newest few, and any replaced a moment ago.

Belongs here: removing releases. Does not belong here: erasing a company from kept releases (privacy).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from warehouse.paths import Lineage, remove_tree
from warehouse.privacy import disclosure_memory
from warehouse.privacy.consent import forget_state
from warehouse.release import append_history, current_release, now, read_history

# A reader resolves the pointer and then opens the file: a release replaced a moment ago may still be about to be opened.
GRACE = timedelta(minutes=15)


def sweep_releases(lineage: Lineage, keep: int) -> list[str]:
    """Remove releases beyond ``keep``; the served one and those served within the last minutes always stay."""
    present = current_release(lineage)
    folders = sorted((p for p in lineage.releases.glob("*") if p.is_dir() and not p.name.startswith(".")), reverse=True)
    recent = {
        event["release_id"]
        for event, following in zip(read_history(lineage), [*read_history(lineage)[1:], None], strict=False)
        if following is not None and now() - datetime.fromisoformat(following["at"]) < GRACE
    }
    removed = []
    for folder in folders[keep:]:
        if (present is not None and folder.name == present.name) or folder.name in recent:
            continue
        remove_tree(folder)
        forget_state(lineage, folder.name)
        disclosure_memory.forget(lineage, folder.name)
        append_history(lineage, "removed", folder.name, reason=f"retention keeps {keep} releases")
        removed.append(folder.name)
    return removed
