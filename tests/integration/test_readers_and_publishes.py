"""Eight readers in a loop through twenty publishes see whole releases only."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quality.audit import audit
from tests.integration.conftest import ROOT, Works
from tests.integration.test_gate import TESTED
from warehouse.publish import publish, writer
from warehouse.region import Region
from warehouse.release import Manifest, new_release_id
from warehouse.retention import sweep_releases
from warehouse.seal import seal

READERS, PUBLISHES, LIMIT_SECONDS = 8, 20, 1600

READER = """
import json, sys, time, duckdb
from pathlib import Path
root, stop, out = map(Path, sys.argv[1:4])
seen, errors, torn, loops = [], [], 0, 0
deadline = time.monotonic() + float(sys.argv[4])
while not stop.exists() and time.monotonic() < deadline:
    try:
        with duckdb.connect(str((root / "current" / "analyst.duckdb").resolve()), read_only=True) as c:
            [(release, rows, own)] = c.execute(
                "SELECT (SELECT release_id FROM meta.release), (SELECT count(*) FROM marts.mart_product_space), "
                "(SELECT count(*) FROM marts.mart_dq_status WHERE run_id = (SELECT run_id FROM meta.release))").fetchall()
        if not rows or not own:
            torn += 1
        if not seen or seen[-1] != release:
            seen.append(release)
        loops += 1
    except Exception as error:
        errors.append(repr(error))
    time.sleep(0.1)  # eight readers that never rest would leave the publisher no processor
out.write_text(json.dumps({"seen": seen, "errors": errors, "torn": torn, "loops": loops}))
"""


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_readers_never_see_half_a_release(works: Works, build_file: Path, tmp_path: Path) -> None:
    lineage, region = works.lineage, Region.load("maerkische_region")
    stop = tmp_path / "stop"
    outputs = [tmp_path / f"reader{n}.json" for n in range(READERS)]
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(lineage.root), str(stop), str(out), str(LIMIT_SECONDS)], cwd=ROOT
        )
        for out in outputs
    ]
    published = []
    try:
        served = Manifest.read(lineage.current.resolve())
        for number in range(PUBLISHES):
            with writer(lineage):
                candidate = seal(
                    lineage, build_file, release_id=new_release_id(), run_id=f"run-{number}", region_code=served.region_code,
                    code_version=served.code_version, input_fingerprint="", is_synthetic=True,
                )  # fmt: skip
                audit(lineage, candidate, region, [TESTED])
                publish(lineage, candidate.name)
                sweep_releases(lineage, 2)
            published.append(candidate.name)
        time.sleep(3)
    finally:
        stop.touch()
        for reader in readers:
            reader.wait(60)
    for out in outputs:
        report = json.loads(out.read_text())
        assert report["errors"] == []
        assert report["torn"] == 0
        assert report["loops"] > PUBLISHES
        assert report["seen"] == sorted(report["seen"])
        assert report["seen"][-1] == published[-1], "after reconnecting a reader sees the new release"
        assert set(report["seen"]) <= {served.release_id, *published}
