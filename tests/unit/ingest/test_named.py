"""A file is what its name says: what the answer itself names is held against it, whatever way it came (LND-008)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ingest.delivery import deliveries
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.snapshot import land, landed
from tests.replay.comtrade import row as comtrade_row
from tests.replay.ecb import row as rate
from tests.replay.ecb import table as rates
from tests.replay.genesis import BOM, Cell, flat, packed
from tests.replay.gleif import LEI_COLUMNS, RR_COLUMNS, authority, golden, invented_lei, record, zipped
from warehouse import settings
from warehouse.paths import Lineage
from warehouse.region import Region

PLACE = ("KREISE", "01234", "Ort, Kreis")
GOOD = flat([Cell("2024", PLACE, "1")])
TABLE_CSV = (
    "GENESIS-Tabelle: 13111-07-05-4\n;\n;\n;\n;\nBeschäftigte;;;\nStichtag: 30.06.2019\n"
    ";;;Nationalität\n;;;Insgesamt\n;;;Geschlecht\n;;;Insgesamt\n01234;Ort;Insgesamt;5\n"
)
CUBE = (
    "K;DQ;FACH-SCHL;GHH-ART\nD;47414BJ002;;N\nK;DQA;NAME;RHF-BSR\nD;KREISE;1\nK;DQZ;NAME\nD;STAG\nK;DQI;NAME;ME-NAME\n"
    "D;ERW002;Anzahl\nK;QEI;FACH-SCHL;ZI-WERT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT\nD;01234;31.12.2024;12;;;0.0\n"
)
LEI = {
    "LEI": invented_lei(1), "Entity.LegalName": "Probe GmbH (erfunden)", "Entity.LegalAddress.Country": "DE",
    "Registration.LastUpdateDate": "2026-05-01T10:00:00Z",
}  # fmt: skip
LEI_FILE = "gleif/20260515-0800-gleif-goldencopy-lei2-golden-copy.csv.zip"
RR_FILE = LEI_FILE.replace("lei2", "rr")
COMEXT = "DE,US,E,73181500,69494,25.94,25.94,22,2.2,15,2,10,,{},100,,5,\n"
COMEXT_HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,PRODUCT_SECTION,"
    "FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
)


def member(name: str, text: str = GOOD) -> bytes:
    return packed(name, BOM + text.encode())


def trade(**more: object) -> bytes:
    rows = [comtrade_row(276, "2024", "X", 842, "73", 5.0, **more)]
    return json.dumps({"count": 1, "data": rows}).encode()


def page(*entries: Mapping[str, object]) -> bytes:
    return json.dumps({"data": list(entries)}).encode()


CASES: dict[str, tuple[str, str, bytes, bytes, str]] = {
    "GENESIS, another statistic": (
        "genesis", "genesis/13111-01-03-4_flat.csv", GOOD.encode(), GOOD.replace("13111;", "12411;").encode(),
        r"field 'statistics_code': the rows are of statistic 12411 .*table 13111-01-03-4, as the file's name says",
    ),
    "GENESIS, a code given to something else": (
        "genesis", "genesis/13111-01-03-4_flat.csv", GOOD.encode(), GOOD.replace(";Beschäftigte;", ";Hühnerhaltung;").encode(),
        r"field 'statistics_label': statistic 13111 calls itself 'Hühnerhaltung'.*a title like",
    ),
    "GENESIS, another table in the ZIP": (
        "genesis", "genesis/13111-01-03-4_flat.zip", member("13111-01-03-4_1773175029986_de_flat.csv"),
        member("13111-07-05-4_1773175029986_de_flat.csv"), r"the file in the ZIP is table 13111-07-05-4",
    ),
    "GENESIS, another table CSV": (
        "genesis", "genesis/13111-07-05-4_2019_table.csv", TABLE_CSV.encode("latin-1"),
        TABLE_CSV.replace("13111-07-05-4", "13111-11-04-4").encode("latin-1"), r"the first line names table 13111-11-04-4",
    ),
    "GENESIS, another cube": (
        "genesis", "genesis/47414BJ002_cube.csv", CUBE.encode(), CUBE.replace("BJ002", "BJ003").encode(), r"holds cube '47414BJ003'",
    ),
    "ECB, another series": (
        "ecb", "ecb/exr_annual.csv", rates(rate("USD", "2024", "1.08")), rates(rate("USD", "2024-01", "1.08", "M"), rate("USD", "2024-01-02", "1.07", "D")),
        r"field 'KEY', data row [12]: 'EXR\..\.USD\.EUR\.SP00\.A' does not fit its row.*as the file's name says",
    ),
    "Comext, another month": (
        "comext", "comext/full_v2_202401.dat", (COMEXT_HEADER + COMEXT.format("202401")).encode(),
        (COMEXT_HEADER + COMEXT.format("202402")).encode(), r"'202402' is not the period of this file",
    ),
    "Comtrade, services": (
        "comtrade", "comtrade/comtrade-C-A-HS-276-2024.json", trade(), trade(typeCode="S"), r"field 'typeCode', data row 1: the answer is of typeCode S",
    ),
    "Comtrade, another classification": (
        "comtrade", "comtrade/comtrade-C-A-HS-276-2024.json", trade(), trade(classificationCode="S4"), r"classificationCode S4",
    ),
    "Comtrade, another reporter": (
        "comtrade", "comtrade/comtrade-C-A-HS-276-2024.json", trade(), trade(reporterCode=40), r"reporterCode 40.*reporterCode 276",
    ),
    "Comtrade, another year": (
        "comtrade", "comtrade/comtrade-C-A-HS-276-2024.json", trade(), trade(refYear=2023), r"refYear 2023.*refYear 2024",
    ),
    "GLEIF, relationships as records": (
        "gleif", LEI_FILE, zipped("a.csv", golden(LEI_COLUMNS, [LEI])), zipped("a.csv", golden(RR_COLUMNS, [])), r"the header is that of the copy 'rr'",
    ),
    "GLEIF, a renamed column": (
        "gleif", LEI_FILE, zipped("a.csv", golden(LEI_COLUMNS, [LEI])),
        zipped("a.csv", golden(LEI_COLUMNS, [LEI]).replace(b"Entity.EntityStatus", b"Entity.State")), r"column 'Entity.EntityStatus' is missing",
    ),
    "GLEIF, another copy in the ZIP": (
        "gleif", LEI_FILE, zipped(Path(LEI_FILE).stem, golden(LEI_COLUMNS, [LEI])), zipped(Path(RR_FILE).stem, golden(LEI_COLUMNS, [LEI])),
        r"the ZIP holds the copy 'rr'",
    ),
    "GLEIF, authorities as records": (
        "gleif", "gleif/lei-records-page-0001.json", page(record(1, "99981")), page(authority(1, "Musterstadt") | {"type": "registration-authorities"}),
        r"field 'type', data row 1: the entry is one of 'registration-authorities'",
    ),
}  # fmt: skip


@pytest.fixture
def receive(lineage: Lineage, region: Region) -> Callable[[str, str, bytes], int]:
    """Drop a file and land every delivery of its source; gives how many snapshots there are."""

    def land_it(source_id: str, name: str, content: bytes) -> int:
        source = sources()[source_id]
        source = source.model_copy(
            update={"datasets": {k: d.model_copy(update={"min_rows": 0}) for k, d in source.datasets.items()}}
        )
        path = lineage.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        for delivery in deliveries(source, lineage, settings.load("sample")):
            land(delivery, lineage, region, True)
        return len(list(landed(lineage, source_id)))

    return land_it


@pytest.mark.parametrize("case", CASES)
def test_what_the_answer_names_is_what_was_due(receive: Callable[[str, str, bytes], int], case: str) -> None:
    """The right file lands; the same file that names something else is refused, and nothing of it is stored."""
    source_id, name, right, wrong, said = CASES[case]
    with pytest.raises(DeliveryError, match=said) as caught:
        receive(source_id, name, wrong)
    assert caught.value.rule_id == "LND-008"
    assert receive(source_id, name, right) == 1


def test_an_unknown_name_is_not_held_against_the_file(receive: Callable[[str, str, bytes], int]) -> None:
    """A series the contract does not list, and a table of indicators that belongs to no statistic, land as they are."""
    assert receive("ecb", "ecb/exr_own.csv", rates(rate("USD", "2024-01-02", "1.07", "D"))) == 1
    assert (
        receive("genesis", "genesis/AI-N-01-2-5_flat.csv", GOOD.replace("13111;Beschäftigte", "99910;Atlas").encode())
        == 1
    )
