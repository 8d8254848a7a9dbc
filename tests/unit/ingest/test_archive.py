"""Months in 7z: only a whole archive with the one expected member is read, with every tool the same way."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import py7zr
import pytest

from ingest.bulk import archive
from ingest.bulk.archive import unpack_one
from ingest.delivery import Delivery
from ingest.errors import DeliveryError
from ingest.registry import sources
from tests.replay.comext import month, packed

MONTH = month("202401", rows=2_000)
PACKED = packed("202401", MONTH)
# Stands in for a tool of the system: the same call, the same exit codes.
TOOL = """#!{python}
import sys, py7zr
args = sys.argv[1:]
open({log!r}, "a").write(" ".join(args) + "\\n")
if {is_broken}:
    open(args[3][2:] + "/" + args[-1], "w").write("half")
    sys.exit({code})
with py7zr.SevenZipFile(args[-2]) as archive:
    archive.extract(path=args[3][2:], targets=[args[-1]])
"""


def holding(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as made:
        for name, content in members.items():
            made.writestr(content, name.replace("_dat", ".dat").replace("__", "/"))
    return buffer.getvalue()


@pytest.fixture
def unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Unpack delivered bytes, without the tools of this machine."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def unpack_it(content: bytes) -> bytes:
        path = tmp_path / "full_v2_202401.7z"
        path.write_bytes(content)
        delivery = Delivery(sources()["comext"], "flow", path, "202401", None, "inbox")
        return unpack_one(delivery, "full_202401.dat", tmp_path / "scratch").read_bytes()

    return unpack_it


def tool(tmp_path: Path, name: str, is_broken: bool = False, code: int = 2) -> Path:
    log = tmp_path / f"{name}.log"
    (tmp_path / "bin").mkdir(exist_ok=True)
    path = tmp_path / "bin" / name
    path.write_text(TOOL.format(python=sys.executable, log=str(log), is_broken=is_broken, code=code))
    path.chmod(0o755)
    return log


def test_a_month_is_unpacked(unpack) -> None:
    assert unpack(PACKED) == MONTH


def test_a_tool_of_the_system_is_preferred(unpack, tmp_path: Path) -> None:
    log = tool(tmp_path, "7z")
    assert unpack(PACKED) == MONTH
    assert log.read_text().startswith("x -y -bd -o")


@pytest.mark.parametrize("code", [2, 0])
def test_a_tool_that_fails_or_gives_too_little_is_passed_over(unpack, tmp_path: Path, code: int) -> None:
    log = tool(tmp_path, "7zz", is_broken=True, code=code)
    assert unpack(PACKED) == MONTH
    assert log.exists()


@pytest.mark.parametrize("has_tool", [False, True])
@pytest.mark.parametrize("cut", [1, 20, 33, "half", -100, -1])
def test_a_truncated_archive_is_refused(unpack, tmp_path: Path, cut: int | str, has_tool: bool) -> None:
    if has_tool:
        tool(tmp_path, "7z")
    with pytest.raises(DeliveryError, match="damaged or cut off") as caught:
        unpack(PACKED[: len(PACKED) // 2 if cut == "half" else int(cut)])
    assert caught.value.rule_id == "LND-002"


# By sixtieths: an archive's length depends on the moment it was made, and every worker has to find the same tests.
@pytest.mark.parametrize("sixtieth", range(60))
def test_a_changed_byte_is_never_read_as_data(unpack, sixtieth: int) -> None:
    place = len(PACKED) * sixtieth // 60
    changed = PACKED[:place] + bytes([PACKED[place] ^ 0x5A]) + PACKED[place + 1 :]
    try:
        assert unpack(changed) == MONTH, "a byte that means nothing, such as a time"
    except DeliveryError as error:
        assert error.rule_id == "LND-002"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (holding(full_202401_dat=b"x", other_dat=b"y"), "holds 2 entries ('full_202401.dat', 'other.dat')"),
        (holding(full_202402_dat=b"x"), "holds 1 entries ('full_202402.dat')"),
        (holding(folder__full_202401_dat=b"x"), "holds 1 entries ('folder/full_202401.dat')"),
        (b"PK\x03\x04 not a 7z archive", "damaged or cut off (not a 7z file)"),
    ],
)
def test_other_contents_are_refused(unpack, content: bytes, words: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        unpack(content)
    assert words in caught.value.message
    assert "full_202401.dat" in caught.value.message or "7z" in caught.value.message


def test_a_locked_archive_is_refused(unpack) -> None:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", password="x") as made:
        made.writestr(MONTH, "full_202401.dat")
    with pytest.raises(DeliveryError, match="locked with a password"):
        unpack(buffer.getvalue())


def test_a_member_too_large_is_not_unpacked(unpack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_MEMBER", len(MONTH) - 1)
    with pytest.raises(DeliveryError, match="bytes unpacked"):
        unpack(PACKED)


def test_a_link_is_no_member(unpack, tmp_path: Path) -> None:
    (tmp_path / "full_202401.dat").symlink_to("/etc/hostname")
    with py7zr.SevenZipFile(tmp_path / "link.7z", "w") as made:
        made.write(tmp_path / "full_202401.dat", "full_202401.dat")
    with pytest.raises(DeliveryError, match="no plain file"):
        unpack((tmp_path / "link.7z").read_bytes())
