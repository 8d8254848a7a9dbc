"""VIES: the user's own list, slowly; nothing but an answer is an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from ingest.errors import DeliveryError, FetchError
from ingest.fetching.notes import folder_of
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.server import PAGE
from tests.replay.vies import Vies
from warehouse.steps import Step, listening

DAY = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
FIRST, SECOND, THIRD, ABROAD = "DE123456701", "DE123456702", "DE123456703", "ATU12345601"
LIST = f"""\ufeffvat_number;name;ansprechpartner
{FIRST};Probe Draht GmbH (erfunden);Lieschen Probe
de 123.456-702;Probe Feder GmbH (erfunden);
{FIRST};noch einmal;
{ABROAD};Probe Handel (erfunden);
"""
NAME, ADDRESS = "PROBE HANDEL (ERFUNDEN)", "Probeweg 1\nAT-0000 Nirgendwo"


def drop(live: Live, content: str = LIST, name: str = "numbers.csv") -> None:
    path = live.lineage.inbox / "vies" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())


@pytest.fixture
def service() -> Vies:
    return Vies(traders={FIRST: ("---", "---"), ABROAD: (NAME, ADDRESS)})


@pytest.fixture
def vies(live: Callable[..., Live], service: Vies) -> Quick:
    made = Quick.of(live("vies", service))
    drop(made)
    return made


def ask(live: Quick, *wanted: str, day: datetime = DAY, dry_run: bool = False, **options: Any) -> Any:
    facts = {"is_enabled": True, "options": {"busy_wait_seconds": 0, **options}}
    return live.fetch_with(facts, *wanted, today=day, dry_run=dry_run)


def checks(live: Live) -> dict[str, dict[str, Any]]:
    """The newest landed answers by number."""
    live.receive()
    frame = pl.read_parquet(live.lineage.lake / "vies" / "check" / "*.parquet")
    newest = sorted(
        frame["snapshot_id"].unique().to_list(), key=lambda s: frame.filter(snapshot_id=s)["asked_at"].max()
    )
    return {row["vat_number"]: row for row in frame.filter(snapshot_id=newest[-1]).iter_rows(named=True)}


def test_it_is_only_asked_by_name(vies: Quick) -> None:
    """Nobody's number is sent anywhere unless somebody switched the endpoint on or named it."""
    assert "off by default" in vies.fetch().left["check"]
    assert vies.server.seen == []


def test_each_listed_number_is_asked_once_and_not_again_while_its_answer_holds(vies: Quick, service: Vies) -> None:
    """Three numbers are three requests; until recheck_days have passed, nothing is asked, not even the service's state."""
    first = ask(vies)
    assert ([n.partition_key for n in first.brought], first.request_count) == (["2026-03-01"], 3)
    assert service.asked == {FIRST: 1, SECOND: 1, ABROAD: 1}
    again = ask(vies, day=DAY + timedelta(days=89))
    assert (again.planned, again.request_count) == ([], 0)
    assert [n.partition_key for n in ask(vies, day=DAY + timedelta(days=90)).brought] == ["2026-05-30"]
    assert service.asked == {FIRST: 2, SECOND: 2, ABROAD: 2}


def test_a_new_number_on_the_list_is_asked_alone(vies: Quick, service: Vies) -> None:
    """A second list is read too; the day's file then holds the earlier answers and the new one."""
    ask(vies)
    drop(vies, f"vat_number\n{THIRD}\n", "numbers-march.csv")
    assert ask(vies, day=DAY + timedelta(hours=1)).request_count == 1
    assert service.asked == {FIRST: 1, SECOND: 1, ABROAD: 1, THIRD: 1}
    assert set(checks(vies)) == {FIRST, SECOND, ABROAD, THIRD}
    assert [f for f in vies.files if "/" not in f] == ["checks-2026-03-01.jsonl.sealed"]


def test_a_dry_run_sends_nothing(vies: Quick) -> None:
    """A dry run says how many requests it would be and sends none."""
    outcome = ask(vies, dry_run=True)
    assert ([p.ask.request_count for p in outcome.planned], outcome.brought, vies.server.seen) == ([3], [], [])


def test_without_a_list_nothing_is_asked(vies: Quick) -> None:
    """Only the list in the inbox is asked: without it, or with a header alone, there is no request."""
    drop(vies, "vat_number\n")
    with listening(lambda s: said.append(s.message)):
        said: list[str] = []
        assert ask(vies).planned == []
        (vies.lineage.inbox / "vies" / "numbers.csv").unlink()
        assert ask(vies).planned == []
    assert vies.server.seen == []
    assert "no list lies in inbox/vies" in " ".join(said)


