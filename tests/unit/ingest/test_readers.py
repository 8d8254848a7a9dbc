"""Readers and checks of the dock: what is refused, and with which words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from ingest.contract import Source
from ingest.delivery import Delivery, look
from ingest.errors import DeliveryError
from ingest.registry import sources
from ingest.snapshot import land, landed, sweep
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.steps import Step, listening

BACI = "t,i,j,k,v,q\n2024,276,250,732020,12.5,3.25\n2024,276,380,732020,7,         NA\n"


def delivery(source: Source, dataset: str, path: Path, content: bytes | str, partition: str = "p") -> Delivery:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Delivery(source, dataset, path, partition, None, "inbox")


@pytest.fixture
def take(lineage: Lineage, region: Region, tmp_path: Path):
    """Land bytes under a name and give the lake table."""

    def land_it(
        source_id: str, dataset: str, name: str, content: bytes | str, table: str, partition: str = "p"
    ) -> pl.DataFrame:
        source = sources()[source_id]
        sweep(lineage, source)
        land(delivery(source, dataset, tmp_path / name, content, partition), lineage, region, True)
        return pl.read_parquet(lineage.lake / source_id / table / "*.parquet")

    return land_it


def test_numbers_keep_their_zeros_and_padding_is_no_value(take) -> None:
    frame = take("baci", "flow", "BACI_HS17_Y2024_V1.csv", BACI.replace("732020", "040120"), "flow")
    assert frame["product_code"].to_list() == ["040120", "040120"]
    assert frame["mass_t"].to_list() == [3.25, None]
    assert frame["source_row"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("12.5", "-1"), ["'v'", "data row 1", "at least 0", "-1"]),
        (("12.5", "viel"), ["'v'", "data row 1", "'viel'", "float"]),
        (("732020,12.5", "73202,12.5"), ["'k'", "data row 1", "'73202'"]),
        (("250,", ","), ["'j'", "data row 1", "required value is missing"]),
        (("380,", "250,"), ["occurs more than once"]),
        (("t,i,j,k,v,q", "t,i,j,k,v,menge"), ["unknown column 'menge'", "t, i, j, k, v, q"]),
        (("t,i,j,k,v,q", "t,i,j,k,v"), ["cannot be split into columns"]),
        (("12.5", "inf"), ["finite"]),
    ],
)
def test_a_broken_rule_names_field_row_and_expectation(
    take, lineage: Lineage, change: tuple[str, str], words: list[str]
) -> None:
    with pytest.raises(DeliveryError) as caught:
        take("baci", "flow", "BACI_HS17_Y2024_V1.csv", BACI.replace(*change), "flow")
    for word in ["baci", "BACI_HS17_Y2024_V1.csv", "Expected", "What to do", *words]:
        assert word in caught.value.message
    assert not list(landed(lineage, "baci"))
    assert not [p for p in (lineage.lake / "baci").rglob("*.parquet") if p.stem != "_schema"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf  \n", "empty"),
        ("a.csv", b"<!DOCTYPE html><html>", "HTML"),
        ("a.zip", b'{"Status":{"Code":-1}}', "JSON message"),
    ],
)
def test_the_first_look(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(DeliveryError, match=words):
        look(delivery(sources()["baci"], "flow", tmp_path / name, content))


def test_bytes_in_another_encoding_are_refused(take) -> None:
    text = "code,description\n732020,Federn für Möbel\n".encode("latin-1")
    with pytest.raises(DeliveryError, match="not utf-8-sig") as caught:
        take("baci", "product", "product_codes_HS17_V1.csv", text, "product")
    assert caught.value.rule_id == "LND-003"


def test_double_encoding_is_refused(take) -> None:
    with pytest.raises(DeliveryError, match="encoded twice"):
        take("baci", "product", "product_codes_HS17_V1.csv", "code,description\n732020,MÃ¤rkische Federn\n", "product")


FLAT = (
    "\ufeffstatistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;2_variable_code;2_variable_label;2_variable_attribute_code;"
    "2_variable_attribute_label;3_variable_code;3_variable_label;3_variable_attribute_code;3_variable_attribute_label;"
    "value;value_unit;value_variable_code;value_variable_label\n"
)


def cell(wz: str, sex: str, value: str) -> str:
    return (
        f"13111;Beschäftigte;STAG;Stichtag;2024-06-30;KREISE;Kreise;01234;Ort;WZ08X;WZ;{wz};x;GES;Geschlecht;{sex};y;"
        f"{value};Anzahl;ERW032;Beschäftigte\n"
    )


def test_signs_stay_apart_from_numbers(take) -> None:
    rows = [
        ("WZ08-C", "", "12,5"),
        ("WZ08-255", "GESM", "."),
        ("WZ08-B-F", "GESW", "-"),
        ("", "", "0"),
        ("WZ08-24", "", "..."),
    ]
    content = FLAT + "".join(cell(*row) for row in rows)
    frame = take("genesis", "flat", "13111-07-05-4_flat.csv", content, "cell", "13111-07-05-4")
    assert frame["value"].to_list() == [12.5, None, None, 0.0, None]
    assert frame["symbol"].to_list() == [None, ".", "-", "0", "..."]
    assert frame["wz_raw_code"].to_list() == ["C", "25.5", "B-F", "TOTAL", "24"]
    assert frame["characteristic_code"].to_list() == ["TOTAL", "sex=male", "sex=female", "TOTAL", "TOTAL"]
    assert set(frame["region_raw_code"]) == {"01234"}


def test_a_cell_that_is_neither_number_nor_sign_is_refused(take) -> None:
    with pytest.raises(DeliveryError, match="neither a number nor a statistical sign") as caught:
        take("genesis", "flat", "13111-07-05-4_flat.csv", FLAT + cell("WZ08-C", "", "k.A."), "cell", "13111-07-05-4")
    assert caught.value.rule_id == "STA-003"


def test_a_truncated_zip_is_refused(take) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.csv", FLAT + cell("WZ08-C", "", "1"))
    with pytest.raises(DeliveryError, match="damaged or cut off"):
        take("genesis", "flat", "13111_flat.zip", whole.getvalue()[:-30], "cell", "13111")


# In a ZIP's local header and its directory: the bit that says a password is needed, and the way it is packed.
@pytest.mark.parametrize(("local", "listed", "value", "said"), [(6, 8, 1, "encrypted"), (8, 10, 9, "compression")])
def test_a_zip_nobody_here_can_open_is_refused(take, local: int, listed: int, value: int, said: str) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("13111_flat.csv", "x")
    raw = bytearray(whole.getvalue())
    raw[local] = raw[raw.index(b"PK\x01\x02") + listed] = value
    with pytest.raises(DeliveryError, match=f"damaged or cut off.*{said}") as refused:
        take("genesis", "flat", "13111_flat.zip", bytes(raw), "cell", "13111")
    assert refused.value.rule_id == "LND-002"


def test_the_same_bytes_are_one_snapshot(lineage: Lineage, region: Region, tmp_path: Path) -> None:
    source = sources()["baci"]
    sweep(lineage, source)
    first = delivery(source, "flow", tmp_path / "BACI_HS17_Y2024_V1.csv", BACI)
    assert land(first, lineage, region, True) is not None
    again = delivery(source, "flow", tmp_path / "BACI_HS17_Y2024_V2.csv", BACI)
    assert land(again, lineage, region, True) is None
    [sidecar] = landed(lineage, "baci")
    stored = lineage.raw / "baci" / sidecar.snapshot_id / "BACI_HS17_Y2024_V1.csv"
    assert stored.read_bytes() == BACI.encode()
    assert (sidecar.sha256, sidecar.row_count, sidecar.is_synthetic) == (first.sha256, 2, True)


@pytest.mark.parametrize("boundary", ["checked", "stored", "written"])
def test_an_interrupted_landing_leaves_nothing(lineage: Lineage, region: Region, tmp_path: Path, boundary: str) -> None:
    source = sources()["baci"]
    sweep(lineage, source)

    def stop(step: Step) -> None:
        if step.name == boundary:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), listening(stop):
        land(delivery(source, "flow", tmp_path / "BACI_HS17_Y2024_V1.csv", BACI), lineage, region, True)
    assert not list(landed(lineage, "baci"))
    sweep(lineage, source)
    assert not [p for p in (lineage.lake / "baci").rglob("*.parquet") if p.stem != "_schema"]
    assert not list((lineage.raw / "baci").glob("*"))


def test_a_confidential_delivery_is_nowhere_in_plain(lineage: Lineage, region: Region, tmp_path: Path) -> None:
    source = sources()["consent"]
    sweep(lineage, source)
    secret = "E-1,2026,17,CONS_STORE,0,2026-01,2026-05-02 10:00:00,unverwechselbares-wort\n"
    content = "event_id,wave_id,response_id,purpose_code,is_granted,text_version,occurred_at,channel\n" + secret
    sidecar = land(delivery(source, "event", tmp_path / "consent_events.csv", content), lineage, region, True)
    assert sidecar is not None
    for path in [p for p in lineage.root.rglob("*") if p.is_file() and "lake" not in p.parts]:
        assert b"unverwechselbares-wort" not in path.read_bytes(), path
    from warehouse.privacy.vault import Vault

    assert Vault(lineage).read_delivery(sidecar.snapshot_id) == content.encode()
