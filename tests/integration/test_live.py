"""Profile live from end to end: sources are asked, a release is published, and the next refresh costs only looks."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.conftest import Works
from tests.replay.comext import month
from tests.replay.town import Town, town
from warehouse.paths import remove_tree
from warehouse.region import Region

# The works' own tables in the lake; they describe the run.
OWN = {"meta", "region", "identity", "dq", "disclosure"}


@pytest.fixture
def services(region: Region, tmp_path: Path) -> Iterator[Town]:
    with town(region, tmp_path / "region") as made:
        yield made


@pytest.fixture
def works(published: Works, services: Town, tmp_path: Path) -> Iterator[Works]:
    home = tmp_path / "home"
    home.mkdir()
    made = Works(home, "live", tuple(services.environment.items()))
    made.lineage.prepare()
    # The list of the nomenclature is dropped by hand, in live as elsewhere.
    shutil.copytree(published.lineage.inbox / "hs", made.lineage.inbox / "hs")
    yield made
    remove_tree(home)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_live_from_end_to_end(works: Works, services: Town) -> None:
    works.call("fetch", "comtrade", "--endpoint", "api", "--profile", "live", check=True)
    works.refresh()
    _every_service_was_asked_with_its_secret(services)
    first = works.served_bytes()["current"]
    assert works.ask("SELECT count(*) FROM marts.fct_trade_flow WHERE source_id = 'comext'") != [(0,)]
    assert len([t for t in services.asked()["comext"] if "file=" in t]) == 2
    _nothing_new_costs_only_looks(works, services, first)
    _one_revised_month_touches_only_itself(works, services, first)
    _no_secret_is_anywhere(works, services)


def _lake(works: Works) -> dict[str, int]:
    """Every data file of the lake with the moment it was written."""
    files = works.lineage.lake.glob("*/*/*.parquet")
    return {str(path): path.stat().st_mtime_ns for path in files if path.parts[-3] not in OWN}


def _every_service_was_asked_with_its_secret(services: Town) -> None:
    """A secret that no service received would be found nowhere, whatever the works did with it."""
    seen = [request for server in services.servers.values() for request in server.seen]
    sent = b"".join(f"{r.target} {r.headers} ".encode("latin-1", "replace") + r.body for r in seen)
    assert [secret for secret in services.secrets if not any(form in sent for form in _forms(secret))] == []


def _forms(secret: str) -> set[bytes]:
    """How a secret may be written: as it is in either encoding, and as JSON, Base64 or an address has it."""
    plain = secret.encode()
    return {plain, secret.encode("latin-1"), json.dumps(secret)[1:-1].encode(), quote(secret).encode(), base64.b64encode(plain)}  # fmt: skip


def _nothing_new_costs_only_looks(works: Works, services: Town, first: str) -> None:
    before = _lake(works)
    assert works.refresh().stdout.startswith("Nothing new:")
    assert works.served_bytes()["current"] == first
    assert _lake(works) == before
    asked = services.asked()
    assert len(asked["comext"]) == 1 and "dir=" in asked["comext"][0]
    assert not [t for t in asked["genesis"] if "tablefile" in t or "resultfile" in t]
    assert len(asked["gleif"]) == 2, "one look for the records' publication and one for the authorities"


def _one_revised_month_touches_only_itself(works: Works, services: Town, first: str) -> None:
    before = _lake(works)
    services.comext.publish("202401", month("202401", value=66), "2024-05-15T11:00:00")
    works.refresh()
    assert works.served_bytes()["current"] != first
    after = _lake(works)
    assert {path: after[path] for path in before} == before, "no file of another slice or vintage was written again"
    [new] = set(after) - set(before)
    assert "/comext/flow/" in new
    assert len([t for t in services.asked()["comext"] if "file=" in t]) == 1
    listed = works.call("vintages", "comext", "--profile", "live", "--format", "csv", check=True).stdout
    assert "202401,2024-05-15T11:00:00" in listed
    vintages = """SELECT count(DISTINCT vintage_id) FROM marts.fct_trade_flow
                  WHERE source_id = 'comext' AND period_start = DATE '2024-01-01'"""
    assert works.ask(vintages) == [(2,)], "both vintages answer"


def _no_secret_is_anywhere(works: Works, services: Town) -> None:
    files = [path for path in works.home.rglob("*") if path.is_file() and not path.is_symlink()]
    forms = {form: secret for secret in services.secrets for form in _forms(secret)}
    found = [(forms[form], str(path)) for path in files for form in forms if form in path.read_bytes()]
    assert len(services.secrets) == 6 and len(files) > 100
    assert found == []
