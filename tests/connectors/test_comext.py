"""Comext bulk: months come by the listing, revisions are noticed, and nothing half is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from ingest.dock import write_meta
from ingest.errors import FetchError
from ingest.fetching.fetch import fetch
from ingest.registry import sources
from orchestration.fetching import known_on
from tests.connectors.conftest import Live
from tests.replay.comext import Comext, month, packed
from warehouse.errors import KettenwerkError


@pytest.fixture
def service() -> Comext:
    made = Comext()
    made.publish("202401", month("202401"), "2024-03-15T11:00:00")
    made.publish("202402", month("202402"), "2024-04-15T11:00:00")
    return made


@pytest.fixture
def comext(live: Callable[..., Live], service: Comext) -> Live:
    return live("comext", service)


def test_new_months_come_once(comext: Live) -> None:
    first = comext.fetch()
    assert [n.partition_key for n in first.brought] == ["202401", "202402"]
    assert first.request_count == 3
    again = comext.fetch()
    assert again.brought == []
    assert again.request_count == 1, "only the listing is asked for"
    assert [p.reason for p in again.planned] == ["same", "same"]
    assert comext.files == [".notes/full_v2_202401.7z.json", ".notes/full_v2_202402.7z.json", "full_v2_202401.7z", "full_v2_202402.7z"]  # fmt: skip


def test_a_revised_month_is_a_new_vintage_and_the_old_one_stays(comext: Live, service: Comext) -> None:
    comext.fetch()
    assert len(comext.receive().new) == 2
    service.publish("202401", month("202401", value=70), "2024-05-15T11:00:00")
    outcome = comext.fetch()
    assert [n.partition_key for n in outcome.brought] == ["202401"]
    [new] = comext.receive().new
    assert (new.partition_key, new.vintage_id) == ("202401", "2024-05-15T11:00:00")
    assert len(list((comext.lineage.lake / "comext" / "flow").glob("comext-*.parquet"))) == 3


def test_a_dry_run_brings_nothing(comext: Live) -> None:
    outcome = comext.fetch(dry_run=True)
    assert [p.is_due for p in outcome.planned] == [True, True]
    assert sum(p.ask.byte_count or 0 for p in outcome.planned) > 0
    assert comext.files == []
    assert len(comext.server.seen) == 1


def test_an_unknown_month_is_refused_with_what_is_offered(comext: Live) -> None:
    with pytest.raises(FetchError, match=r"month 209912: the listing does not offer it.*202401 to 202402"):
        comext.fetch("209912")


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(comext: Live, fault: str) -> None:
    comext.server.fail(fault, on="202401", wait_seconds=0)
    assert len(comext.fetch().brought) == 2
    assert not [f for f in comext.files if ".partial" in f]


def test_a_broken_download_is_continued(comext: Live) -> None:
    comext.server.fail("reset", on="202401", wait_seconds=0.5)
    comext.fetch("202401")
    ranges = [r.headers.get("range") for r in comext.server.asked("202401")]
    assert ranges[0] is None
    assert ranges[-1], "the second request asks for the rest"
    assert len(comext.receive().new) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("page", "an HTML page came"),
        ("json_error", "a JSON message came"),
        ("cut", "bytes came. Expected: .* as listed"),
    ],
)
def test_something_else_than_the_archive_is_refused(comext: Live, fault: str, said: str) -> None:
    comext.server.fail(fault, on="file=", times=99)
    with pytest.raises(FetchError, match=said):
        comext.fetch("202401")
    assert comext.files == []


def test_a_long_wait_is_said_and_not_waited(comext: Live) -> None:
    comext.server.fail("429", on="file=", times=99, wait_seconds=30_000)
    with pytest.raises(FetchError, match="asks to wait 30000 s"):
        comext.fetch("202401")


@pytest.mark.parametrize("fault", ["page", "json_error"])
def test_a_listing_that_is_none_is_refused(comext: Live, fault: str) -> None:
    comext.server.fail(fault, on="dir=")
    with pytest.raises(FetchError, match=r"listing of comext/COMEXT_DATA/PRODUCTS.*columns NAME, size and date"):
        comext.fetch()


@pytest.mark.parametrize("row", ["full_v2_202403.7z", "full_v2_202403.7z,12"])
def test_a_listing_with_a_short_row_is_refused(comext: Live, service: Comext, row: str) -> None:
    """A row of the listing that ends before size or date: one message that names the month."""
    service.more_rows = [row, ",,,", ""]
    with pytest.raises(FetchError, match=r"listing entry full_v2_202403.7z: size '(12)?' and date '' came"):
        comext.fetch()


def test_another_folder_is_never_answered_by_nothing_new(comext: Live, service: Comext) -> None:
    """A month of the same size and date in another folder of the facility is another file."""
    comext.fetch()
    source = sources()["comext"]
    bulk = source.fetch["bulk"]
    other = bulk.model_copy(update={"options": {**bulk.options, "folder": "comext/COMEXT_DATA/OTHER"}})
    moved = source.model_copy(update={"fetch": {"bulk": other}})
    planned = fetch(moved, comext.lineage, comext.region, wanted=[], dry_run=True).planned
    assert {p.reason for p in planned} == {"asked anew"}


def test_the_old_vintage_still_answers_what_was_known(comext: Live, service: Comext, monkeypatch) -> None:
    """What was known on a date is answered from the delivery that was in force then."""
    comext.fetch()
    comext.receive()
    for path in (comext.lineage.raw / "comext").glob("*/sidecar.json"):
        path.write_text(path.read_text().replace(datetime.now(UTC).strftime("%Y-%m-%dT"), "2024-04-20T"))
    service.publish("202401", month("202401", value=70), "2024-05-15T11:00:00")
    comext.fetch()
    comext.receive()
    question = "SELECT min(value_eur) FROM flow WHERE period_code = '202401'"
    assert known_on(comext.lineage, "comext", date(2024, 4, 30), question)[1] == [(65.0,)]
    assert known_on(comext.lineage, "comext", None, question)[1] == [(70.0,)]
    with pytest.raises(KettenwerkError, match="nothing was known on 2024-01-01"):
        known_on(comext.lineage, "comext", date(2024, 1, 1), question)
    with pytest.raises(KettenwerkError, match="the tables are: flow"):
        known_on(comext.lineage, "comext", None, "SELECT * FROM read_csv('/etc/hostname')")
    [some, *_] = (comext.lineage.lake / "comext" / "flow").glob("comext-*.parquet")
    before = some.read_bytes()
    for order in (f"COPY (SELECT 1 AS x) TO '{some}' (FORMAT parquet)", "SELECT 1; DROP VIEW flow"):
        with pytest.raises(KettenwerkError, match="only one question"):
            known_on(comext.lineage, "comext", None, order)
    assert some.read_bytes() == before
    with pytest.raises(KettenwerkError, match="confidential"):
        known_on(comext.lineage, "limesurvey", None, "SELECT * FROM answer")


def test_a_delivery_that_is_put_back_is_known_from_then_on(comext: Live, service: Comext) -> None:
    """A, then B, then A again: today's answer is A's."""
    question = "SELECT min(value_eur) FROM flow WHERE period_code = '202401'"
    first = service.archives["full_v2_202401.7z"]
    for archive in (first, (packed("202401", month("202401", value=70)), "2024-05-15T11:00:00"), first):
        service.archives["full_v2_202401.7z"] = archive
        comext.fetch()
        comext.receive()
        write_meta(comext.lineage, comext.settings)
    assert known_on(comext.lineage, "comext", None, question)[1] == [(65.0,)]
    returned = (comext.lineage.raw / "returned.jsonl").read_text().splitlines()
    write_meta(comext.lineage, comext.settings)
    assert (comext.lineage.raw / "returned.jsonl").read_text().splitlines() == returned, "said once"


def test_an_announced_month_with_the_same_bytes_is_told(comext: Live, service: Comext) -> None:
    """A month announced anew whose bytes are the same makes no new snapshot, and is told."""
    comext.fetch()
    body, _ = service.archives["full_v2_202401.7z"]
    service.archives["full_v2_202401.7z"] = (body, "2024-05-15T11:00:00")
    outcome = comext.fetch()
    assert (outcome.brought, outcome.repeated) == ([], ["full_v2_202401.7z"])
    assert comext.fetch().repeated == []
