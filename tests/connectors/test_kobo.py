"""KoboToolbox: submissions by pages that fit together, read again each week, open to their owner only."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.dock import write_meta
from ingest.errors import DeliveryError, FetchError
from ingest.fetching.notes import folder_of
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.kobo import UID, Kobo, submission
from tests.replay.server import PAGE
from warehouse.privacy.vault import Vault
from warehouse.region import Region

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
WAVES = f'waves:\n  - {{wave_id: "2026k", kobo_asset: {UID}, kobo_codebook: survey/kobo.csv, kobo_codes: survey/kobo_codes.csv}}\n'
CODEBOOK = """source_column,question_concept_id,item_code,answer_type,unit_code,code_list,low,high,class_code
LNAME,LEGAL_NAME,,text,,,,,identity
HEADC,HEADCOUNT,,integer,persons,,0,20000,closed
TURN,TURNOVER_BAND,,band,EUR,TURNOVER,,,closed
WAYS,TRANSPORT_WAY,,multi,,WAYS,,,closed
CNAME,CONTACT_NAME,,text,,,,,contact
einwilligung/CONSTORE,CONS_STORE,,flag,,JANEIN,,,consent
CONSBENCH,CONS_BENCHMARK,,flag,,JANEIN,,,consent
hinweis,IGNORED,note,text,,,,,meta
"""
CODES = """code_list,answer_code,value_code,label_de,low,high
JANEIN,ja,yes,Ja,,
JANEIN,nein,no,Nein,,
WAYS,strasse,road,Straße,,
WAYS,bahn,rail,Bahn,,
TURNOVER,b2,2-10m,2 bis 10 Mio.,2000000,10000000
"""


@pytest.fixture
def service() -> Kobo:
    return Kobo(submissions=[submission(n) for n in range(1, 8)])


@pytest.fixture
def kobo(
    live: Callable[..., Live], service: Kobo, region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Quick:
    monkeypatch.setenv("KETTENWERK_KOBO_TOKEN", service.token)
    folder = tmp_path / "region"
    (folder / "survey").mkdir(parents=True)
    shutil.copyfile(region.folder / "region.yml", folder / "region.yml")
    (folder / "survey" / "waves.yml").write_text(WAVES, encoding="utf-8")
    (folder / "survey" / "kobo.csv").write_text(CODEBOOK, encoding="utf-8")
    (folder / "survey" / "kobo_codes.csv").write_text(CODES, encoding="utf-8")
    return Quick.of(live("kobo", service), region=Region.load(str(folder)))


def ask(live: Quick, *wanted: str, today: datetime = MONDAY, size: int = 3, **more: Any) -> Any:
    return live.fetch_with({"options": {"page_size": size}}, *wanted, today=today, **more)


def in_force(live: Quick) -> dict[str, int]:
    """Rows of the deliveries in force, by wave."""
    rows = write_meta(live.lineage, live.settings).filter(source_id="kobo", is_latest_vintage=True)
    return dict(rows.select("partition_key", "row_count").iter_rows())


def test_submissions_come_once(kobo: Quick) -> None:
    """All submissions come as one file; a second look that finds the same ids brings nothing."""
    first = ask(kobo)
    assert ([n.partition_key for n in first.brought], first.request_count) == (["2026k"], 1 + 3 + 3)
    again = ask(kobo)
    assert ([p.reason for p in again.planned], again.request_count) == (["same"], 1 + 3)
    assert json.loads(kobo.server.seen[-1].query["fields"]) == ["_id", "_uuid", "_submission_time"]


def edited(service: Kobo) -> None:
    service.edit(2, **{"firma/HEADC": "99"})


def deleted(service: Kobo) -> None:
    service.delete(2)


def replaced(service: Kobo) -> None:
    service.delete(2)
    service.submissions.append(submission(8))


def new(service: Kobo) -> None:
    service.submissions.append(submission(8))


def new_form(service: Kobo) -> None:
    service.version = "vProbe2"


@pytest.mark.parametrize("knows_fields", [True, False])
@pytest.mark.parametrize("change", [edited, deleted, replaced, new, new_form])
def test_whatever_changed_is_noticed_at_the_next_look(
    kobo: Quick, service: Kobo, change: Callable[[Kobo], None], knows_fields: bool
) -> None:
    """New, edited and deleted submissions, one deleted and one given at once, and another version of the form."""
    service.knows_fields = knows_fields
    ask(kobo)
    change(service)
    assert [p.reason for p in ask(kobo).planned] == ["changed"]
    came = [s for page in json.loads(kobo.content("submissions-2026k.json")) for s in page["results"]]
    assert came == service.submissions
    assert [p.reason for p in ask(kobo).planned] == ["same"]


def test_an_edit_that_leaves_no_trace_is_found_by_reading_all_again(kobo: Quick, service: Kobo) -> None:
    """What moves neither id nor instance is found each week, and when ``full`` is asked for."""
    ask(kobo)
    service.submissions[0]["firma/HEADC"] = "99"
    assert ask(kobo).brought == []
    assert len(ask(kobo, "full").brought) == 1
    assert [p.reason for p in ask(kobo).planned] == ["same"]
    assert [p.reason for p in ask(kobo, today=datetime(2026, 3, 16, tzinfo=UTC), dry_run=True).planned] == [
        "asked anew"
    ]


def test_another_asset_for_a_wave_is_another_question(kobo: Quick, service: Kobo) -> None:
    """The same state of another asset is never 'nothing new'."""
    other = {"assets": [{"wave_id": "2026k", "asset_uid": UID + "b"}], "page_size": 3}
    ask(kobo)
    assert [p.reason for p in kobo.fetch_with({"options": other}, today=MONDAY).planned] == ["asked anew"]


def test_answers_land_by_the_codebook(kobo: Quick) -> None:
    """Groups fall away, choices become items, codes and numbers get their meaning, contacts go to the vault."""
    ask(kobo)
    [sidecar] = kobo.receive().new
    assert (sidecar.partition_key, sidecar.row_count) == ("2026k", 7)
    answers = pl.read_parquet(kobo.lineage.lake / "kobo" / "answer" / f"{sidecar.snapshot_id}.parquet")
    own = answers.filter(response_id="K3").sort("question_concept_id", "item_code")
    said = own.select("question_concept_id", "item_code", "raw_value", "answer_code", "answer_num", "unit_code").rows()
    assert said == [
        ("CONS_BENCHMARK", "", "nein", "0", None, None),
        ("CONS_STORE", "", "ja", "1", None, None),
        ("HEADCOUNT", "", "13", None, 13.0, "persons"),
        ("LEGAL_NAME", "", "Probe 3 Märkische Drähte GmbH (erfunden)", None, None, None),
        ("TRANSPORT_WAY", "rail", "bahn", "1", None, None),
        ("TRANSPORT_WAY", "road", "strasse", "1", None, None),
        ("TURNOVER_BAND", "", "b2", "2-10m", 6_000_000.0, "EUR"),
    ]
    assert set(answers["class_code"]) == {"identity", "closed", "consent"}
    responses = pl.read_parquet(kobo.lineage.lake / "kobo" / "response" / f"{sidecar.snapshot_id}.parquet")
    [third] = responses.filter(response_id="K3").rows(named=True)
    assert (str(third["started_at"]), str(third["submitted_at"])) == ("2026-03-01 08:00:00", "2026-03-04 10:00:00")
    assert {c["CONTACT_NAME"] for c in Vault(kobo.lineage).contacts()} >= {"Lieschen Probe-3 (erfunden)"}


def test_an_emptied_asset_is_empty_here_too(kobo: Quick, service: Kobo) -> None:
    """All submissions deleted at the source: a page without any replaces the file, lands and is in force."""
    ask(kobo)
    kobo.receive()
    assert in_force(kobo) == {"2026k": 7}
    service.submissions = []
    assert len(ask(kobo).brought) == 1
    assert [s.row_count for s in kobo.receive().new] == [0]
    assert in_force(kobo) == {"2026k": 0}
    assert [p.reason for p in ask(kobo).planned] == ["same"]


def test_submissions_nobody_may_read_are_not_taken_as_deleted(kobo: Quick, service: Kobo) -> None:
    """An asset that counts submissions whose data are not shown is a matter of rights: refused, nothing is emptied."""
    ask(kobo)
    before = kobo.content("submissions-2026k.json")
    service.counted, service.submissions = 7, []
    with pytest.raises(FetchError, match=r"speaks of 7 submissions and none may be read.*nothing was taken as deleted"):
        ask(kobo)
    assert kobo.content("submissions-2026k.json") == before


def test_pages_are_kept_as_they_came_and_the_token_stays_here(kobo: Quick) -> None:
    """Pages are kept byte for byte; the address of the next page is not followed to another host."""
    ask(kobo)
    content = kobo.content("submissions-2026k.json")
    assert [len(p["results"]) for p in json.loads(content)] == [3, 3, 1]
    assert [r.query["start"] for r in kobo.server.asked("/data/")] == ["0", "3", "6"] * 2, "the look, then all of it"


def test_a_service_that_caps_pages_is_read_whole(kobo: Quick, service: Kobo) -> None:
    """A service that gives fewer submissions a page than asked for is still read to the end."""
    service.most = 2
    ask(kobo, size=1000)
    assert [s.row_count for s in kobo.receive().new] == [7]


@pytest.mark.parametrize("fault", ["repeats", "shrinks"])
def test_pages_that_moved_are_read_again_once(kobo: Quick, service: Kobo, fault: str) -> None:
    """A page that repeats or a count that shrinks: everything is read once more; twice is refused."""
    setattr(service, fault, 1)
    assert len(ask(kobo).brought) == 1
    setattr(service, fault, 99)
    with pytest.raises(
        FetchError, match=r"(page 2 repeats a submission|speaks of 6 submissions, the first of 7), twice"
    ):
        ask(kobo, "full")


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(kobo: Quick, fault: str) -> None:
    """A passing fault at the asset or at any page is sat out."""
    for number in range(7):
        kobo.server.fail(fault, after_requests=number, wait_seconds=0.01)
    assert len(ask(kobo).brought) == 1


@pytest.mark.parametrize("call", [0, 1, 2, 4, 5])
@pytest.mark.parametrize(("fault", "said"), [("page", "an HTML page came"), ("json_error", "something else than"), ("cut", "something else than")])  # fmt: skip
def test_something_else_than_a_page_is_refused(kobo: Quick, call: int, fault: str, said: str) -> None:
    """A login page, another message or a cut body at any request is refused; no file is left."""
    kobo.server.fail(fault, times=99, after_requests=call)
    with pytest.raises(FetchError, match=said):
        ask(kobo)
    assert kobo.files == []


def test_a_wrong_token_and_an_unknown_asset_are_refused(kobo: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong token names the credentials, an asset the service does not know says so."""
    other = {"options": {"assets": [{"wave_id": "2026k", "asset_uid": "aOther"}]}}
    with pytest.raises(FetchError, match=r"aOther \(wave 2026k\).*no such asset.*HTTP 404.*stays in force"):
        kobo.fetch_with(other)
    monkeypatch.setenv("KETTENWERK_KOBO_TOKEN", "falsch")
    with pytest.raises(FetchError, match=r"HTTP 401.*Invalid token.*check the credentials"):
        ask(kobo)
    with pytest.raises(FetchError, match="wave 1999: no asset is named for it"):
        ask(kobo, "1999")