def test_answers_land_typed(vies: Quick) -> None:
    """Valid and invalid are told apart; '---' is no name; times are UTC; numbers are in normal form; other columns are not read."""
    ask(vies)
    rows = checks(vies)
    assert {n: r["state_code"] for n, r in rows.items()} == {FIRST: "valid", SECOND: "invalid", ABROAD: "valid"}
    assert (rows[FIRST]["trader_name"], rows[FIRST]["trader_address"], rows[FIRST]["consultation_number"]) == (
        None,
    ) * 3
    assert (rows[ABROAD]["trader_name"], rows[ABROAD]["trader_address"]) == (NAME, "Probeweg 1 AT-0000 Nirgendwo")
    assert rows[FIRST]["requested_at"] == datetime(2026, 3, 1, 10, 0, 0, 123000)
    assert rows[FIRST]["asked_at"] == datetime(2026, 3, 1, 9, 30)
    listed = pl.read_parquet(vies.lineage.lake / "vies" / "number" / "*.parquet")
    assert listed.select("vat_number", "country_code", "source_row").rows() == [
        (FIRST, "DE", 1), (SECOND, "DE", 2), (ABROAD, "AT", 4),
    ]  # fmt: skip


def test_who_asks_gets_a_consultation_number(vies: Quick) -> None:
    """With a requester in the options the service gives a consultation number, and it is kept."""
    ask(vies, requester={"member_state_code": "DE", "number": "999999999"})
    assert json.loads(vies.server.seen[0].body)["requesterMemberStateCode"] == "DE"
    assert checks(vies)[FIRST]["consultation_number"] == f"WAPIAAAA{FIRST}"


@pytest.mark.parametrize("is_user_error", [False, True])
@pytest.mark.parametrize("code", ["MS_UNAVAILABLE", "TIMEOUT", "MS_MAX_CONCURRENT_REQ", "MS_MAX_CONCURRENT_REQ_TIME"])
def test_a_member_state_that_does_not_answer_says_nothing_of_its_numbers(
    vies: Quick, service: Vies, code: str, is_user_error: bool
) -> None:
    """Its numbers are unavailable, never invalid, whatever 'valid' says; the others are answered, and the next call asks again."""
    service.errors["DE"], service.is_user_error = (code, 99), is_user_error
    with listening(lambda s: said.append(s)):
        said: list[Step] = []
        ask(vies)
    assert f"left for the next call: DE {code} (2)" in " ".join(s.message for s in said if s.name == "left")
    rows = checks(vies)
    assert {n: (r["state_code"], r["error_code"]) for n, r in rows.items()} == {
        FIRST: ("unavailable", code), SECOND: ("unavailable", code), ABROAD: ("valid", None),
    }  # fmt: skip
    service.errors.clear()
    assert ask(vies, day=DAY + timedelta(hours=1)).request_count == 2
    assert {n: r["state_code"] for n, r in checks(vies).items()} == {FIRST: "valid", SECOND: "invalid", ABROAD: "valid"}


def test_a_troubled_member_state_is_not_asked_on_and_on(vies: Quick, service: Vies) -> None:
    """After some troubles in a row its other numbers wait for the next call; other member states are asked."""
    numbers = [f"DE9999999{n:02d}" for n in range(10)]
    drop(vies, "\n".join(["vat_number", *numbers, ABROAD, ""]))
    service.errors["DE"] = ("MS_UNAVAILABLE", 99)
    assert ask(vies, troubles_per_state=3).request_count == 3 + 1
    assert service.asked[ABROAD] == 1


def test_a_busy_member_state_is_asked_again_a_few_times(vies: Quick, service: Vies) -> None:
    """'Too many at once' is waited for twice; then the answer counts."""
    service.errors[FIRST] = ("MS_MAX_CONCURRENT_REQ", 2)
    ask(vies)
    assert service.asked[FIRST] == 3
    assert checks(vies)[FIRST]["state_code"] == "valid"


