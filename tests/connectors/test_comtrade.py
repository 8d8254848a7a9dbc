"""UN Comtrade: off by default, asked in parts where an answer meets the limit, totals only, the key never shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.errors import DeliveryError, FetchError
from ingest.fetching.notes import folder_of
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.comtrade import Comtrade, row
from tests.replay.server import PAGE
from warehouse import settings


@pytest.fixture
def service() -> Comtrade:
    made = Comtrade()
    made.publish(276, "2023", "2025-01-10T00:00:00")
    made.publish(276, "2024", "2026-02-10T00:00:00")
    return made


@pytest.fixture
def comtrade(live: Callable[..., Live], service: Comtrade, monkeypatch: pytest.MonkeyPatch) -> Quick:
    monkeypatch.setenv("KETTENWERK_COMTRADE_KEY", service.key)
    return Quick.of(live("comtrade", service))


def ask(live: Quick, *wanted: str, **options: Any) -> Any:
    return live.fetch_with({"options": options}, *wanted, endpoint="api")


def table(live: Quick, name: str) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(p) for p in (live.lineage.lake / "comtrade" / name).glob("comtrade-*.parquet"))


def test_it_is_off_by_default(comtrade: Quick) -> None:
    """Without being named it is not asked, because the terms permit no redistribution; the source says so."""
    outcome = comtrade.fetch()
    assert (outcome.left, comtrade.server.seen) == ({"api": "off by default; name it to fetch from it"}, [])
    assert sources()["comtrade"].restriction_code in ("local_use_only", "not_redistributable")


def test_released_years_come_once(comtrade: Quick, service: Comtrade) -> None:
    """One request tells what was released when; only a year released anew comes again."""
    first = ask(comtrade)
    assert [n.partition_key for n in first.brought] == ["276-2023", "276-2024"]
    assert first.request_count == 3
    again = ask(comtrade)
    assert ([p.reason for p in again.planned], again.request_count) == (["same", "same"], 1)
    service.publish(276, "2023", "2026-03-01T00:00:00", base=200)
    [note] = ask(comtrade).brought
    assert (note.partition_key, note.vintage) == ("276-2023", "2026-03-01T00:00:00")


def test_a_bare_year_is_every_reporter_s(comtrade: Quick, service: Comtrade) -> None:
    """A backfill names years; each means all reporters the region asks for."""
    service.publish(40, "2023", "2025-01-10T00:00:00")
    planned = ask(comtrade, "2023", reporters=["276", "40"]).planned
    assert [p.ask.partition_key for p in planned] == ["276-2023", "40-2023"]
    with pytest.raises(FetchError, match="1999: no such reporter and period"):
        ask(comtrade, "1999")


@pytest.mark.parametrize(
    "options",
    [{"products": ["AG4"]}, {"flows": ["M"]}, {"params": {"motCode": 0}}],
    ids=["products", "flows", "params"],
)
def test_another_selection_is_never_answered_by_nothing_new(
    comtrade: Quick, service: Comtrade, options: dict[str, Any]
) -> None:
    """Other products, flows or parameters for a released year are another question: it comes again."""
    ask(comtrade, "276-2024")
    outcome = ask(comtrade, "276-2024", **options)
    assert ([p.reason for p in outcome.planned], outcome.request_count) == (["asked anew"], 2)
    assert [p.reason for p in ask(comtrade, "276-2024", **options).planned] == ["same"]


def test_a_dry_run_brings_nothing(comtrade: Quick) -> None:
    assert [p.is_due for p in comtrade.fetch(endpoint="api", dry_run=True).planned] == [True, True]
    assert (comtrade.files, len(comtrade.server.seen)) == ([], 1)


def test_only_the_newest_years_are_offered(comtrade: Quick) -> None:
    """Of each reporter the newest watched years are offered; an older one comes by name."""
    facts = {"watched": 1}
    assert [p.ask.partition_key for p in comtrade.fetch_with(facts, endpoint="api").planned] == ["276-2024"]
    assert [n.partition_key for n in comtrade.fetch_with(facts, "276-2023", endpoint="api").brought] == ["276-2023"]
    with pytest.raises(FetchError, match=r"276-1990: no such reporter and period.*one of 276-2023, 276-2024"):
        ask(comtrade, "276-1990")


def test_totals_land_and_nothing_counts_twice(comtrade: Quick) -> None:
    """Also where the service gives rows by mode of transport and second partner, only totals land, the world apart."""
    ask(comtrade, "276-2024", params={}, products=["AG2", "AG4"])
    comtrade.receive()
    flow, world = table(comtrade, "flow"), table(comtrade, "world_total")
    assert (flow.height, world.height) == (9 * 2 * 3, 9 * 2)
    first = flow.filter(product_code="7318", partner_iso3="CHN", flow_label="Import").row(0, named=True)
    assert (first["reporter_iso3"], first["value_usd"], first["year"]) == ("DEU", 106.0, 2024)
    sums = flow.group_by("product_code", "flow_label").agg(pl.col("value_usd").sum())
    assert sums.filter(product_code="7318")["value_usd"].to_list() == [318.0, 318.0]
    assert world.filter(product_code="7318")["value_usd"].to_list() == [318.0, 318.0]


@pytest.mark.parametrize(("most", "requests"), [(40, 3), (12, 11)])
def test_an_answer_that_meets_the_limit_is_asked_for_in_parts(
    comtrade: Quick, service: Comtrade, most: int, requests: int
) -> None:
    """As many rows as the limit means that some are missing: by flow, then by product until each part is whole."""
    [note] = ask(comtrade, "276-2024", products=["AG4"], max_records=most).brought
    assert note.params["requests"] == requests
    comtrade.receive()
    assert (table(comtrade, "flow").height, table(comtrade, "world_total").height) == (5 * 2 * 3, 5 * 2)
    assert all(len(q["cmdCode"].split(",")) <= 3 for q in service.queries)


def test_parts_are_kept_as_they_came(comtrade: Quick) -> None:
    """Several answers become a list, each byte for byte."""
    ask(comtrade, "276-2024", products=["AG4"], max_records=40)
    content = (folder_of(comtrade.lineage, "comtrade") / "comtrade-C-A-HS-276-2024.json").read_bytes()
    assert [a["count"] for a in json.loads(content)] == [20, 20]
    assert content.count(b'"elapsedTime": "0.09 secs"') == 2


def test_splitting_ends(comtrade: Quick) -> None:
    """What cannot be split further, and what needs too many requests, is refused."""
    with pytest.raises(FetchError, match=r"product 01 and flow M alone meet the limit of 3 rows"):
        ask(comtrade, "276-2024", max_records=3)
    with pytest.raises(FetchError, match=r"4 requests did not suffice"):
        ask(comtrade, "276-2024", max_records=5, products=["AG4"], max_requests=4)
    assert comtrade.files == []


def test_the_url_stays_short(comtrade: Quick, service: Comtrade) -> None:
    """However many codes a level has, an address keeps below what the service takes."""
    service.products = tuple(f"{n:06d}" for n in range(1, 5600))
    service.rows = [row(276, "2024", "M", 156, code, 1.0) for code in service.products]
    ask(comtrade, "276-2024", products=["AG6"], flows=["M"], max_records=5000)
    comtrade.receive()
    assert table(comtrade, "flow").height == 5599
    assert max(len(r.target) for r in comtrade.server.seen) < 4096


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(comtrade: Quick, fault: str) -> None:
    """A passing fault at availability or data is sat out."""
    for path in ("getDa", "v1/get/"):
        comtrade.server.fail(fault, on=path, wait_seconds=0.01)
    assert len(ask(comtrade).brought) == 2


def test_a_long_wait_is_said_and_not_waited(comtrade: Quick) -> None:
    """429 with a longer Retry-After than permitted ends the call; years that came before are kept."""
    comtrade.server.fail("429", on="v1/get/", times=99, wait_seconds=29_553, after_requests=1)
    with pytest.raises(FetchError, match="asks to wait 29553 s"):
        ask(comtrade)
    assert "comtrade-C-A-HS-276-2023.json" in comtrade.files


@pytest.mark.parametrize(("wait", "said"), [(29_553, "call again in 29553 s"), (0, "call again tomorrow")])
def test_a_used_up_quota_is_said(comtrade: Quick, service: Comtrade, wait: int, said: str) -> None:
    """403 for a used-up quota is no matter of credentials: the message says when to call again."""
    service.quota_wait = wait
    with pytest.raises(FetchError, match=rf"quota of calls is used up: Out of call volume quota.*{said}") as error:
        ask(comtrade)
    assert error.value.is_passing


def test_a_wrong_or_missing_key_is_refused(comtrade: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong key is refused; without any the variable to set is named."""
    monkeypatch.setenv("KETTENWERK_COMTRADE_KEY", "falsch")
    with pytest.raises(FetchError, match=r"HTTP 401: Access denied.*check the subscription key"):
        ask(comtrade)
    monkeypatch.delenv("KETTENWERK_COMTRADE_KEY")
    with pytest.raises(FetchError, match="set KETTENWERK_COMTRADE_KEY"):
        if left := ask(comtrade).left:
            raise FetchError(source="comtrade", asked="api", problem=left["api"])


