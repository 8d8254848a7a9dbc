"""Comext's code lists: three looks say whether anything changed, and only text that is whole is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from ingest.errors import DeliveryError, FetchError
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.comext import CLASSIFICATIONS, CN, RELATIONS, Comext, with_lists

FILES = ["CN.txt", "CN8-PRED-SUCC.txt", "PARTNERS.txt", "PARTNERS_ISO.txt", "REPORTERS.txt"]
LATER = "2027-01-15T11:00:00"


@pytest.fixture
def service() -> Comext:
    return with_lists(Comext())


@pytest.fixture
def lists(live: Callable[..., Live], service: Comext) -> Live:
    return Quick.of(live("trade_list", service))


def kept(lists: Live) -> list[str]:
    return [name for name in lists.files if not name.startswith(".notes")]


def test_new_lists_come_once(lists: Live) -> None:
    """Every list comes with the first call; the second asks the three listings only."""
    assert sorted(n.file_name for n in lists.fetch().brought) == FILES
    again = lists.fetch()
    assert (again.brought, again.request_count) == ([], 3)
    assert {p.reason for p in again.planned} == {"same"}
    assert kept(lists) == FILES


def test_a_changed_list_is_a_new_vintage_and_the_old_one_stays(lists: Live, service: Comext) -> None:
    """Size or date in the listing changed: only that list is brought again, and both vintages stay."""
    lists.fetch()
    assert len(lists.receive().new) == 5
    service.put(CLASSIFICATIONS, "CN.txt", CN + "73201600\t01/01/2027\t31/12/2500\tNuts\n", LATER)
    assert [n.file_name for n in lists.fetch().brought] == ["CN.txt"]
    [new] = lists.receive().new
    assert (new.partition_key, new.vintage_id) == ("CN", LATER)
    assert len(list((lists.lineage.lake / "trade_list" / "cn").glob("trade_list-*.parquet"))) == 2


def test_a_list_announced_anew_with_the_same_bytes_is_told(lists: Live, service: Comext) -> None:
    """A newer date with the same bytes is no new snapshot, and is told."""
    lists.fetch()
    service.put(CLASSIFICATIONS, "CN.txt", CN, LATER)
    outcome = lists.fetch()
    assert (outcome.brought, outcome.repeated) == ([], ["CN.txt"])


def test_a_dry_run_brings_nothing(lists: Live) -> None:
    """The plan costs the three listings; nothing is kept."""
    outcome = lists.fetch(dry_run=True)
    assert [p.is_due for p in outcome.planned] == [True] * 5
    assert lists.files == []
    assert len(lists.server.seen) == 3


def test_lists_land_typed(lists: Live) -> None:
    """What was fetched is read as if it had been dropped: codes are text, dates are dates, no end is NULL."""
    lists.fetch()
    lists.receive()
    lake = lists.lineage.lake / "trade_list"
    codes = pl.read_parquet(lake / "cn" / "trade_list-*.parquet")
    assert codes.schema["valid_from"] == pl.Date
    assert codes.filter(code="01").select("valid_from", "valid_to").rows() == [(date(1988, 1, 1), None)]
    changes = pl.read_parquet(lake / "cn_change" / "trade_list-*.parquet")
    assert changes.filter(predecessor_code="73201595")["successor_code"].to_list() == ["73201597", "73201598"]
    areas = pl.read_parquet(lake / "area" / "trade_list-*.parquet")
    assert areas.group_by("list_code").len().sort("list_code").rows() == [("partner", 2), ("partner_iso", 2), ("reporter", 1)]  # fmt: skip


def test_a_dropped_list_is_the_same_snapshot(lists: Live) -> None:
    """The same bytes from the inbox are what was fetched: nothing new."""
    lists.fetch()
    lists.receive()
    folder = lists.lineage.inbox / "trade_list"
    folder.mkdir(parents=True)
    (folder / "CN.txt").write_bytes(lists.content("CN.txt"))
    assert lists.receive().new == []


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
@pytest.mark.parametrize("on", ["dir=", "CN.txt"])
def test_a_passing_fault_costs_nothing(lists: Live, fault: str, on: str) -> None:
    """The request is repeated; every list comes whole."""
    lists.server.fail(fault, on=on, wait_seconds=0)
    assert len(lists.fetch().brought) == 5
    assert kept(lists) == FILES


@pytest.mark.parametrize(
    ("fault", "said"),
    [("page", "an HTML page came"), ("json_error", "a JSON message came"), ("cut", "bytes came. Expected: .* as listed")],
)  # fmt: skip
def test_something_else_than_a_list_is_refused(lists: Live, fault: str, said: str) -> None:
    """A page, a message or half a list is refused in one sentence; no file is left."""
    lists.server.fail(fault, on="file=", times=99)
    with pytest.raises(FetchError, match=said):
        lists.fetch("CN", endpoint="cn")
    assert lists.files == []


@pytest.mark.parametrize("fault", ["page", "json_error"])
def test_a_listing_that_is_none_is_refused(lists: Live, fault: str) -> None:
    """Without the listing nothing is asked for."""
    lists.server.fail(fault, on="dir=")
    with pytest.raises(FetchError, match=r"listing of comext/COMEXT_METADATA.*columns NAME, size and date"):
        lists.fetch(endpoint="cn")
    assert lists.files == []


@pytest.mark.parametrize("row", ["PARTNERS.txt", "PARTNERS.txt,12", "PARTNERS.txt,12 KB,txt,2026-01-15", "PARTNERS.txt,12,txt,15/01/2026"])  # fmt: skip
def test_a_malformed_row_of_the_listing_is_refused(lists: Live, service: Comext, row: str) -> None:
    """Size or date that cannot be read: one message that names the list."""
    service.more_rows = [row]
    with pytest.raises(FetchError, match=r"listing entry PARTNERS.txt: size '.*' and date '.*' came"):
        lists.fetch(endpoint="area")


def test_a_list_that_is_gone_is_named(lists: Live, service: Comext) -> None:
    """A list the folder no longer offers is one message, before anything is brought."""
    del service.lists[f"{RELATIONS}/CN8-PRED-SUCC.txt"]
    with pytest.raises(FetchError, match=r"CN8-PRED-SUCC.txt: the listing of .*RELATIONS does not offer it"):
        lists.fetch(endpoint="cn_change")
    assert lists.files == []


def test_an_unknown_list_is_refused_with_what_is_offered(lists: Live) -> None:
    """A list the contract does not name is refused with those it does."""
    with pytest.raises(FetchError, match=r"list FLOW: the contract names no such list.*PARTNERS, PARTNERS_ISO, REPORTERS"):  # fmt: skip
        lists.fetch("FLOW", endpoint="area")


def test_another_layout_is_refused_and_brought_again(lists: Live, service: Comext) -> None:
    """A list whose columns changed stops at its reader; the next call brings it once more."""
    service.put(CLASSIFICATIONS, "CN.txt", CN.replace("\t", ";"), LATER)
    lists.fetch()
    with pytest.raises(DeliveryError, match="the layout is not known"):
        lists.receive()
    assert [p.reason for p in lists.fetch(endpoint="cn").planned] == ["new"]
