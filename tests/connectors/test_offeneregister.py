"""OffeneRegister: one packed file of 2019 at a known address, history only."""

from __future__ import annotations

import bz2
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from ingest.errors import DeliveryError, FetchError
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.files import Files
from tests.replay.server import PAGE

NAME = "de_companies_ocdata.jsonl.bz2"
DATE = "Wed, 06 Feb 2019 08:00:00 GMT"


def entry(number: int, **more: Any) -> dict[str, Any]:
    said = {
        "company_number": f"R9999_HRB{number}", "name": f"Probe {number} Drahtwerk GmbH (erfunden)", "jurisdiction_code": "de",
        "current_status": "currently registered", "registered_address": f"Probeweg {number}, 09999 Nirgendwo.",
        "retrieved_at": "2018-06-24T21:12:00Z", "all_attributes": {"registered_office": "Nirgendwo", "_registerArt": "HRB"},
        "officers": [{"name": f"Lieschen Probe-{number}", "position": "Geschäftsführer"}],
    }  # fmt: skip
    return said | more


def lines(*entries: dict[str, Any]) -> bytes:
    return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries).encode()


MANY = lines(*(entry(n) for n in range(1, 4001)))


@pytest.fixture
def service() -> Files:
    made = Files()
    made.put(NAME, bz2.compress(MANY), DATE)
    return made


@pytest.fixture
def register(live: Callable[..., Live], service: Files) -> Quick:
    return Quick.of(live("offeneregister", service))


def bring(live: Quick, **more: Any) -> Any:
    return live.fetch(endpoint="snapshot", **more)


def test_it_is_only_asked_by_name(register: Quick) -> None:
    """Five million entries of 2019 are only fetched by name."""
    assert "off by default" in register.fetch().left["snapshot"]
    assert register.server.seen == []


def test_the_snapshot_comes_once(register: Quick) -> None:
    """A second look is one HEAD; a dry run brings nothing."""
    assert bring(register, dry_run=True).brought == []
    assert [n.partition_key for n in bring(register).brought] == ["de_companies_ocdata"]
    again = bring(register)
    assert ([p.reason for p in again.planned], again.request_count) == (["same"], 1)


def test_entries_land_as_of_2019_and_without_officers(register: Quick) -> None:
    """Court, register and number apart, the moment of 2018 kept, no officer in any table."""
    bring(register)
    [sidecar] = register.receive().new
    assert (sidecar.row_count, sidecar.etag) == (4000, f'"{DATE}"')
    frame = pl.read_parquet(register.lineage.lake / "offeneregister" / "company" / f"{sidecar.snapshot_id}.parquet")
    first = frame.filter(source_row=1).row(0, named=True)
    assert (first["court_code"], first["register_type_code"], first["register_number"]) == ("R9999", "HRB", "1")
    assert (first["retrieved_at"], first["postcode"]) == (datetime(2018, 6, 24, 21, 12), "09999")
    assert not [v for v in frame.row(0) if "Lieschen" in str(v)]


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(register: Quick, fault: str) -> None:
    """The request is repeated or the download continued where it broke; the file comes whole."""
    register.server.fail(fault, on="ocdata", after_requests=1, wait_seconds=0.01)
    bring(register)
    assert [s.row_count for s in register.receive().new] == [4000]


@pytest.mark.parametrize(("fault", "said"), [("page", "an HTML page came"), ("json_error", "begins with .*error"), ("cut", "bytes came.*as announced")])  # fmt: skip
def test_something_else_than_the_snapshot_is_refused(register: Quick, fault: str, said: str) -> None:
    """A page with status 200, a message or a file shorter than announced is refused; no file is left."""
    register.server.fail(fault, on="ocdata", after_requests=1, times=9)
    with pytest.raises(FetchError, match=said):
        bring(register)
    assert register.files == []


def test_a_snapshot_that_moved_is_said(register: Quick, service: Files) -> None:
    """404 names the address and says what to check."""
    service.files.clear()
    with pytest.raises(FetchError, match=r"HTTP 404.*renamed"):
        bring(register)


def test_a_cut_file_that_nobody_announced_does_not_land(register: Quick, service: Files) -> None:
    """A server without state and HEAD gives a cut bz2: its reader refuses it, and the next fetch brings it whole."""
    service.says_state = service.takes_head = False
    register.server.fail("cut", on="ocdata", after_requests=1)
    bring(register)
    with pytest.raises(DeliveryError, match=r"the file cannot be read.*ended before"):
        register.receive()
    assert list((register.lineage.raw / "offeneregister").glob("*")) == []
    bring(register)
    assert [s.row_count for s in register.receive().new] == [4000]


MALFORMED: dict[str, tuple[bytes, str]] = {
    "cut": (bz2.compress(MANY)[:-500], "cannot be read.*ended before"),
    "damaged": (bz2.compress(MANY)[:2000] + b"\0" * 64 + bz2.compress(MANY)[2064:], "cannot be read"),
    "not packed": (MANY, "cannot be read"),
    "a page, packed": (bz2.compress(PAGE), "data row 1.*not a register entry"),
    "a page": (PAGE, "HTML"),
    "a last line cut off": (bz2.compress(MANY[:-20]), "data row 4000.*not a register entry"),
    "no number": (bz2.compress(lines({"name": "Probe"})), "data row 1.*not a register entry.*company_number"),
    "no name": (bz2.compress(lines(entry(1), entry(2, name=None))), "field 'company_name', data row 2.*required"),
    "a list": (bz2.compress(b"[1]\n"), "not a register entry"),
    "an entry twice": (bz2.compress(lines(entry(1), entry(1))), "occurs more than once"),
    "a moment that is none": (bz2.compress(lines(entry(1, retrieved_at="gestern"))), "not a register entry"),
    "Latin-1": (bz2.compress(lines(entry(1)).decode().replace("Probe", "Prüfung").encode("latin-1")), "cannot be read"),
    "no entry at all": (bz2.compress(b"\n\n"), "holds 0 rows of data"),
    "an empty archive": (bz2.compress(b""), "holds 0 rows of data"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_snapshot_does_not_land(register: Quick, name: str) -> None:
    """A cut or damaged archive, a page or a line that is no entry is refused with its row; nothing lands."""
    content, said = MALFORMED[name]
    path = register.lineage.inbox / "offeneregister" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=f"(?s){said}"):
        register.receive()
    assert list((register.lineage.raw / "offeneregister").glob("*")) == []