@pytest.mark.parametrize(("code", "is_passing"), [("SERVICE_UNAVAILABLE", True), ("GLOBAL_MAX_CONCURRENT_REQ", True), ("IP_BLOCKED", False), ("VAT_BLOCKED", False)])  # fmt: skip
def test_a_service_that_answers_nothing_is_refused_and_kept_apart_from_invalid(
    vies: Quick, service: Vies, code: str, is_passing: bool
) -> None:
    """Nothing is kept; being blocked does not pass by itself, and a blocked asker does not go on asking."""
    service.errors["*"] = (code, 99)
    with pytest.raises(FetchError, match=f"none was answered.*{code}") as caught:
        ask(vies)
    assert caught.value.is_passing == is_passing
    assert not [f for f in vies.files if f.startswith("checks")]
    assert set(service.asked) == {FIRST}


def test_what_was_answered_before_a_break_is_kept(vies: Quick, service: Vies) -> None:
    """The service goes down in mid-round: what it had answered lands, the rest is asked at the next call."""
    service.errors[SECOND] = ("SERVICE_UNAVAILABLE", 1)
    ask(vies)
    assert {n: r["state_code"] for n, r in checks(vies).items()} == {FIRST: "valid", SECOND: "unavailable"}
    vies.server.fail("503", times=99, wait_seconds=99_999, after_requests=1)
    assert ask(vies, day=DAY + timedelta(hours=1)).request_count == 2
    assert set(checks(vies)) == {FIRST, SECOND}
    vies.server.faults.clear()
    assert ask(vies, day=DAY + timedelta(hours=2)).request_count == 1


def test_a_number_the_service_does_not_take_is_not_asked_again_and_again(vies: Quick, service: Vies) -> None:
    """INVALID_INPUT is no verdict on the number, and it stays what it is until recheck_days have passed."""
    service.errors[FIRST], service.status = ("INVALID_INPUT", 9), 400
    ask(vies)
    assert (checks(vies)[FIRST]["state_code"], checks(vies)[FIRST]["error_code"]) == ("undetermined", "INVALID_INPUT")
    assert ask(vies, day=DAY + timedelta(days=1)).planned == []


def test_a_failure_that_says_why_is_not_repeated(vies: Quick, service: Vies) -> None:
    """Status 500 with an error code is an answer; status 500 without one is repeated by the client."""
    service.errors[FIRST], service.status = ("MS_UNAVAILABLE", 1), 500
    ask(vies)
    assert service.asked[FIRST] == 1
    service.answers[FIRST] = (500, b"oops")
    with pytest.raises(FetchError, match="no whole answer after 6 attempts"):
        ask(vies, day=DAY + timedelta(hours=1))


def test_only_so_many_a_call(vies: Quick) -> None:
    """A long list is spread over several calls."""
    assert ask(vies, most_per_call=2).request_count == 2
    assert ask(vies, day=DAY + timedelta(hours=1), most_per_call=2).request_count == 1


def test_the_contract_asks_one_a_second_and_is_off(vies: Quick) -> None:
    """The published limits hold: one request a second, a bounded day, off by default."""
    endpoint = sources()["vies"].fetch["check"]
    assert (endpoint.is_enabled, endpoint.limits["second"], endpoint.parallel) == (False, 1, 1)
    assert endpoint.limits["day"] <= 1000


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(vies: Quick, fault: str) -> None:
    """A passing fault at any number is sat out."""
    vies.server.fail(fault, after_requests=1, wait_seconds=0.01)
    ask(vies)
    assert len(checks(vies)) == 3


@pytest.mark.parametrize(("fault", "said"), [("page", "an HTML page came"), ("json_error", "something else than an answer"), ("cut", "something else than an answer")])  # fmt: skip
@pytest.mark.parametrize("call", [0, 1])
def test_something_else_than_an_answer_is_refused(vies: Quick, fault: str, said: str, call: int) -> None:
    """A page, another message or a cut body is refused with the number's place in the list; no file is left."""
    vies.server.fail(fault, times=99, after_requests=call)
    with pytest.raises(FetchError, match=said) as caught:
        ask(vies)
    assert not [f for f in vies.files if f.startswith("checks")]
    assert FIRST not in caught.value.message and SECOND not in caught.value.message


def an_answer(number: str = FIRST, **more: Any) -> bytes:
    said = {"countryCode": number[:2], "vatNumber": number[2:], "requestDate": "2026-03-01T10:00:00Z", "valid": True}
    return json.dumps(said | more).encode()


