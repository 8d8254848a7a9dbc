"""A delivery without the erased: their rows gone, their names in others' answers gone, every other byte's meaning kept."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from ingest.removal import without
from warehouse.paths import Lineage
from warehouse.privacy.erasure.tombstones import NAME, RESPONSE, Tombstones
from warehouse.privacy.pseudonyms import normalised_name

GONE = "Märkische Probefedern GmbH (erfunden)"
ROWS = [
    ["id", "LNAME", "SUP[1]", "IDEA"],
    ["1", "Probe Draht GmbH (erfunden)", "Maerkische Probefedern (erfunden) GmbH", 'Federn "A"; verzinkt\nund mehr'],
    ["2", GONE, "", "Idee"],
    ["22", "Neue Märkische Probefedern GmbH (erfunden)", "Probe Blech", "bei Märkische Probefedern"],
]


@pytest.fixture
def stones(lineage: Lineage) -> Tombstones:
    """Response 2 of wave 2026, and the name it gave."""
    empty = Tombstones.of(lineage)
    digests = {empty.digest(RESPONSE, "2026:2"), empty.digest(NAME, normalised_name(GONE))}
    return Tombstones(empty.secret, frozenset(digests))


def written(rows: list[list[str]], delimiter: str, quoting: int = csv.QUOTE_ALL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(rows)  # pyright: ignore[reportArgumentType]
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("head", ["id", "Antwort ID", "ID"])
def test_a_table_loses_row_and_name(stones: Tombstones, encoding: str, delimiter: str, head: str) -> None:
    rows = [[head, *ROWS[0][1:]], *ROWS[1:]]
    content = written(rows, delimiter).encode(encoding)
    after = without("results-survey-2026.csv", "2026", content, stones)
    assert list(csv.reader(io.StringIO(after.decode(encoding), newline=""), delimiter=delimiter)) == [
        rows[0], [*ROWS[1][:2], "", ROWS[1][3]], ROWS[3],
    ]  # fmt: skip
    assert after.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert without("x.csv", "2026", after, stones) == after


def test_what_holds_nothing_of_the_erased_keeps_its_bytes(stones: Tombstones) -> None:
    """Another wave's response of the same number is another company's."""
    content = written([ROWS[0], ["2", "Probe Blech", "", "x"]], ";", csv.QUOTE_MINIMAL).encode()
    assert without("results-survey-2027.csv", "2027", content, stones) is content


def test_events_say_their_wave_themselves(stones: Tombstones) -> None:
    rows = [["event_id", "wave_id", "response_id"], ["2", "2026", "1"], ["3", "2026", "2"], ["4", "2027", "2"]]
    after = without("consent_events.csv", "consent_events", written(rows, ",").encode(), stones)
    assert list(csv.reader(io.StringIO(after.decode()))) == [rows[0], rows[1], rows[3]]


def test_an_archive_is_packed_anew(stones: Tombstones) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("survey.csv", written(ROWS, ";"))
        archive.writestr("liesmich.txt", "Export vom 1. März")
    after = without("results-survey-2026.zip", "2026", out.getvalue(), stones)
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        assert archive.namelist() == ["survey.csv", "liesmich.txt"]
        assert len(list(csv.reader(io.StringIO(archive.read("survey.csv").decode()), delimiter=";"))) == 3


def test_submissions_of_kobo_go_by_their_number(stones: Tombstones) -> None:
    kobo = Tombstones(stones.secret, stones.digests | {stones.digest(RESPONSE, "2026:K7")})
    page = {"count": 2, "results": [{"_id": 7, "LNAME": "x"}, {"_id": 8, "SUP": GONE, "HEADC": "2"}]}
    for document in (page, [page]):
        after = json.loads(without("submissions-2026.json", "2026", json.dumps(document).encode(), kobo))
        [kept] = after if isinstance(after, list) else [after]
        assert kept == {"count": 1, "results": [{"_id": 8, "SUP": "", "HEADC": "2"}]}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a;b\n1;2\n", b"<html>", b'"id;"', b"{"])
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx"])
def test_what_is_no_survey_is_left_to_its_reader(stones: Tombstones, content: bytes, name: str) -> None:
    assert without(name, "2026", content, stones) == content


def test_two_vaults_have_different_hashes(tmp_path, stones: Tombstones) -> None:
    """A hash says nothing to who does not hold the vault: two profiles hash one response differently."""
    other = Tombstones.of(Lineage(tmp_path / "other", "sample"))
    assert other.digest(RESPONSE, "2026:2") not in stones.digests
    assert Tombstones.of(Lineage(tmp_path / "other", "sample")).secret == other.secret


def test_a_review_list_loses_the_rows_of_the_erased(stones: Tombstones) -> None:
    """Decisions name wave and response themselves, whatever the file is called and however it is encoded."""
    rows = [["review_id", "Welle", "Antwort", "Geliefert"], ["a", "2026", "2", "ca. 40"], ["b", "2027", "2", "ca. 50"]]
    for encoding in ("utf-8-sig", "utf-16"):
        after = without("list.csv", "list", written(rows, ";").encode(encoding), stones)
        assert list(csv.reader(io.StringIO(after.decode(encoding), newline=""), delimiter=";")) == [rows[0], rows[2]]
