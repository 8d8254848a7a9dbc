"""A region folder: found by name or path, laid over the default, refused with a clear word."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.errors import SettingsError
from warehouse.region import Region


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "region.yml").write_text(text, encoding="utf-8")
    return folder


MINIMAL = """\
region_code: probe
label_de: Probe
state: {ags: "99", region_code: DE-XX, name: Probeland}
kreise: [{ags: "99001", name: Probestadt, kind: city}]
"""


def test_a_minimal_folder_is_enough(tmp_path: Path) -> None:
    region = Region.load(str(write(tmp_path / "probe", MINIMAL)))
    assert [k.ags for k in region.kreise] == ["99001"]
    assert region.municipalities == []
    assert region.groups == [{"code": "probe", "label_de": "Probe", "kreise": ["99001"]}]
    assert region.privacy["k"] >= 3
    assert "MRT-002" in region.gates("sample")


def test_a_file_in_the_region_wins_over_the_default(tmp_path: Path) -> None:
    folder = write(tmp_path / "probe", MINIMAL)
    (folder / "privacy.yml").write_text("k: 11\n")
    assert Region.load(str(folder)).privacy["k"] == 11


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MINIMAL.replace("label_de: Probe\n", ""), "'label_de' is missing"),
        (MINIMAL.replace('"99001"', '"9901"'), "five digits"),
    ],
)
def test_a_faulty_folder_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Region.load(str(write(tmp_path / "probe", text)))


def test_an_unknown_region_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="maerkische_region"):
        Region.load("nirgendwo")


def test_a_profiles_limits_lie_over_the_general_ones(region: Region) -> None:
    general, sample = (
        region.gates("live")["MRT-002"]["limits"]["min_rows"],
        region.gates("sample")["MRT-002"]["limits"]["min_rows"],
    )
    assert set(general) <= set(sample)
    assert sample["dim_company"] > 0
