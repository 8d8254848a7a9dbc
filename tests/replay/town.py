"""All services at once, each on a server of its own, and the region that asks them for little.

Belongs here: one invented state of every source and where it is to be found. Does not belong here: any service.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.replay.ba import FILE, MAPPING, PATH, Ba
from tests.replay.ba import TABLE as BA_TABLE
from tests.replay.ba import table as ba_table
from tests.replay.comext import CLASSIFICATIONS, CN, Comext, month, text_list, with_lists
from tests.replay.comtrade import Comtrade
from tests.replay.ecb import Ecb
from tests.replay.eurostat import COMEXT, MAIN, Eurostat, prices
from tests.replay.files import Files, zipped
from tests.replay.genesis import Cell, Genesis, Table
from tests.replay.gleif import LEI_COLUMNS, Gleif, authority, golden, invented_lei, record
from tests.replay.gleif import zipped as packed_copy
from tests.replay.kobo import Kobo, asked_by, submission
from tests.replay.limesurvey import LimeSurvey, Survey
from tests.replay.server import ReplayServer, Service
from tests.replay.vies import Vies
from warehouse.region import Region

USER, PASSWORD, SURVEY_ID = "DEKETTE42", "sehr-geheim-für-niemanden", 432535
TABLE = "13111-01-03-4"
ALL = ("GES", "Geschlecht", "", "Insgesamt")
QUICK = {"limits": {"second": 1000}}
BACI = "BACI_HS17_V202601.zip"
GOLDEN_COPY = "20260515-0800-gleif-goldencopy-lei2-golden-copy.csv"
BA_FILE = {"partition": BA_TABLE, "file_name": FILE, "path": f"{PATH}?__blob=publicationFile&v=2"}
ASKED = {
    "ba": {"tables": {**QUICK, "is_enabled": True, "options": {"files": [BA_FILE]}}},
    "baci": {"release": QUICK},
    "comext": {"bulk": QUICK},
    "comtrade": {"api": QUICK},
    "ecb": {"rates": QUICK},
    "eurostat": {
        "main": {**QUICK, "options": {"datasets": [{"code": "nrg_pc_205", "format": "json", "since": 2023, "filters": {}}]}},
        "comext": {"is_enabled": False},
    },
    "genesis": {"regionalstatistik": {**QUICK, "options": {"recheck_window_days": 0, "tables": [{"table": TABLE}]}}},
    "gleif": {"records": QUICK, "authorities": QUICK, "golden_copy": QUICK},
    "kobo": {"api": QUICK},
    "limesurvey": {"remote": {**QUICK, "options": {"surveys": [{"wave_id": "2026", "survey_id": SURVEY_ID, "language": "de"}]}}},
    "trade_list": {"cn": QUICK, "area": QUICK, "cn_change": QUICK},
    "vies": {"check": {**QUICK, "is_enabled": True}},
}  # fmt: skip


@dataclass
class Town:
    """``environment`` points every endpoint to its server and carries invented credentials (``secrets``)."""

    servers: dict[str, ReplayServer]
    comext: Comext
    environment: dict[str, str]
    secrets: list[str]

    def asked(self) -> dict[str, list[str]]:
        """What each service was asked since the last call, as method and path."""
        seen = {name: [f"{r.method} {r.target}" for r in server.seen] for name, server in self.servers.items()}
        for server in self.servers.values():
            server.seen.clear()
        return seen


@contextmanager
def town(region: Region, folder: Path) -> Iterator[Town]:
    """Start every service; ``folder`` becomes a copy of the region that asks for little."""
    shutil.copytree(region.folder, folder)
    asked_by(region, folder)
    (folder / "sources.yml").write_text(yaml.safe_dump(ASKED), encoding="utf-8")
    (folder / "drops" / "ba").mkdir(parents=True)
    (folder / "drops" / "ba" / "gemband-dlk.mapping.yml").write_text(MAPPING, encoding="utf-8")
    services = _services(region)
    limesurvey, comext, kobo = services["limesurvey"], services["comext"], services["kobo"]
    assert isinstance(limesurvey, LimeSurvey) and isinstance(comext, Comext) and isinstance(kobo, Kobo)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(ReplayServer(service)) for name, service in services.items()}
        urls = {
            "BACI_RELEASE": servers["baci"].url,
            "COMTRADE_API": servers["comtrade"].url,
            "GLEIF_GOLDEN_COPY": servers["gleif"].url,
            "BA_TABLES": servers["ba"].url,
            "COMEXT_BULK": servers["comext"].url,
            "ECB_RATES": servers["ecb"].url,
            "EUROSTAT_MAIN": servers["eurostat"].url + MAIN,
            "EUROSTAT_COMEXT": servers["eurostat"].url + COMEXT,
            "GENESIS_REGIONALSTATISTIK": f"{servers['genesis'].url}/genesisws/rest/2020",
            "GLEIF_RECORDS": servers["gleif"].url,
            "GLEIF_AUTHORITIES": servers["gleif"].url,
            "KOBO_API": servers["kobo"].url,
            "LIMESURVEY_REMOTE": servers["limesurvey"].url,
            **{f"TRADE_LIST_{name}": servers["trade_list"].url for name in ("CN", "AREA", "CN_CHANGE")},
            "VIES_CHECK": servers["vies"].url,
        }
        credentials = {
            "COMTRADE_KEY": Comtrade.key,
            "GENESIS_REGIO_USER": USER,
            "GENESIS_REGIO_PASSWORD": PASSWORD,
            "KOBO_TOKEN": kobo.token,
            "LIMESURVEY_USER": limesurvey.user,
            "LIMESURVEY_PASSWORD": limesurvey.password,
        }
        environment = {
            **{f"KETTENWERK_URL_{name}": url for name, url in urls.items()},
            **{f"KETTENWERK_{name}": value for name, value in credentials.items()},
            "KETTENWERK_REGION": str(folder),
            "KETTENWERK_BACKOFF_SECONDS": "0.01",
        }
        yield Town(servers, comext, environment, list(credentials.values()))


def _off_by_default(postcodes: list[str]) -> tuple[Files, Comtrade, dict[str, bytes]]:
    """What is only asked for by name: BACI's release, Comtrade's years, GLEIF's golden copy; both files pack badly."""
    invented = random.Random(1)
    years = {f"BACI_HS17_Y{year}_V202601.csv": _baci(year, invented) for year in (2023, 2024)}
    files, comtrade = Files(), Comtrade()
    files.put(BACI, zipped(**years), "Tue, 20 Jan 2026 08:00:00 GMT")
    comtrade.publish(276, "2024", "2026-02-10T00:00:00")
    rows = [
        {"LEI": invented_lei(n), "Entity.LegalName": f"Probe {invented.randbytes(40).hex()}", "Entity.LegalAddress.PostalCode": postcodes[n % 9]}
        for n in range(1, 3000)
    ]  # fmt: skip
    return files, comtrade, {"lei2": packed_copy(GOLDEN_COPY, golden(LEI_COLUMNS, rows))}