def test_the_key_is_nowhere(comtrade: Quick, service: Comtrade) -> None:
    """The key is in no address, no file below the home and nothing reported, even where the service repeats it."""
    service.rows.append(row(276, "2024", "M", 156, "99", 1.0, cmdDesc=f"echo {service.key}"))
    outcome = ask(comtrade)
    comtrade.receive()
    assert service.key not in repr(outcome)
    assert not [r for r in comtrade.server.seen if service.key in r.target]
    for path in comtrade.lineage.home.rglob("*"):
        assert not path.is_file() or service.key.encode() not in path.read_bytes(), path


def body(*rows: Any, **more: Any) -> bytes:
    return json.dumps({"count": len(rows), "data": list(rows), "error": ""} | more).encode()


GOOD = row(276, "2024", "M", 156, "7318", 1.0)
MALFORMED: dict[str, tuple[bytes, str]] = {
    "a page": (PAGE, "an HTML page came"),
    "no JSON": (b"count: 3", "something else than an answer with rows"),
    "a cut answer": (body(GOOD)[:-30], "something else than an answer with rows"),
    "a list": (b"[]", "something else than an answer with rows"),
    "rows that are texts": (body("a"), "something else than an answer with rows"),
    "an error with status 200": (body(error="Invalid cmdCode"), "the service says: Invalid cmdCode"),
    "a count of other rows": (body(GOOD, count=7), "count says 7, 1 rows came"),
    "no rows": (body(), "no rows came although the period is available"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_refused(comtrade: Quick, service: Comtrade, name: str) -> None:
    """HTTP 200 is no success: an error in the envelope, a wrong count, no rows or another form is refused."""
    service.fixed, said = MALFORMED[name]
    with pytest.raises(FetchError, match=said):
        ask(comtrade)
    assert comtrade.files == []


DIRTY: dict[str, tuple[bytes, str]] = {
    "a value in words": (body(GOOD | {"primaryValue": "viel"}), r"field 'primaryValue', data row 1: 'viel' is no number"),
    "no value": (body(GOOD | {"primaryValue": None}), r"field 'primary_value'.*required value is missing"),
    "a negative value": (body(GOOD | {"primaryValue": -5}), "too small"),
    "a missing field": (body({k: v for k, v in GOOD.items() if k != "motCode"}), "field 'motCode' is missing"),
    "a product that is none": (body(GOOD | {"cmdCode": "73A8"}), "'73A8' has another form"),
    "a monthly row": (body(GOOD | {"freqCode": "M"}), r"frequency M.*annual rows"),
    "a row twice": (body(GOOD, GOOD), "occurs more than once"),
    "a year that is none": (body(GOOD | {"refYear": None}), "year None"),
    "a reporter without a code": (body(GOOD | {"reporterISO": ""}), "required value is missing"),
    "an error message": (b'{"statusCode": 429, "message": "Rate limit is exceeded."}', "not an answer of the API"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_answer_does_not_land(comtrade: Quick, name: str) -> None:
    """A value that is no number, a missing field, a month among years or a row twice is refused with its place."""
    content, said = DIRTY[name]
    path = comtrade.lineage.inbox / "comtrade" / "comtrade-C-A-HS-276-2024.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=said):
        comtrade.receive()


def test_an_availability_without_periods_is_refused(comtrade: Quick, service: Comtrade) -> None:
    """A list of what is available that names no periods is refused."""
    service.available = [{"reporterCode": 276}]
    with pytest.raises(FetchError, match=r"availability, row 1: it names no reporter and period"):
        ask(comtrade)


def recorded_answers() -> list[Path]:
    return sorted((settings.load("real").real_data / "recorded" / "comtrade").glob("*.json"))


def test_recorded_answers_load(comtrade: Quick, service: Comtrade) -> None:
    """Recorded answers of the real service with annual goods come through the connector unchanged and land."""
    answers = [json.loads(p.read_text(encoding="utf-8-sig")) for p in recorded_answers()]
    annual = [a for a in answers if isinstance(a, dict) and a.get("data") and a["data"][0].get("freqCode") == "A"]
    if not annual:
        pytest.skip("recorded answers are not there (recorded/comtrade below KETTENWERK_REAL_DATA)")
    for answer in annual:
        reporter, period = str(answer["data"][0]["reporterCode"]), str(answer["data"][0]["period"])
        service.released, service.fixed = {f"{reporter}-{period}": "2026-01-01"}, json.dumps(answer).encode()
        ask(comtrade, reporters=[reporter])
    assert comtrade.receive().new
