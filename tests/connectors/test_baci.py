"""BACI: one ZIP per release, taken apart into the files a person would drop; and files at known addresses in general."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.errors import FetchError
from ingest.fetching.fetch import Outcome
from ingest.fetching.notes import note_of
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.files import Files, zipped

NAME = "BACI_HS17_V202601.zip"


def release(value: str = "1.5", **more: bytes) -> bytes:
    members = {
        f"BACI_HS17_Y{year}_V202601.csv": f"t,i,j,k,v,q\n{year},276,842,731815,{value},2.5\n{year},276,156,731815,3,NA\n".encode()
        for year in (2023, 2024)
    }
    members["country_codes_V202601.csv"] = b"country_code,country_name,country_iso2,country_iso3\n276,Germany,DE,DEU\n"
    members["product_codes_HS17_V202601.csv"] = b"code,description\n731815,Invented screws\n"
    return zipped(**members, **{"Readme.txt": b"read me"}, **more)


@pytest.fixture
def service() -> Files:
    made = Files()
    made.put(NAME, release(), "Tue, 20 Jan 2026 08:00:00 GMT")
    return made


@pytest.fixture
def baci(live: Callable[..., Live], service: Files) -> Live:
    return Quick.of(live("baci", service))


def bring(baci: Live, **more: object) -> Outcome:
    return baci.fetch(endpoint="release", **more)


def test_a_release_comes_once_and_lies_as_its_files(baci: Live) -> None:
    """The archive is taken apart; a second look is one HEAD."""
    assert len(bring(baci).brought) == 1
    assert [f for f in baci.files if "/" not in f] == ["BACI_HS17_Y2023_V202601.csv", "BACI_HS17_Y2024_V202601.csv", "country_codes_V202601.csv", "product_codes_HS17_V202601.csv"]  # fmt: skip
    assert not [f for f in baci.files if ".partial" in f]
    again = bring(baci)
    assert (again.brought, again.request_count) == ([], 1)
    receipt = baci.receive()
    assert {s.partition_key: s.row_count for s in receipt.new} == {"HS17_Y2023": 2, "HS17_Y2024": 2, "country_codes": 1, "HS17": 1}  # fmt: skip
    assert {s.vintage_id for s in receipt.new} == {"202601"}
    assert all(s.etag for s in receipt.new)


@pytest.mark.parametrize(
    ("facts", "left"),
    [({"members": r"BACI_HS17_Y2024_V202601\.csv"}, "BACI_HS17_Y2024_V202601.csv"), ({"path": "other/" + NAME}, None)],
    ids=["members", "address"],
)
def test_another_question_is_never_answered_by_nothing_new(
    baci: Quick, service: Files, facts: dict[str, str], left: str | None
) -> None:
    """Other members or another address for the same file and state: it is asked for again."""
    content, date = service.files[NAME]
    service.put("other/" + NAME, content, date)
    bring(baci)
    [listed] = sources()["baci"].fetch["release"].options["files"]
    outcome = baci.fetch_with({"options": {"files": [listed | facts]}}, endpoint="release")
    assert [p.reason for p in outcome.planned] == ["asked anew"]
    note = note_of(baci.lineage, "baci", NAME)
    assert note is not None and len(note.members) == (1 if left else 4)


def test_it_is_only_asked_by_name(baci: Live) -> None:
    """A gigabyte is only fetched by name."""
    assert "off by default" in baci.fetch().left["release"]


def test_a_replaced_release_brings_only_what_is_new_in_it(baci: Live, service: Files) -> None:
    """A release replaced under the same name: files with other bytes become new snapshots, the others do not."""
    bring(baci)
    baci.receive()
    service.put(NAME, release("1.7"), "Fri, 20 Feb 2026 08:00:00 GMT")
    bring(baci)
    assert sorted(s.partition_key for s in baci.receive().new) == ["HS17_Y2023", "HS17_Y2024"]


def test_a_missing_member_is_fetched_again(baci: Live) -> None:
    """A file of the release that somebody removed brings the release again."""
    bring(baci)
    (baci.lineage.fetched / "baci" / "country_codes_V202601.csv").unlink()
    assert len(bring(baci).planned) == 1
    assert "country_codes_V202601.csv" in baci.files


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(baci: Live, fault: str) -> None:
    """The request is repeated or the download continued; the release comes whole."""
    baci.server.fail(fault, on="BACI", after_requests=1)
    assert len(bring(baci).brought) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [("page", "an HTML page came"), ("json_error", "begins with .*error"), ("cut", "bytes came.*as announced")],
)
def test_something_else_than_the_release_is_refused(baci: Live, fault: str, said: str) -> None:
    """Refused in one sentence; no file is left."""
    baci.server.fail(fault, on="BACI", after_requests=1, times=9)
    with pytest.raises(FetchError, match=said):
        bring(baci)
    assert baci.files == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (release()[:-40], "damaged or cut off"),
        (zipped(**{"Readme.txt": b"x"}), "its members are Readme.txt"),
        (
            zipped(**{"a/country_codes_V202601.csv": b"x", "b/country_codes_V202601.csv": b"x"}),
            "its members are a/country",
        ),
    ],
)
def test_a_malformed_release_is_refused(baci: Live, service: Files, content: bytes, said: str) -> None:
    """A damaged ZIP, or one without the files it should hold, leaves nothing."""
    service.put(NAME, content, "later")
    with pytest.raises(FetchError, match=said):
        bring(baci)
    assert baci.files == []


def test_a_release_that_is_gone_is_said(baci: Live, service: Files) -> None:
    """404 names the address and says what to check."""
    service.files.clear()
    with pytest.raises(FetchError, match=r"HTTP 404.*renamed"):
        bring(baci)


def test_without_a_state_only_the_bytes_decide(baci: Live, service: Files) -> None:
    """A service without ETag and date is asked each time; the same bytes are nothing new."""
    service.says_state = False
    service.takes_head = False
    assert len(bring(baci).brought) == 1
    assert bring(baci).brought == []
    assert len(baci.receive().new) == 4
    assert baci.receive().new == []
