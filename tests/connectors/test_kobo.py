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

from ingest.errors import DeliveryError, FetchError
from ingest.fetching.notes import folder_of
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.kobo import UID, Kobo, submission
from tests.replay.server import PAGE
from warehouse.privacy.vault import Vault
from warehouse.region import Region

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
WAVES = f'waves:\n  - {{wave_id: "2026k", kobo_asset: {UID}, codebook: survey/kobo.csv}}\n'
CODEBOOK = """source_column,question_concept_id,item_code,answer_type,class_code
LNAME,LEGAL_NAME,,text,identity
HEADC,HEADCOUNT,,integer,closed
WAYS,TRANSPORT_WAY,,multi,closed
CNAME,CONTACT_NAME,,text,contact
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
    return Quick.of(live("kobo", service), region=Region.load(str(folder)))


def ask(live: Quick, *wanted: str, today: datetime = MONDAY, size: int = 3, **more: Any) -> Any:
    return live.fetch_with({"options": {"page_size": size}}, *wanted, today=today, **more)


def test_submissions_come_once_a_week_and_when_their_number_changes(kobo: Quick, service: Kobo) -> None:
    """Count and version tell what is new; edits move neither, so each week everything is read again."""
    first = ask(kobo)
    assert ([n.partition_key for n in first.brought], first.request_count) == (["2026k"], 1 + 3)
    assert ([p.reason for p in ask(kobo).planned]) == ["same"]
    service.submissions[0]["firma/HEADC"] = "99"
    assert ask(kobo).brought == []
    assert len(ask(kobo, "full").brought) == 1
    assert [p.reason for p in ask(kobo, today=datetime(2026, 3, 16, tzinfo=UTC), dry_run=True).planned] == ["changed"]
    service.submissions.append(submission(8))
    assert len(ask(kobo).brought) == 1


def test_answers_land_by_the_codebook(kobo: Quick) -> None:
    """Groups fall away, several choices become items, contacts go to the vault, Kobo's own keys nowhere."""
    ask(kobo)
    [sidecar] = kobo.receive().new
    assert (sidecar.partition_key, sidecar.row_count) == ("2026k", 7)
    answers = pl.read_parquet(kobo.lineage.lake / "kobo" / "answer" / f"{sidecar.snapshot_id}.parquet")
    own = answers.filter(submission_id="3").sort("question_concept_id", "item_code")
    assert own["raw_value"].to_list() == ["13", "Probe 3 Märkische Drähte GmbH (erfunden)", "bahn", "strasse"]
    assert set(answers["class_code"]) == {"identity", "closed"}
    assert {c["CONTACT_NAME"] for c in Vault(kobo.lineage).contacts()} >= {"Lieschen Probe-3 (erfunden)"}


def test_pages_are_kept_as_they_came_and_the_token_stays_here(kobo: Quick) -> None:
    """Pages are kept byte for byte; the address of the next page is not followed to another host."""
    ask(kobo)
    content = kobo.content("submissions-2026k.json")
    assert [len(p["results"]) for p in json.loads(content)] == [3, 3, 1]
    assert [r.query["start"] for r in kobo.server.asked("/data/")] == ["0", "3", "6"]


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
    for number in range(3):
        kobo.server.fail(fault, after_requests=number, wait_seconds=0.01)
    assert len(ask(kobo).brought) == 1


@pytest.mark.parametrize("call", [0, 1, 2])
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
    with pytest.raises(FetchError, match=r"HTTP 404.*Not found"):
        kobo.fetch_with(other)
    monkeypatch.setenv("KETTENWERK_KOBO_TOKEN", "falsch")
    with pytest.raises(FetchError, match=r"HTTP 401.*Invalid token.*check the credentials"):
        ask(kobo)
    with pytest.raises(FetchError, match="wave 1999: no asset is named for it"):
        ask(kobo, "1999")


def test_an_empty_asset_is_left_out(kobo: Quick, service: Kobo) -> None:
    """An asset without submissions is left out of the round without an error."""
    service.submissions = []
    assert ask(kobo).planned == []


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