def test_only_the_owner_may_read_what_came_and_the_token_is_nowhere(kobo: Quick, service: Kobo) -> None:
    """File and folder are closed to others; the token is in no file and no address, even where it is repeated."""
    service.submissions[0]["_submitted_by"] = service.token
    outcome = ask(kobo)
    kobo.receive()
    folder = folder_of(kobo.lineage, "kobo")
    assert service.token.encode() not in kobo.content("submissions-2026k.json")
    for path in (folder, folder / "submissions-2026k.json.sealed"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert service.token not in repr(outcome)
    assert not [r for r in kobo.server.seen if service.token in r.target]
    for path in kobo.lineage.home.rglob("*"):
        assert not path.is_file() or service.token.encode() not in path.read_bytes(), path


def pages(*entries: Any, **more: Any) -> bytes:
    return json.dumps({"count": len(entries), "next": None, "results": list(entries)} | more).encode()


MALFORMED: dict[str, tuple[bytes, str]] = {
    "no results": (b'{"count": 7, "next": null}', "something else than a page of submissions"),
    "a submission without id": (pages({"a": 1}), "something else than a page of submissions"),
    "a count in words": (pages(submission(1), count="many"), "something else than a page of submissions"),
    "fewer than its count": (pages(submission(1), count=7), "1 of 7 submissions came, twice"),
    "the same submission twice": (pages(submission(1), submission(1)), "page 1 repeats a submission, twice"),
    "a page": (PAGE, "an HTML page came"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_page_is_refused(kobo: Quick, service: Kobo, name: str) -> None:
    """A page without results, ids or as many submissions as it counts is refused; no file is left."""
    service.page, said = MALFORMED[name]
    with pytest.raises(FetchError, match=said):
        ask(kobo)
    assert kobo.files == []


DIRTY: dict[str, tuple[bytes, str]] = {
    "an unknown question": (pages(submission(1, **{"firma/NEU": "x"})), r"unknown question 'firma/NEU'"),
    "a moment that is none": (pages(submission(1, _submission_time="gestern")), r"'gestern' is no moment"),
    "a choice that is in no list": (
        pages(submission(1, WAYS="strasse kanal")),
        r"answer 'kanal' is not in code list WAYS",
    ),
    "a code that is in no list": (
        pages(submission(1, TURN="b9")),
        r"field 'TURN', data row 1: answer 'b9' is not in code list",
    ),
    "a number outside": (pages(submission(1, **{"firma/HEADC": "20001"})), r"20001 is outside what HEADCOUNT can be"),
    "the same choice by two names": (pages(submission(1, **{"noch/WAYS": "bahn"})), "occurs more than once"),
    "a repeated group": (pages(submission(1, HEADC=[{"x": 1}])), "a repeated group"),
    "the same submission twice": (pages(submission(1), submission(1)), "occurs more than once"),
    "submissions that are texts": (pages("x"), "a submission is no object"),
    "an error": (b'{"detail": "Invalid token."}', "not a page of submissions"),
    "Latin-1": ('{"results": "Märkisch"}'.encode("latin-1"), "not a page of submissions"),
}


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_delivery_does_not_land(kobo: Quick, name: str) -> None:
    """A question the codebook does not know, a repeated group or a broken moment is refused with its place."""
    content, said = DIRTY[name]
    path = kobo.lineage.inbox / "kobo" / "submissions-2026k.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=said):
        kobo.receive()


@pytest.mark.parametrize(
    ("file", "gone", "said"),
    [
        ("kobo.csv", "einwilligung/CONSTORE", r"field 'CONS_STORE'.*names no question for consent to storage"),
        ("kobo.csv", "source_column", r"field 'source_column'.*has no column 'source_column'"),
        ("kobo_codes.csv", "code_list", r"field 'code_list'.*has no column 'code_list'"),
    ],
)
def test_a_codebook_that_lacks_something_is_a_malformed_one(kobo: Quick, file: str, gone: str, said: str) -> None:
    """A codebook without consent, or a list without a column it needs, is refused by name before anything lands."""
    path = kobo.region.folder / "survey" / file
    path.write_text(path.read_text(encoding="utf-8").replace(gone, "x", 1).replace("CONS_STORE", "X"), encoding="utf-8")
    ask(kobo)
    with pytest.raises(DeliveryError, match=said):
        kobo.receive()
