"""ECB reference rates: a series comes once, not again while it did not change, and never as something else."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from ingest.errors import DeliveryError, FetchError
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.replay.ecb import HEADER, Ecb, row, table

LATER = "Fri, 02 Jan 2026 15:00:00 GMT"


@pytest.fixture
def service() -> Ecb:
    made = Ecb()
    for year, usd, gbp in (("2022", "1.0530", "0.85276"), ("2023", "1.0813", "0.86979"), ("2024", "1.0824", "0.84662")):
        made.publish("A", "USD", year, usd)
        made.publish("A", "GBP", year, gbp)
    made.publish("M", "USD", "2009-12", "1.4614")
    made.publish("M", "USD", "2024-01", "1.0905")
    return made


@pytest.fixture
def ecb(live: Callable[..., Live], service: Ecb, monkeypatch: pytest.MonkeyPatch) -> Live:
    source = sources()["ecb"]
    fetch = {name: e.model_copy(update={"limits": {"second": 1000}}) for name, e in source.fetch.items()}
    monkeypatch.setitem(sources(), "ecb", source.model_copy(update={"fetch": fetch}))
    return live("ecb", service)


def lake(live: Live) -> pl.DataFrame:
    return pl.read_parquet(live.lineage.lake / "ecb" / "exchange_rate" / "ecb-*.parquet").sort(
        "series_key", "period_code"
    )


def test_new_series_come_once(ecb: Live) -> None:
    first = ecb.fetch()
    assert [n.partition_key for n in first.brought] == ["annual", "monthly"]
    again = ecb.fetch()
    assert again.brought == []
    assert again.request_count == 2
    last = ecb.server.seen[-1].headers
    assert last["if-modified-since"] == "Thu, 02 Jan 2025 15:00:00 GMT"
    assert last["if-none-match"].startswith('"')
    assert ecb.files == [".notes/exr_annual.csv.json", ".notes/exr_monthly.csv.json", "exr_annual.csv", "exr_monthly.csv"]  # fmt: skip


def test_a_service_that_says_no_state_gives_no_new_snapshot_of_the_same(ecb: Live, service: Ecb) -> None:
    service.has_validators = False
    ecb.fetch()
    assert len(ecb.receive().new) == 2
    assert ecb.fetch().brought == []
    assert ecb.receive().new == []


def test_a_revised_rate_is_a_new_vintage_and_the_old_one_stays(ecb: Live, service: Ecb) -> None:
    ecb.fetch("annual")
    assert len(ecb.receive().new) == 1
    service.publish("A", "USD", "2025", "1.1300", LATER)
    assert [n.partition_key for n in ecb.fetch("annual").brought] == ["annual"]
    [new] = ecb.receive().new
    assert new.last_modified == LATER
    assert len(list((ecb.lineage.lake / "ecb" / "exchange_rate").glob("ecb-*.parquet"))) == 2


def test_a_file_that_was_removed_comes_again(ecb: Live) -> None:
    ecb.fetch("annual")
    (ecb.lineage.fetched / "ecb" / "exr_annual.csv").unlink()
    assert [p.reason for p in ecb.fetch("annual").planned] == ["new"]
    assert "exr_annual.csv" in ecb.files


def test_a_changed_question_is_never_answered_by_not_modified(ecb: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    ecb.fetch("monthly")
    source = sources()["ecb"]
    rates = source.fetch["rates"]
    series = [{**s, "since": "2000-01"} for s in rates.options["series"]]
    changed = rates.model_copy(update={"options": {"series": series}})
    monkeypatch.setitem(sources(), "ecb", source.model_copy(update={"fetch": {"rates": changed}}))
    assert [n.partition_key for n in ecb.fetch("monthly").brought] == ["monthly"]


def test_a_dry_run_brings_nothing(ecb: Live) -> None:
    outcome = ecb.fetch(dry_run=True)
    assert [p.is_due for p in outcome.planned] == [True, True]
    assert ecb.files == []
    assert ecb.server.seen == []


def test_rates_land_as_units_of_a_currency_for_one_euro(ecb: Live) -> None:
    ecb.fetch()
    ecb.receive()
    rates = lake(ecb)
    assert rates.filter(currency_code="USD", frequency_code="A")["units_per_eur"].to_list() == [1.053, 1.0813, 1.0824]
    assert rates.filter(frequency_code="M")["period_code"].to_list() == ["2024-01"], (
        "the month before 'since' is not asked for"
    )
    assert rates["base_currency_code"].unique().to_list() == ["EUR"]
    assert rates.schema["units_per_eur"] == pl.Float64


def test_an_unknown_series_is_refused_with_what_is_offered(ecb: Live) -> None:
    with pytest.raises(FetchError, match=r"series daily: the source's contract does not offer it.*annual, monthly"):
        ecb.fetch("daily")


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(ecb: Live, fault: str) -> None:
    """The request is repeated; both series come."""
    ecb.server.fail(fault, on="A..EUR", wait_seconds=0)
    assert len(ecb.fetch().brought) == 2
    assert not [f for f in ecb.files if ".partial" in f]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("page", "an HTML page came"),
        ("json_error", 'HTTP 200 with \'{"error"'),
        ("cut", "the table ends in the middle of row"),
    ],
)
def test_something_else_than_the_series_is_refused(ecb: Live, fault: str, said: str) -> None:
    """Refused in one sentence; no file is left."""
    ecb.server.fail(fault, on="A..EUR", times=99)
    with pytest.raises(FetchError, match=said):
        ecb.fetch("annual")
    assert ecb.files == []


def test_a_key_without_series_is_said(ecb: Live, service: Ecb) -> None:
    service.rates.clear()
    with pytest.raises(
        FetchError, match=r"EXR/A\.\.EUR\.SP00\.A: the service has no such series \(HTTP 404: No results found"
    ):
        ecb.fetch("annual")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (row("USD", "2024", "1.08", KEY="EXR.D.USD.EUR.SP00.A"), r"series EXR\.D\.USD\.EUR\.SP00\.A came"),
        (row("USD", "2024", "1.08", KEY="ICP.M.U2.N.000000.4.ANR"), r"series ICP\.M\.U2.* came"),
    ],
)
def test_another_series_than_asked_for_is_refused(ecb: Live, service: Ecb, line: str, said: str) -> None:
    service.answers_with = line
    with pytest.raises(FetchError, match=said) as caught:
        ecb.fetch("annual")
    assert caught.value.rule_id == "LND-008"
    assert ecb.files == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"<html>Sign in</html>", "HTML or XML page"),
        (b'{"error": 500}', "a JSON message where data was due"),
        (table(), "holds 0 rows"),
        (table(row("USD", "2024", "1,08")), "cells|columns"),
        (table(row("USD", "2024", "abc")), "'abc' is not a valid float"),
        (table(row("USD", "2024", "0")), "0.0 is too small"),
        (table(row("USD", "2024", "-1.08")), "too small"),
        (table(row("USD", "2024", "1.08"), row("USD", "2024", "1.09")), "occurs more than once"),
        (table(row("USD", "2024-01", "1.08")), "'2024-01' does not fit its row"),
        (table(row("USD", "2024-13", "1.08", "M")), "'2024-13' does not fit its row"),
        (table(row("USD", "2024", "1.08", KEY="EXR.A.GBP.EUR.SP00.A")), "'EXR.A.GBP.EUR.SP00.A' does not fit its row"),
        (table(row("USD", "2024", "1.08", CURRENCY_DENOM="USD", KEY="EXR.A.USD.USD.SP00.A")), "'USD' is not known"),
        (table(row("USD", "2024", "1.08", EXR_TYPE="EN00", KEY="EXR.A.USD.EUR.EN00.A")), "'EN00' is not known"),
        (table(row("USD", "2024", "1.08", UNIT_MULT="3")), "'3' is not known"),
        (table(row("us dollar", "2024", "1.08")), "'us dollar' has another form"),
        (table(row("USD", "2024", "1.08", "H")), "'H' is not known"),
        (table(row("USD", "2024", "1.08")).replace(b"OBS_VALUE", b"VALUE"), "column 'OBS_VALUE' is missing"),
        (table(row("USD", "2024", "1.08", TITLE="W\xe4hrung")).decode().encode("latin-1"), "is not utf-8-sig"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(ecb: Live, content: bytes, said: str) -> None:
    """A dirty file in the inbox is refused in one sentence; nothing of it reaches the lake."""
    folder = ecb.lineage.inbox / "ecb"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exr_annual.csv").write_bytes(content)
    with pytest.raises(DeliveryError, match=said):
        ecb.receive()
    assert not list((ecb.lineage.lake / "ecb" / "exchange_rate").glob("ecb-*.parquet"))


def test_a_missing_rate_is_none_and_not_zero(ecb: Live) -> None:
    folder = ecb.lineage.inbox / "ecb"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exr_annual.csv").write_bytes(
        table(row("RUB", "2022", "NaN"), row("RUB", "2023", ""), row("USD", "2023", "1.0813"))
    )
    ecb.receive()
    assert lake(ecb)["units_per_eur"].to_list() == [None, None, 1.0813]
    assert HEADER.startswith("KEY,")