def _baci(year: int, invented: random.Random) -> bytes:
    rows = [f"{year},276,842,{product},{invented.random()},{invented.random()}" for product in range(731800, 739000)]
    return "\n".join(["t,i,j,k,v,q", *rows, ""]).encode()


def _lists() -> Comext:
    """Comext's code lists, with every code that its months trade."""
    rows = [(f"7318{number:04d}", "01/01/2020", "31/12/2500", f"Screws, kind {number}") for number in range(9000)]
    lists = with_lists(Comext())
    lists.put(CLASSIFICATIONS, "CN.txt", CN + text_list(*rows), "2026-01-15T11:00:00")
    return lists


def _services(region: Region) -> dict[str, Service]:
    ba, comext, ecb, eurostat = Ba(), Comext(), Ecb(), Eurostat()
    ba.publish(PATH, ba_table(), "Tue, 14 Jan 2025 08:00:00 GMT")
    comext.publish("202401", month("202401"), "2024-03-15T11:00:00")
    comext.publish("202402", month("202402"), "2024-04-15T11:00:00")
    for year in range(2015, 2026):
        ecb.publish("A", "USD", str(year), "1.10")
    ecb.publish("M", "USD", "2024-01", "1.0905")
    eurostat.publish(prices())
    survey = Survey([row["source_column"] for row in region.rows("survey/codebook_2026.csv")])
    survey.answer(1, 2, 4)
    courts = sorted({row["court_name"] for row in region.courts})
    postcodes = sorted({row["postcode"] for row in region.postcodes})
    records = [record(number, postcodes[number]) for number in range(1, 9)]
    places = [("KREISE", kreis.ags, kreis.name) for kreis in region.kreise]
    cells = [
        Cell(f"{year}-06-30", place, str(1000 + 10 * number + year - 2000), (ALL,))
        for year in (2023, 2024)
        for number, place in enumerate([*places, ("DINSG", "DG", "Deutschland")])
    ]
    baci, comtrade, copies = _off_by_default(postcodes)
    return {
        "ba": ba,
        "baci": baci,
        "comext": comext,
        "comtrade": comtrade,
        "ecb": ecb,
        "eurostat": eurostat,
        "genesis": Genesis(accounts={USER: PASSWORD}, tables={TABLE: Table(cells)}),
        "gleif": Gleif(records, [authority(n, c) for n, c in enumerate(courts, 201)], copies=copies),
        "kobo": Kobo(submissions=[submission(n, **{"standort/PLZ": postcodes[n], "WZ": "25.50"}) for n in range(1, 6)]),
        "limesurvey": LimeSurvey({SURVEY_ID: survey}),
        "trade_list": _lists(),
        "vies": Vies(),
    }
