"""Nothing but a candidate that passed its audit, byte for byte as audited, is ever served."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from quality.audit import audit
from tests.integration.conftest import Works
from warehouse.errors import RefusedError
from warehouse.region import Region
from warehouse.release import CERTIFICATE, MANIFEST, Manifest, new_release_id
from warehouse.results import ROWS_TESTED, Result
from warehouse.seal import seal

TESTED = Result(*ROWS_TESTED, "pass", "all_tests_ran")


def sealed(works: Works, build_file: Path) -> Path:
    """A candidate as the seal leaves it, not audited."""
    served = Manifest.read(works.lineage.current.resolve())
    return seal(
        works.lineage, build_file, release_id=new_release_id(), run_id="by-hand", region_code=served.region_code,
        code_version=served.code_version, input_fingerprint="", is_synthetic=True,
    )  # fmt: skip


def refused(works: Works, release_id: str, *words: str) -> None:
    before = works.served_bytes()
    done = works.call("publish", release_id)
    assert done.returncode == 1
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert works.served_bytes() == before


def test_an_audited_candidate_is_published(works: Works, build_file: Path) -> None:
    candidate = sealed(works, build_file)
    audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    done = works.call("publish", candidate.name, check=True)
    assert candidate.name in done.stdout
    assert works.lineage.current.resolve().name == candidate.name


def test_an_unaudited_candidate_is_refused(works: Works, build_file: Path) -> None:
    refused(works, sealed(works, build_file).name, "never audited", "refresh")


def test_a_failed_candidate_is_refused(works: Works, build_file: Path, tmp_path: Path) -> None:
    spoiled = tmp_path / "spoiled.duckdb"
    shutil.copyfile(build_file, spoiled)
    with duckdb.connect(str(spoiled)) as connection:
        connection.execute("UPDATE bi.bi_dependency SET company_count = 3 WHERE suppression_code = 'none'")
    candidate = sealed(works, spoiled)
    certificate, _ = audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    assert certificate.outcome == "failed"
    assert "BIX-001" in certificate.blocked_by
    refused(works, candidate.name, "audit failed", "BIX-001")


@pytest.mark.parametrize(
    "victim", ["bi.duckdb", "parquet/bi/marts/dim_region.parquet", MANIFEST, CERTIFICATE, "audit.json"]
)
def test_an_altered_candidate_is_refused(works: Works, build_file: Path, victim: str) -> None:
    candidate = sealed(works, build_file)
    audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    path = candidate / victim
    path.chmod(0o644)
    if victim == MANIFEST:
        path.write_text(path.read_text().replace('"is_synthetic": true', '"is_synthetic": false'))
    elif victim == CERTIFICATE:
        raw = json.loads(path.read_text())
        raw["certificate"]["rule_count"] += 1
        path.write_text(json.dumps(raw))
    else:
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(bytes(content))
    refused(
        works,
        candidate.name,
        "signature" if victim == CERTIFICATE else "not the one" if victim == MANIFEST else "altered",
    )


def test_a_forged_certificate_is_refused(works: Works, build_file: Path) -> None:
    """The certificate of a good release does not vouch for another candidate."""
    candidate = sealed(works, build_file)
    shutil.copyfile(works.lineage.current.resolve() / CERTIFICATE, candidate / CERTIFICATE)
    refused(works, candidate.name, "certificate is for")


def test_a_file_more_or_less_is_refused(works: Works, build_file: Path) -> None:
    candidate = sealed(works, build_file)
    audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    (candidate / "note.txt").write_text("added")
    refused(works, candidate.name, "note.txt was added")
    (candidate / "note.txt").unlink()
    os.remove(candidate / "bi.duckdb")
    refused(works, candidate.name, "bi.duckdb is missing")


def test_a_build_without_row_tests_is_refused(works: Works, build_file: Path) -> None:
    candidate = sealed(works, build_file)
    certificate, _ = audit(works.lineage, candidate, Region.load("maerkische_region"), [])
    assert certificate.outcome == "failed"
    refused(works, candidate.name, "audit failed", "MRT-001")


def test_a_link_in_a_candidate_is_refused(works: Works, build_file: Path, tmp_path: Path) -> None:
    candidate = sealed(works, build_file)
    audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    shutil.move(candidate / "bi.duckdb", tmp_path / "bi.duckdb")
    (candidate / "bi.duckdb").symlink_to(tmp_path / "bi.duckdb")
    refused(works, candidate.name, "bi.duckdb is a link")


def test_a_stranger_among_the_sealed_files_stops_the_audit(works: Works, build_file: Path) -> None:
    candidate = sealed(works, build_file)
    (candidate / "extra.csv").write_text("not sealed")
    with pytest.raises(RefusedError, match="was not sealed"):
        audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])


def test_a_release_before_a_withdrawal_never_comes_back(works: Works) -> None:
    first = works.lineage.current.resolve().name
    rows = _rows_of_survey(works)
    names = works.ask("SELECT company_name FROM marts.dim_company ORDER BY 1", "advisory")
    company = next(str(name) for (name,) in names if name in rows)
    events = works.lineage.inbox / "consent" / "consent_events.csv"
    events.write_text(
        events.read_text() + f"CE-9999,2026,{rows[company]},CONS_STORE,0,2026-01,2027-09-01 10:00:00,mail\n"
    )
    works.refresh()
    assert not works.ask(f"SELECT 1 FROM marts.dim_company WHERE company_name = '{company}'", "advisory")
    done = works.call("rollback")
    assert done.returncode == 1
    assert "no longer in force" in done.stderr
    refused(works, first, "no longer in force")


def _rows_of_survey(works: Works) -> dict[str, str]:
    """Company name to response id, from the delivery itself."""
    path = works.lineage.inbox / "limesurvey" / "results-survey-2026.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
    return {row["LNAME"]: row["id"] for row in rows}


def test_a_lost_key_is_not_replaced(works: Works) -> None:
    works.lineage.key_file.unlink()
    done = works.call("publish", works.lineage.current.resolve().name)
    assert done.returncode == 1
    assert "key of this profile is missing" in done.stderr
    assert not works.lineage.key_file.exists()


def test_an_unknown_name_is_refused(works: Works) -> None:
    refused(works, "20000101T000000Z-0000", "no candidate or release")
    refused(works, "../../etc", "no candidate or release")


def test_rollback_serves_the_release_before(works: Works) -> None:
    first = works.lineage.current.resolve().name
    works.refresh()
    second = works.lineage.current.resolve().name
    assert second != first
    works.call("rollback", check=True)
    assert works.lineage.current.resolve().name == first
    facts = json.loads(works.call("status", "--json", check=True).stdout)
    assert facts["served"]["release_id"] == first
    assert facts["served"]["run_id"]
    done = works.call("rollback")
    assert done.returncode == 1
    assert "no earlier release" in done.stderr
