"""Profile live from end to end: sources are asked, a release is published, and the next refresh costs only looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.connectors.test_genesis import TABLE, cells
from tests.integration.conftest import Works
from tests.replay.comext import Comext, month
from tests.replay.ecb import Ecb
from tests.replay.eurostat import COMEXT, MAIN, Eurostat, prices
from tests.replay.genesis import Genesis, Table
from tests.replay.gleif import Gleif, authority, record
from tests.replay.limesurvey import LimeSurvey, Survey
from tests.replay.server import ReplayServer, Service
from warehouse.paths import remove_tree
from warehouse.region import Region

USER, PASSWORD, SURVEY_ID = "DEKETTE42", "sehr-geheim-für-niemanden", 432535
QUICK = {"limits": {"second": 1000}}
ASKED = {
    "comext": {"bulk": QUICK},
    "ecb": {"rates": QUICK},
    "eurostat": {
        "main": {**QUICK, "options": {"datasets": [{"code": "nrg_pc_205", "format": "json", "since": 2023, "filters": {}}]}},
        "comext": {"is_enabled": False},
    },
    "genesis": {"regionalstatistik": {**QUICK, "options": {"recheck_window_days": 0, "tables": [{"table": TABLE}]}}},
    "gleif": {"records": QUICK, "authorities": QUICK},
    "limesurvey": {"remote": {**QUICK, "options": {"surveys": [{"wave_id": "2026", "survey_id": SURVEY_ID, "language": "de"}]}}},
}  # fmt: skip


@dataclass
class Town:
    """Every service on a server of its own, and a live home that asks them."""

    works: Works
    servers: dict[str, ReplayServer]
    comext: Comext

    def asked(self) -> dict[str, list[str]]:
        """What each service was asked since the last call, as method and path."""
        seen = {name: [f"{r.method} {r.target}" for r in server.seen] for name, server in self.servers.items()}
        for server in self.servers.values():
            server.seen.clear()
        return seen

    def lake(self) -> dict[str, int]:
        """Every data file of the lake with the moment it was written."""
        own = {"meta", "region", "vault", "dq"}  # the works' own tables describe the run
        return {
            str(p): p.stat().st_mtime_ns
            for p in self.works.lineage.lake.glob("*/*/*.parquet")
            if p.parts[-3] not in own
        }


@pytest.fixture
def town(published: Works, tmp_path: Path, region: Region) -> Iterator[Town]:
    folder = tmp_path / "region"
    shutil.copytree(region.folder, folder)
    (folder / "sources.yml").write_text(yaml.safe_dump(ASKED), encoding="utf-8")
    comext = Comext()
    comext.publish("202401", month("202401"), "2024-03-15T11:00:00")
    comext.publish("202402", month("202402"), "2024-04-15T11:00:00")
    ecb = Ecb()
    for year in range(2015, 2026):
        ecb.publish("A", "USD", str(year), "1.10")
    ecb.publish("M", "USD", "2024-01", "1.0905")
    eurostat = Eurostat()
    eurostat.publish(prices())
    survey = Survey([row["source_column"] for row in region.rows("survey/codebook_2026.csv")])
    survey.answer(1, 2, 4)
    limesurvey = LimeSurvey({SURVEY_ID: survey})
    courts = sorted({row["court_name"] for row in region.courts})
    postcodes = sorted({row["postcode"] for row in region.postcodes})
    gleif = Gleif(
        [record(number, postcodes[number]) for number in range(1, 9)],
        [authority(n, c) for n, c in enumerate(courts, 201)],
    )
    genesis = Genesis(accounts={USER: PASSWORD}, tables={TABLE: Table(cells())})
    services: dict[str, Service] = {"comext": comext, "ecb": ecb, "eurostat": eurostat, "genesis": genesis, "gleif": gleif, "limesurvey": limesurvey}  # fmt: skip
    with ExitStack() as stack:
        servers = {name: stack.enter_context(ReplayServer(service)) for name, service in services.items()}
        urls = {
            "COMEXT_BULK": servers["comext"].url,
            "ECB_RATES": servers["ecb"].url,
            "EUROSTAT_MAIN": servers["eurostat"].url + MAIN,
            "EUROSTAT_COMEXT": servers["eurostat"].url + COMEXT,
            "GENESIS_REGIONALSTATISTIK": f"{servers['genesis'].url}/genesisws/rest/2020",
            "GLEIF_RECORDS": servers["gleif"].url,
            "GLEIF_AUTHORITIES": servers["gleif"].url,
            "LIMESURVEY_REMOTE": servers["limesurvey"].url,
        }
        home = tmp_path / "home"
        home.mkdir()
        works = Works(
            home,
            "live",
            (
                *((f"KETTENWERK_URL_{name}", url) for name, url in urls.items()),
                ("KETTENWERK_REGION", str(folder)),
                ("KETTENWERK_BACKOFF_SECONDS", "0.01"),
                ("KETTENWERK_GENESIS_REGIO_USER", USER),
                ("KETTENWERK_GENESIS_REGIO_PASSWORD", PASSWORD),
                ("KETTENWERK_LIMESURVEY_USER", limesurvey.user),
                ("KETTENWERK_LIMESURVEY_PASSWORD", limesurvey.password),
            ),
        )
        works.lineage.prepare()
        # Lists of the nomenclature are dropped by hand, in live as elsewhere.
        shutil.copytree(published.lineage.inbox / "hs", works.lineage.inbox / "hs")
        yield Town(works, servers, comext)
        remove_tree(home)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_live_from_end_to_end(town: Town) -> None:
    works = town.works
    works.refresh()
    first = works.served_bytes()["current"]
    assert works.ask("SELECT count(*) FROM marts.fct_trade_flow WHERE source_id = 'comext'") != [(0,)]
    assert all("file=" in t or "dir=" in t for t in town.asked()["comext"])

    _nothing_new_costs_only_looks(town, first)
    _one_revised_month_touches_only_itself(town, first)
    _no_secret_is_anywhere(town)


def _nothing_new_costs_only_looks(town: Town, first: str) -> None:
    before = town.lake()
    said = town.works.refresh().stdout
    assert said.startswith("Nothing new:")
    assert town.works.served_bytes()["current"] == first
    assert town.lake() == before
    asked = town.asked()
    assert len(asked["comext"]) == 1 and "dir=" in asked["comext"][0]
    assert not [t for t in asked["genesis"] if "tablefile" in t or "resultfile" in t]
    assert len(asked["gleif"]) == 2, "one look for the records' publication and one for the authorities"


def _one_revised_month_touches_only_itself(town: Town, first: str) -> None:
    before = town.lake()
    town.comext.publish("202401", month("202401", value=66), "2024-05-15T11:00:00")
    town.works.refresh()
    assert town.works.served_bytes()["current"] != first
    after = town.lake()
    assert {path: after[path] for path in before} == before, "no file of another slice or vintage was written again"
    [new] = set(after) - set(before)
    assert "/comext/flow/" in new
    assert len([t for t in town.asked()["comext"] if "file=" in t]) == 1
    vintages = town.works.call("vintages", "comext", "--profile", "live", "--format", "csv", check=True).stdout
    assert "202401,2024-05-15T11:00:00" in vintages
    was = "SELECT count(DISTINCT vintage_id) FROM marts.fct_trade_flow WHERE source_id = 'comext' AND period_start = DATE '2024-01-01'"
    assert town.works.ask(was) == [(2,)], "both vintages answer"


def _no_secret_is_anywhere(town: Town) -> None:
    secrets = [value for name, value in town.works.extra if name.endswith(("_USER", "_PASSWORD"))]
    assert len(secrets) == 4
    found = [
        (secret, str(path.relative_to(town.works.home)))
        for path in town.works.home.rglob("*")
        if path.is_file() and not path.is_symlink()
        for secret in secrets
        if secret.encode() in path.read_bytes()
    ]
    assert found == []