MALFORMED: dict[str, tuple[bytes, str]] = {
    "another number": (an_answer(SECOND), "about another number"),
    "no number": (b'{"valid": true, "requestDate": "2026-03-01T10:00:00Z"}', "about another number"),
    "no date": (an_answer(requestDate=None), "has no date"),
    "a date that is none": (an_answer(requestDate="gestern"), "has no date"),
    "valid in words": (an_answer(valid="true"), "something else than an answer"),
    "valid as a number": (an_answer(valid=1), "something else than an answer"),
    "no verdict": (b"{}", "something else than an answer"),
    "a list": (b"[]", "something else than an answer"),
    "nothing": (b"", "something else than an answer"),
    "a page": (PAGE, "an HTML page came"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_refused(vies: Quick, service: Vies, name: str) -> None:
    """An answer about another number, without a date or without true or false is refused; no file is left."""
    content, said = MALFORMED[name]
    service.answers[FIRST] = (200, content)
    with pytest.raises(FetchError, match=said):
        ask(vies)
    assert not [f for f in vies.files if f.startswith("checks")]


@pytest.mark.parametrize(("valid", "user"), [(False, "VALID"), (True, "INVALID"), (True, "NEW_CODE")])
def test_a_contradiction_is_no_verdict(vies: Quick, service: Vies, valid: bool, user: str) -> None:
    """'valid' beside a word that says otherwise is undetermined and asked again."""
    service.answers[FIRST] = (200, an_answer(valid=valid, userError=user))
    ask(vies)
    assert checks(vies)[FIRST]["state_code"] == "undetermined"
    assert ask(vies, day=DAY + timedelta(hours=1), dry_run=True).planned[0].ask.request_count == 1


LISTS: dict[str, tuple[str, str]] = {
    "no such column": ("nummer\nDE123456701\n", "there is no column 'vat_number'"),
    "no member state": ("vat_number\nGB123456701\n", "'GB123456701' is no VAT number of a member state"),
    "a number without its country": ("vat_number\n123456701\n", "is no VAT number"),
    "a number a spreadsheet damaged": ("vat_number\nDE1,23E+11\n", "is no VAT number"),
    "an open quote": ('vat_number\n"DE123\n', "the list cannot be read"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_malformed_list_is_refused_before_anything_is_asked(vies: Quick, name: str) -> None:
    """A list without the column, or with something that is no number, is refused with its row by fetch and by landing."""
    content, said = LISTS[name]
    drop(vies, content)
    with pytest.raises(FetchError, match=said):
        ask(vies)
    with pytest.raises(DeliveryError, match=said):
        vies.receive()
    assert vies.server.seen == []


DIRTY: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"DE123456701 valid\n", "no JSON object"),
    "no object": (b"[]\n", "no JSON object"),
    "Latin-1": ('{"vat_number": "Märkisch"}\n'.encode("latin-1"), "no JSON object"),
    "no answer": (b'{"vat_number": "DE123456701", "asked_at": "2026-03-01T09:00:00Z"}\n', "field 'answer'.*no answer of the service"),
    "no moment": (b'{"vat_number": "DE123456701", "asked_at": "x", "answer": {"valid": true}}\n', "field 'asked_at'"),
    "no number": (b'{"asked_at": "2026-03-01T09:00:00Z", "answer": {"valid": true}}\n', "another form"),
    "twice": (b'{"vat_number": "DE123456701", "asked_at": "2026-03-01T09:00:00Z", "answer": {"valid": true}}\n' * 2, "occurs more than once"),
    "nothing": (b"", "the file is empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_delivery_does_not_land(vies: Quick, name: str) -> None:
    """A file of answers with a line that is none is refused with its row."""
    content, said = DIRTY[name]
    (vies.lineage.inbox / "vies" / "checks-2026-02-01.jsonl").write_bytes(content)
    with pytest.raises(DeliveryError, match=said):
        vies.receive()


def test_an_unknown_day_is_refused(vies: Quick) -> None:
    """The service only knows today."""
    with pytest.raises(FetchError, match="only today's state"):
        ask(vies, "2025-01-01")


def test_numbers_and_names_lie_sealed(vies: Quick) -> None:
    """What came and what was dropped lie encrypted; no number stands in a note or in an address."""
    ask(vies)
    vies.receive()
    folder = folder_of(vies.lineage, "vies")
    for path in [*folder.rglob("*"), *(vies.lineage.raw / "vies").rglob("*"), *vies.lineage.vault.rglob("*")]:
        if path.is_file():
            assert FIRST.encode() not in path.read_bytes() and b"PROBE HANDEL" not in path.read_bytes(), path
    assert not [r for r in vies.server.seen if FIRST[2:] in r.target]
