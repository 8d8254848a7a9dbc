"""Whether there is anything to build: the served release against what lies in the lake now.

Belongs here: that one question. Does not belong here: asking sources (``ingest.fetching.fetch``) or skipping steps (the works).
"""

from __future__ import annotations

from warehouse.lake import read_system_table
from warehouse.paths import Lineage
from warehouse.privacy.consent import withdrawn_since
from warehouse.region import Region
from warehouse.release import Manifest, current_release
from warehouse.run import input_fingerprint


def served_as_it_is(lineage: Lineage, region: Region) -> str | None:
    """Id of the served release when a build would start from the same snapshots, region folder and code; else None.

    A consent withdrawn since then is news, whatever the deliveries say: the vault remembers it, the snapshots may not.
    """
    served = current_release(lineage)
    if served is None or withdrawn_since(lineage, served.name):
        return None
    present = input_fingerprint(read_system_table(lineage.lake, "meta", "snapshot"), region)
    return served.name if Manifest.read(served).input_fingerprint == present else None
