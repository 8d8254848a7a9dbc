"""The GENESIS family: tables come once, long ones by a job, and no message is ever taken for data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from ingest.contract import Source
from ingest.errors import FetchError
from ingest.fetching.fetch import fetch
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.replay.genesis import BOM, Cell, Genesis, Table, flat, packed
from warehouse.errors import SettingsError

USER, PASSWORD = "DEKETTE42", "sehr-geheim-für-niemanden"
TOKEN = "0123456789abcdefABCDEF0123456789"
TABLE = "13111-01-03-4"
KREISE = [("05914", "Hagen, kreisfreie Stadt"), ("05954", "Ennepe-Ruhr-Kreis"), ("05962", "Märkischer Kreis, Kreis")]
SEX = ("GES", "Geschlecht", "GESM", "männlich")
ALL = ("GES", "Geschlecht", "", "Insgesamt")
FILE = f"{TABLE}_flat.zip"


def cells(years: range = range(2022, 2025), first: int = 1000) -> list[Cell]:
    """An invented table: three Kreise, the Land, the country; all and men."""
    places = [("KREISE", *kreis) for kreis in KREISE]
    places += [("DLAND", "05", "Nordrhein-Westfalen"), ("DINSG", "DG", "Deutschland")]
    return [
        Cell(f"{year}-06-30", place, str(first + 10 * number + year - 2000), (dim,))
        for year in years
        for number, place in enumerate(places)
        for dim in (ALL, SEX)
    ]


@dataclass
class Works:
    """A live lineage with one service of the family, and how long it was waited."""

    live: Live
    service: Genesis
    slept: list[float]

    def table(self) -> pl.DataFrame:
        return pl.read_parquet(self.live.lineage.lake / "genesis/cell/*.parquet")


def contract(wanted: list[dict[str, Any]], endpoint: str = "regionalstatistik", **options: Any) -> Source:
    """The real contract with one endpoint and other tables."""
    source = sources()["genesis"]
    facts = source.fetch[endpoint]
    changed = facts.model_copy(
        update={
            "limits": {"second": 1000},
            "is_enabled": True,
            "options": {**facts.options, "recheck_window_days": 0, "tables": wanted, **options},
        }
    )
    return source.model_copy(update={"fetch": {endpoint: changed}})


@pytest.fixture
def works(live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Works]:
    slept: list[float] = []
    monkeypatch.setattr("ingest.connectors.genesis.session.sleep", slept.append)
    original = sources()["genesis"]

    def start(*tables: dict[str, Any], endpoint: str = "regionalstatistik", **options: Any) -> Works:
        service = Genesis(accounts={USER: PASSWORD}, tables={TABLE: Table(cells())})
        monkeypatch.setitem(sources(), "genesis", original)
        source = contract(list(tables) or [{"table": TABLE}], endpoint, **options)
        monkeypatch.setitem(sources(), "genesis", source)
        one = live("genesis", service)
        monkeypatch.setenv(f"KETTENWERK_URL_GENESIS_{endpoint}".upper(), f"{one.server.url}/genesisws/rest/2020")
        names = source.fetch[endpoint].credentials
        for name, value in zip(names, (USER, PASSWORD), strict=True):
            monkeypatch.setenv(f"KETTENWERK_GENESIS_{name}".upper(), value)
        return Works(one, service, slept)

    return start


@pytest.mark.parametrize("options", [{"quality": "off"}, {"language": "en"}, {"area": "user"}], ids=str)
def test_another_question_is_never_answered_by_nothing_new(
    works: Callable[..., Works], options: dict[str, str]
) -> None:
    """Another language, area or quality marks for an unchanged table: it is asked for whole, without ``stand``."""
    w = works()
    w.live.fetch()
    other = contract([{"table": TABLE}], **options)
    planned = fetch(other, w.live.lineage, w.live.region, wanted=[]).planned
    assert [p.reason for p in planned] == ["asked anew"]
    assert "stand" not in w.service.last("data/tablefile")


def test_new_tables_come_once(works: Callable[..., Works]) -> None:
    """A new table is brought; the next look asks for the login and the description only."""
    w = works()
    first = w.live.fetch()
    assert [n.partition_key for n in first.brought] == [TABLE]
    assert (first.request_count, w.service.methods()) == (3, ["helloworld/logincheck", "metadata/table", "data/tablefile"])  # fmt: skip
    assert [p.ask.request_count for p in first.planned] == [2]
    again = w.live.fetch()
    assert ([p.reason for p in again.planned], again.brought, again.request_count) == (["same"], [], 2)
    assert w.live.files == [f".notes/{FILE}.json", FILE]


def test_the_request_is_as_the_service_wants_it(works: Callable[..., Works]) -> None:
    """POST, the account in headers, a form in UTF-8; the regions' codes come from the region folder."""
    w = works(
        {
            "table": TABLE,
            "from_year": 2022,
            "regions": ["kreise", "state", "country"],
            "parameters": {"contents": "Märkisch"},
        }
    )
    assert [p.ask.partition_key for p in w.live.fetch().planned] == [f"{TABLE}_kreise", f"{TABLE}_state", f"{TABLE}_country"]  # fmt: skip
    asked = [form for method, form in w.service.forms if method == "data/tablefile"]
    assert [(f["regionalvariable"], f["regionalkey"]) for f in asked] == [("KREISE", "05914,05954,05962"), ("DLAND", "05"), ("DINSG", "")]  # fmt: skip
    assert {(f["startyear"], f["endyear"], f["format"], f["quality"], f["compress"], f["job"], f.get("stand")) for f in asked} == {("2022", "2024", "ffcsv", "on", "false", "false", None)}  # fmt: skip
    assert {f["contents"] for f in asked} == {"Märkisch"}, "without the charset the service would read Latin-1"
    for request in w.live.server.seen:
        assert (request.method, request.query) == ("POST", {})
        assert request.headers["username"] == USER
        assert USER.encode() not in request.body
        assert b"geheim" not in request.body
    frame = w.live.receive().new
    assert sorted(s.partition_key for s in frame) == [f"{TABLE}_country", f"{TABLE}_kreise", f"{TABLE}_state"]
    assert set(w.table()["region_raw_code"]) == {"05914", "05954", "05962", "05", "DG"}


def test_years_can_be_cut_into_files(works: Callable[..., Works]) -> None:
    """Spans of years keep their names when a new year comes; no span begins after the newest period."""
    w = works({"table": TABLE, "from_year": 2020, "years_per_file": 2, "regions": ["kreise"]})
    w.service.tables[TABLE].cells = cells(range(2020, 2025))
    keys = [p.ask.partition_key for p in w.live.fetch().planned]
    assert keys == [f"{TABLE}_kreise_2020-2021", f"{TABLE}_kreise_2022-2023", f"{TABLE}_kreise_2024-2025"]
    assert len(w.live.receive().new) == 3
    assert sorted(w.table()["time_value"].str.slice(0, 4).unique()) == ["2020", "2021", "2022", "2023", "2024"]


def test_a_revision_is_a_new_vintage_and_the_old_one_stays(works: Callable[..., Works]) -> None:
    """A changed description brings the table again; both vintages stay in the lake."""
    w = works()
    w.live.fetch()
    w.live.receive()
    w.service.tables[TABLE] = Table(cells(first=2000), datetime.now() + timedelta(days=1), "30.06.2026 08:00:00h")
    outcome = w.live.fetch()
    assert ([p.reason for p in outcome.planned], len(outcome.brought)) == (["changed"], 1)
    assert len(w.live.receive().new) == 1
    assert w.table()["value"].min() == 1024
    assert w.table()["value"].max() == 2064
    assert w.table()["snapshot_id"].n_unique() == 2


def test_a_new_period_is_noticed_although_the_stamp_stays(works: Callable[..., Works]) -> None:
    """Services keep Updated while new periods come in, so the last period is part of the state."""
    w = works({"table": TABLE, "from_year": 2022})
    w.live.fetch()
    w.service.tables[TABLE] = replace(w.service.tables[TABLE], cells=cells(range(2022, 2026)), last="30.06.2025")
    assert ([p.reason for p in w.live.fetch().planned], w.service.last("data/tablefile")["endyear"]) == (
        ["asked anew"],
        "2025",
    )


def test_the_same_data_in_another_zip_is_nothing_new(works: Callable[..., Works]) -> None:
    """A ZIP carries the second it was made; only the CSV in it decides what is new."""
    w = works()
    w.live.fetch()
    kept = (w.live.lineage.fetched / "genesis" / FILE).read_bytes()
    w.service.tables[TABLE] = replace(
        w.service.tables[TABLE], changed=datetime.now() + timedelta(days=1), updated="30.06.2026 08:00:00h"
    )
    outcome = w.live.fetch()
    assert (outcome.request_count, outcome.brought) == (3, [])
    assert (w.live.lineage.fetched / "genesis" / FILE).read_bytes() == kept
    assert w.live.fetch().request_count == 2, "the new state is remembered"


def in_cycle(day: int, days: int = 28) -> datetime:
    """A moment on this day of the cycle of rechecks that now belongs to."""
    now = datetime.now(UTC)
    return now + timedelta(days=day - now.date().toordinal() % days)


def test_code_50_says_nothing_is_newer(works: Callable[..., Works]) -> None:
    """In the days of the recheck the service is asked with stand; code 50 costs one request and brings nothing."""
    w = works(recheck_days=28, recheck_window_days=7)
    assert [p.reason for p in w.live.fetch(today=in_cycle(7)).planned] == ["new"]
    assert [p.reason for p in w.live.fetch(today=in_cycle(27)).planned] == ["same"]
    outcome = w.live.fetch(today=in_cycle(6))
    assert ([p.reason for p in outcome.planned], outcome.brought, outcome.repeated) == (["unknown"], [], [])
    assert (outcome.request_count, w.service.methods()[-1]) == (3, "data/tablefile")
    stand = datetime.strptime(w.service.last("data/tablefile")["stand"], "%d.%m.%Y %H:%M").replace(tzinfo=UTC)
    assert timedelta(hours=23) < datetime.now(UTC) - stand < timedelta(hours=25)
    assert [p.reason for p in w.live.fetch(today=in_cycle(8)).planned] == ["same"], "the state is kept"


def test_a_silent_revision_is_found_by_the_recheck(works: Callable[..., Works]) -> None:
    """Data that change under the same description come with the next recheck."""
    w = works(recheck_window_days=7)
    w.live.fetch(today=in_cycle(7))
    w.service.tables[TABLE].cells = cells(first=3000)
    w.service.tables[TABLE].changed = datetime.now() + timedelta(days=1)
    assert w.live.fetch(today=in_cycle(8)).brought == []
    assert len(w.live.fetch(today=in_cycle(0)).brought) == 1


@pytest.mark.parametrize("change", ["more years", "fewer years", "the file was removed", "the file was spoiled"])
def test_stand_is_only_sent_for_what_lies_here(works: Callable[..., Works], change: str) -> None:
    """Another selection, and a file that is missing or was spoiled, is asked for whole, whatever the service has since."""
    w = works({"table": TABLE, "from_year": 2023})
    w.live.fetch()
    path = w.live.lineage.fetched / "genesis" / FILE
    if change.endswith("years"):
        sources()["genesis"] = contract([{"table": TABLE, "from_year": 2022 if change == "more years" else 2024}])
    elif change == "the file was removed":
        path.unlink()
    else:
        path.write_bytes(b"PK spoiled")
        w.service.tables[TABLE].updated = "30.06.2026 08:00:00h"
        w.service.tables[TABLE].changed = datetime.now() + timedelta(days=1)
    assert len(w.live.fetch().brought) == 1
    assert "stand" not in w.service.last("data/tablefile")


def test_a_dry_run_brings_nothing(works: Callable[..., Works]) -> None:
    """A dry run costs the login and the descriptions and says what the rest would cost."""
    w = works({"table": TABLE, "regions": ["kreise", "state"]})
    outcome = w.live.fetch(dry_run=True)
    assert [(p.is_due, p.ask.request_count) for p in outcome.planned] == [(True, 2), (True, 1)]
    assert (outcome.request_count, w.live.files) == (2, [])
    assert "data/tablefile" not in w.service.methods()


@pytest.mark.parametrize(("name", "said"), [("99999-0001", "lists no such table.*13111-01-03-4"), (f"{TABLE}_moon", f"one of: {TABLE}")])  # fmt: skip
def test_an_unlisted_table_is_refused_with_what_is_offered(works: Callable[..., Works], name: str, said: str) -> None:
    """An unknown partition names what there is."""
    with pytest.raises(FetchError, match=said):
        works().live.fetch(name)


def test_a_tables_code_asks_for_all_its_files(works: Callable[..., Works]) -> None:
    """A table's code stands for all its selections; other tables are not even described."""
    w = works({"table": TABLE, "regions": ["kreise", "state"]}, {"table": "12411-01-01-4"})
    assert len(w.live.fetch(TABLE).brought) == 2
    assert len(w.live.fetch(f"{TABLE}_state").planned) == 1
    assert {f["name"] for m, f in w.service.forms if m == "metadata/table"} == {TABLE}


@pytest.mark.parametrize("is_job", [False, True], ids=["told by code 98", "known to be large"])
def test_a_long_table_comes_as_a_job(works: Callable[..., Works], is_job: bool) -> None:
    """98, then a job (99), looks at it (104) until it is ready, then its result."""
    w = works({"table": TABLE, "is_job": is_job}, poll_seconds=7)
    w.service.tables[TABLE].is_large = True
    w.service.polls = 3
    assert len(w.live.fetch().brought) == 1
    chain = ["data/tablefile"] * (1 if is_job else 2) + ["catalogue/results"] * 4 + ["data/resultfile"]
    assert w.service.methods()[2:] == chain
    assert w.slept == [7] * 4
    assert w.service.last("data/tablefile")["job"] == "true"
    assert w.service.last("data/resultfile")["name"].startswith(f"{TABLE}_")
    assert len(w.live.receive().new) == 1


def test_a_job_that_is_never_ready_ends_with_a_clear_message(works: Callable[..., Works]) -> None:
    """The looks are counted; the message names the job and the option."""
    w = works(poll_attempts=5)
    w.service.tables[TABLE].is_large = True
    w.service.polls = 99
    with pytest.raises(FetchError, match=r"job 13111-01-03-4_\d+ is not ready after 5 looks.*poll_attempts") as caught:
        w.live.fetch()
    assert caught.value.is_passing
    assert len(w.slept) == 5
    assert FILE not in w.live.files


def test_an_expired_job_is_started_once_more(works: Callable[..., Works]) -> None:
    """A result that is gone costs a second job; then the table is there."""
    w = works()
    w.service.tables[TABLE].is_large = True
    w.service.expired = 1
    assert len(w.live.fetch().brought) == 1
    assert len(w.service.jobs) == 2


def test_a_job_that_expires_again_is_given_up(works: Callable[..., Works]) -> None:
    """Two results that are gone are one clear message and no file."""
    w = works()
    w.service.tables[TABLE].is_large = True
    w.service.expired = 9
    with pytest.raises(FetchError, match=r"the result of the job was gone.*\(2 jobs\)"):
        w.live.fetch()
    assert w.live.files == []


def use_token(monkeypatch: pytest.MonkeyPatch, w: Works) -> None:
    w.service.accounts = {TOKEN: ""}
    monkeypatch.setenv("KETTENWERK_GENESIS_REGIO_USER", TOKEN)
    monkeypatch.setenv("KETTENWERK_GENESIS_REGIO_PASSWORD", TOKEN)


def test_a_token_goes_with_an_empty_password(works: Callable[..., Works], monkeypatch: pytest.MonkeyPatch) -> None:
    """A personal token is sent as the name; the password stays empty."""
    w = works()
    use_token(monkeypatch, w)
    assert len(w.live.fetch().brought) == 1
    assert {(r.headers["username"], r.headers["password"]) for r in w.live.server.seen} == {(TOKEN, "")}


@pytest.mark.parametrize("is_job", [False, True])
def test_a_token_cannot_start_a_job_and_is_told_so(
    works: Callable[..., Works], monkeypatch: pytest.MonkeyPatch, is_job: bool
) -> None:
    """No job is tried; the message says how to cut the table into files."""
    w = works({"table": TABLE, "is_job": is_job})
    use_token(monkeypatch, w)
    w.service.tables[TABLE].is_large = True
    with pytest.raises(FetchError, match=r"too large.*a token cannot start a job.*years_per_file"):
        w.live.fetch()
    assert "true" not in {f.get("job") for _, f in w.service.forms}
    assert w.live.files == []


@pytest.mark.parametrize("fault", ["login text", "code 15", "HTTP 401"])
def test_a_refused_login_is_said_once(works: Callable[..., Works], fault: str) -> None:
    """However the service says it: one message that names the variables, no repeats, no file."""
    w = works()
    if fault == "login text":
        w.service.accounts = {}
    elif fault == "code 15":
        w.service.bodies["helloworld/logincheck"] = b'{"Status":"Sie wurden erfolgreich an- und abgemeldet!"}'
        w.service.accounts = {}
    else:
        w.service.bodies["helloworld/logincheck"] = b'{"Code":15,"Content":"Nicht berechtigt","Type":"ERROR"}'
        w.service.statuses["helloworld/logincheck"] = 401
    with pytest.raises(FetchError, match=r"refuses the account.*REGIO_USER and KETTENWERK_GENESIS_REGIO_PASSWORD"):
        w.live.fetch()
    assert len(w.service.forms) == (2 if fault == "code 15" else 1)
    assert w.live.files == []


@pytest.mark.parametrize("value", ["two\nlines", "nul\0byte", "tab\there"])
def test_a_secret_that_cannot_be_sent_is_named_and_not_shown(
    works: Callable[..., Works], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A line break or tab inside a secret is refused by the variable's name."""
    w = works()
    secrets = w.live.lineage.home / "secrets.yml"
    secrets.write_text(json.dumps({"genesis": {"regio_password": value}}), encoding="utf-8")
    secrets.chmod(0o600)
    monkeypatch.delenv("KETTENWERK_GENESIS_REGIO_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match="KETTENWERK_GENESIS_REGIO_PASSWORD: the secret holds") as caught:
        w.live.fetch()
    assert value not in str(caught.value)
    assert w.service.forms == []


def test_a_table_that_does_not_exist_keeps_no_other_from_coming(works: Callable[..., Works]) -> None:
    """Code 90 fails with advice, after everything else has come."""
    w = works({"table": "99999-01-01-4"}, {"table": TABLE, "regions": ["kreise", "peers", "state", "country"]})
    with pytest.raises(FetchError, match=r"99999-01-01-4: code 90 .*nicht vorhanden.*check the code"):
        w.live.fetch()
    assert len([f for f in w.live.files if f.endswith("_flat.zip")]) == 4


def test_an_empty_selection_is_said(works: Callable[..., Works]) -> None:
    """Code 104 where a table was due names regions and years."""
    w = works()
    w.service.tables[TABLE].cells = []
    with pytest.raises(FetchError, match=r"code 104 .*keine Objekte.*check the selection of regions and years"):
        w.live.fetch()
    assert w.live.files == []


@pytest.mark.parametrize("method", ["helloworld/logincheck", "metadata/table", "data/tablefile"])
def test_a_system_error_is_asked_again(works: Callable[..., Works], method: str) -> None:
    """Code -1 passes when it is asked again after a wait."""
    w = works(repeat_seconds=3)
    w.service.system_errors[method] = 2
    assert len(w.live.fetch().brought) == 1
    assert w.slept == [3, 3]


def test_a_system_error_that_stays_ends(works: Callable[..., Works]) -> None:
    """The attempts are counted, and the service's own words are passed on."""
    w = works(repeat_attempts=4)
    w.service.system_errors["data/tablefile"] = 99
    with pytest.raises(FetchError, match=r"code -1 \(Es ist ein Systemfehler aufgetreten.\).*within 4 attempts"):
        w.live.fetch()
    assert w.service.methods().count("data/tablefile") == 4
    assert w.live.files == []


def test_an_adjusted_parameter_is_accepted_and_noted(works: Callable[..., Works]) -> None:
    """Code 22 is kept beside the file, and so is whose data it is."""
    w = works()
    w.service.adjusted = True
    [note] = w.live.fetch().brought
    assert note.params["noted"] == "code 22 (Der Parameter area wurde angepasst.)"
    assert note.licence_note == "© Statistische Ämter des Bundes und der Länder, Deutschland, 2026."


def test_a_file_that_lost_years_is_refused_and_the_old_one_stays(works: Callable[..., Works]) -> None:
    """A service that no longer hears the years gives its default period: that must not replace all years."""
    w = works({"table": TABLE, "from_year": 2022})
    w.live.fetch()
    kept = (w.live.lineage.fetched / "genesis" / FILE).read_bytes()
    w.service.ignores_years = True
    w.service.tables[TABLE] = replace(
        w.service.tables[TABLE], changed=datetime.now() + timedelta(days=1), updated="30.06.2026 08:00:00h"
    )
    with pytest.raises(FetchError, match=r"2 periods that the last fetch held are missing, the first is 2022-06-30"):
        w.live.fetch()
    assert (w.live.lineage.fetched / "genesis" / FILE).read_bytes() == kept


def test_a_get_is_answered_with_a_page_as_the_service_does(works: Callable[..., Works]) -> None:
    """The replay service answers GET as Destatis does: a page with HTTP 200."""
    import requests

    answer = requests.get(f"{works().live.server.url}/genesisws/rest/2020/helloworld/whoami", timeout=5)
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(works: Callable[..., Works], fault: str) -> None:
    """A limit, an overload, a broken or slow connection: the table comes all the same."""
    w = works()
    w.live.server.fail(fault, on="tablefile", wait_seconds=0)
    assert len(w.live.fetch().brought) == 1
    assert not [f for f in w.live.files if ".partial" in f]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("page", r"an HTML page came \(HTTP 200\).*closed for maintenance"),
        ("json_error", "a message without a code"),
        ("cut", "the ZIP is damaged or cut off"),
    ],
)
def test_something_else_than_the_table_is_refused(works: Callable[..., Works], fault: str, said: str) -> None:
    """A page, another message or half a ZIP is one clear message, and no file is left."""
    w = works()
    w.live.server.fail(fault, on="tablefile", times=99)
    with pytest.raises(FetchError, match=said):
        w.live.fetch()
    assert w.live.files == []


@pytest.mark.parametrize("status", [200, 404, 403, 405])
def test_a_page_is_refused_whatever_its_status(works: Callable[..., Works], status: int) -> None:
    """HTML is never data, with whatever status it comes."""
    w = works()
    w.service.bodies["metadata/table"] = b"\xef\xbb\xbf\n<html><title>Wartung</title></html>"
    w.service.statuses["metadata/table"] = status
    said = "refuses the account" if status == 403 else rf"an HTML page came \(HTTP {status}\)"
    with pytest.raises(FetchError, match=said):
        w.live.fetch()
    assert w.live.files == []


def test_umlauts_in_latin1_are_refused_and_named(works: Callable[..., Works]) -> None:
    """A CSV that is labelled UTF-8 and is not is refused with its line; names are never guessed."""
    w = works()
    w.service.latin1 = {"csv"}
    with pytest.raises(
        FetchError, match=r"line 2 of the CSV is not UTF-8: byte 0xe4, in ISO-8859-1 'Besch.*UTF-8, as the service"
    ):
        w.live.fetch()
    assert w.live.files == []


def test_a_message_in_latin1_is_still_read(works: Callable[..., Works]) -> None:
    """Messages in Latin-1 are read by rule, because they are shown and never stored."""
    w = works({"table": TABLE}, login_ok="abgemeldet")
    w.service.latin1 = {"json"}
    w.service.tables[TABLE].is_large = True
    w.service.polls = 0
    assert len(w.live.fetch().brought) == 1, "the chain of messages holds the umlaut of 'Kürze'"


GOOD = flat(cells())
ROW = GOOD.splitlines()[1]
JOINED = GOOD.replace(";Hagen,", ';"Hagen,', 1).replace(";Hagen, kreisfreie Stadt;", ';Hagen, kreisfreie Stadt";', 1)
MALFORMED = {
    "nothing": (b"", "an empty answer came"),
    "only spaces": (b"   \n", "bytes that are no ZIP came"),
    "bare csv": (BOM + GOOD.encode(), "bytes that are no ZIP came"),
    "half a zip": (packed(f"{TABLE}_1_de_flat.csv", GOOD.encode())[:-40], "damaged or cut off"),
    "zip with noise": (b"PK\x03\x04" + b"\0" * 400, "damaged or cut off"),
    "empty zip": (b"PK\x05\x06" + b"\0" * 18, "the ZIP holds 0 files"),
    "another table": (packed("52111-0001_1_de_flat.csv", GOOD.encode()), "the ZIP holds '52111-0001_1_de_flat.csv'"),
    "a longer table's name": (packed(f"{TABLE}5_1_flat.csv", GOOD.encode()), "Expected: the file of table"),
    "a page in the zip": (packed(f"{TABLE}_1_flat.csv", b"<html>Wartung</html>"), "begins with '<html>"),
    "another format": (packed(f"{TABLE}_1_flat.csv", b"GENESIS-Tabelle: 13111\n;;;x\n"), "the flat format"),
    "no time": (packed(f"{TABLE}_1_flat.csv", GOOD.replace(";time;", ";when;").encode()), "the flat format"),
    "header only": (packed(f"{TABLE}_1_flat.csv", GOOD.split("\n")[0].encode()), "a header and no row"),
    "last row cut": (packed(f"{TABLE}_1_flat.csv", (GOOD + ROW[:70]).encode()), "data row 31 of the CSV has 7 cells"),
    "a cell too many": (packed(f"{TABLE}_1_flat.csv", (GOOD + ROW + ";x\n").encode()), "data row 31 of the CSV has 18"),
    "a stray quotation mark": (packed(f"{TABLE}_1_flat.csv", GOOD.replace(";Geschlecht;", ';"Geschlecht;', 1).encode()), "30 lines became 1 rows: a quotation mark"),
    "two lines in quotation marks": (packed(f"{TABLE}_1_flat.csv", JOINED.encode()), "30 lines became 29 rows: a quotation mark"),
    "letters lost": (packed(f"{TABLE}_1_flat.csv", GOOD.replace("ä", "\ufffd").encode()), r"line 2 .*U\+FFFD"),
    "UTF-16": (packed(f"{TABLE}_1_flat.csv", GOOD.encode("utf-16")), "is not UTF-8: byte 0xff"),
    "json cut off": (b'{"Ident":{"Service":"data"},"Status":{"Code":0,', "JSON that is cut off"),
    "a list": (b'[{"Code":0}]', "bytes that are no ZIP came"),
    "ok without a file": (b'{"Status":{"Code":0,"Content":"erfolgreich","Type":"Information"}}', r"code 0 \(erfolgreich\) came without a file"),
    "adjusted without a file": (b'{"Status":{"Code":22,"Content":"angepasst"}}', r"code 22 \(angepasst\) came without a file"),
    "code 50 without stand": (b'{"Status":{"Code":50,"Content":"nichts"}}', "nothing was fetched before"),
    "an unknown code": (b'{"Status":{"Code":"77","Content":"Neues"}}', r"code 77 \(Neues\)"),
    "a code that is no number": (b'{"Status":{"Code":"fehler","Content":"Neues"}}', r"a message without a code \(Neues\)"),
    "job without a name": (b'{"Status":{"Code":99,"Content":"Der Auftrag wurde erstellt."}}', r"code 99 \(Der Auftrag"),
    "no table, in words of a login": (b'{"Status":{"Code":90,"Content":"Keine Tabelle, oder Anmeldung fehlt"}}', r"code 90 \(Keine Tabelle, oder"),
    "json cut off beside a password": (b'{"Parameter":{"username":"***","password":"***"', "JSON that is cut off"),
    "no status at all": (b'{"error": [{"status": 500}]}', "a message without a code"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_table_is_refused_with_what_came(works: Callable[..., Works], name: str) -> None:
    """Each kind of wrong body has its own message; nothing of it is kept."""
    w = works()
    w.service.bodies["data/tablefile"], said = MALFORMED[name]
    with pytest.raises(FetchError, match=said) as caught:
        w.live.fetch()
    assert caught.value.source == "genesis/regionalstatistik"
    assert TABLE in str(caught.value)
    assert w.live.files == []


@pytest.mark.parametrize(
    ("method", "body", "said"),
    [
        ("metadata/table", b'{"Status":{"Code":0,"Content":"erfolgreich"},"Object":null}', "an Object with Updated and Time"),
        ("metadata/table", b'{"Status":{"Code":0},"Object":{"Updated":""}}', "an Object with Updated and Time"),
        ("metadata/table", b"PK\x03\x04", "an Object with Updated and Time"),
        ("metadata/table", b'{"Status":{"Code":0,', "JSON that is cut off"),
        ("metadata/table", b"", "an Object with Updated and Time"),
        ("helloworld/logincheck", b"", "a message in JSON"),
        ("helloworld/logincheck", b'{"Status":"Sie wurden erf', "JSON that is cut off"),
        ("helloworld/logincheck", b"<html>", "an HTML page came"),
        ("catalogue/results", b'{"Status":{"Code":90,"Content":"weg"}}', r"code 90 \(weg\).*the state of job"),
        ("catalogue/results", b'{"Status":{"Code":0,"Content":"ok"},"List":[{"Code":"other"}]}', "not ready after 2 looks"),
        ("catalogue/results", b'{"Status":{"Code":0,"Content":"ok"},"List":"none"}', "not ready after 2 looks"),
        ("data/resultfile", b'{"Status":{"Code":98,"Content":"gross"}}', r"code 98 \(gross\)"),
    ],
)  # fmt: skip
def test_a_malformed_message_is_refused_with_what_came(works: Callable[..., Works], method: str, body: bytes, said: str) -> None:  # fmt: skip
    """Descriptions, logins and jobs are read as strictly as tables."""
    w = works(poll_attempts=2)
    w.service.tables[TABLE].is_large = True
    w.service.polls = 0
    w.service.bodies[method] = body
    with pytest.raises(FetchError, match=said):
        w.live.fetch()
    assert FILE not in w.live.files


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"poll_secnds": 1}, "poll_secnds"),
        ({"tables": [{"table": TABLE, "regions": ["moon"]}]}, r"names the regions \['moon'\]"),
        ({"tables": [{"table": "../../etc/passwd"}]}, "tables.0.table"),
        ({"tables": [{"table": TABLE, "from_year": 20}]}, "tables.0.from_year"),
        ({"repeat_attempts": 0}, "repeat_attempts"),
    ],
)
def test_an_option_that_does_not_fit_is_named(works: Callable[..., Works], options: dict[str, Any], said: str) -> None:
    """A misspelt option of the endpoint is an error with its name."""
    with pytest.raises(FetchError, match=said):
        works(**options).live.fetch()


def test_the_table_lands_with_signs_and_flags(works: Callable[..., Works]) -> None:
    """Every sign stays a sign, every flag a flag; only numbers become numbers."""
    w = works()
    place = ("KREISE", *KREISE[2])
    given = ["-", ".", "/", "x", "...", "0", "12,5", "-3", "(7)", "8p", "9", "10", "11"]
    quality = ["", "", "", "", "", "", "e", "r", "", "", "s", "()", "p"]
    w.service.tables[TABLE].cells = [
        Cell("2024-06-30", place, value, (("NATN", "N", f"N{n:02d}", "x"),), quality=q)
        for n, (value, q) in enumerate(zip(given, quality, strict=True))
    ]
    w.live.fetch()
    w.live.receive()
    frame = w.table().sort("characteristic_code")
    assert frame["value_raw"].to_list() == given
    assert frame["value"].to_list() == [None] * 5 + [0, 12.5, -3, 7, 8, 9, 10, 11]
    assert frame["symbol"].to_list() == ["-", ".", "/", "x", "...", "0"] + [None] * 7
    assert frame["quality_code"].to_list() == [None] * 6 + ["e", "r", "()", "p", "s", "()", "p"]
    assert set(frame["region_label"]) == {"Märkischer Kreis, Kreis"}


CUBE = """K;DQ;FACH-SCHL;GHH-ART;GHM-WERTE-JN;GENESIS-VBD;REGIOSTAT;EU-VBD;"mit Werten"
D;47414BJ002;;N;N;N;N
K;DQ-ERH;FACH-SCHL
D;47414
K;DQA;NAME;RHF-BSR;RHF-ACHSE
D;DINSG;1;1
D;WZ08N7;2;2
K;DQZ;NAME;ZI-RHF-BSR;ZI-RHF-ACHSE
D;JAHR;3;3
K;DQI;NAME;ME-NAME;DST;TYP;NKM-STELLEN;GHH-ART;GHM-WERTE-JN
D;UMS103;2015=100;FEST;PROZENT;1;;N
K;QEI;FACH-SCHL;FACH-SCHL;ZI-WERT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT
D;DG;WZ08-491;2024;136.6;p;;0.0
D;DG;WZ08-H;2024;0;.;;0.0
"""


def cube_works(works: Callable[..., Works]) -> Works:
    w = works({"table": "47414BJ002"}, endpoint="genesis_online_cubes")
    w.service.cubes["47414BJ002"] = CUBE.encode()
    return w


def test_a_cube_lands_without_the_accounts_name(works: Callable[..., Works]) -> None:
    """The comment line names account, group and second: it is taken out before the file is kept."""
    w = cube_works(works)
    assert len(w.live.fetch().brought) == 1
    assert len(w.live.receive().new) == 1
    frame = w.table()
    assert frame.select("wz_raw_code", "value", "symbol", "quality_code", "time_value").rows() == [
        ("49.1", 136.6, None, "p", "2024"), ("H", None, ".", None, "2024"),
    ]  # fmt: skip
    assert not [p for p in w.live.lineage.home.rglob("*") if p.is_file() and USER.encode() in p.read_bytes()]
    w.service.tables["47414BJ002"] = Table(updated="01.01.2027 00:00:00h")
    assert w.live.fetch().brought == [], "the second of the export is no news"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("47414BJ002", "47414BJ003"), "begins with 'D;47414BJ003"),
        (("K;QEI;", "K;XXX;"), "no line K;QEI"),
        ((";0.0\nD;DG;WZ08-H", "\nD;DG;WZ08-H"), "data row 1 of the CSV has 7 cells"),
        (("D;DG;WZ08-491;2024;136.6;p;;0.0\nD;DG;WZ08-H;2024;0;.;;0.0\n", ""), "a header and no row"),
        (("136.6", USER), "names the account among its data"),
    ],
)
def test_a_malformed_cube_is_refused(works: Callable[..., Works], change: tuple[str, str], said: str) -> None:
    """A cube that is another, cut off or speaks of the account is not kept."""
    w = cube_works(works)
    w.service.cubes["47414BJ002"] = CUBE.replace(*change).encode()
    with pytest.raises(FetchError, match=said) as caught:
        w.live.fetch()
    assert USER not in str(caught.value)
    assert w.live.files == []


def test_secrets_are_nowhere(works: Callable[..., Works]) -> None:
    """Neither name nor password is in any file of the home or in any address, after good and bad answers."""
    w = works()
    w.live.fetch()
    w.live.receive()
    w.service.bodies["data/tablefile"] = json.dumps({"Status": {"Code": 90, "Content": f"{USER} {PASSWORD}"}}).encode()
    w.service.tables[TABLE].updated = "30.06.2026 08:00:00h"
    with pytest.raises(FetchError) as caught:
        w.live.fetch()
    texts = [str(caught.value).encode(), *(str(r.path + str(r.query)).encode() for r in w.live.server.seen)]
    texts += [p.read_bytes() for p in w.live.lineage.home.rglob("*") if p.is_file()]
    assert len(texts) > 10
    for secret in (USER, PASSWORD, PASSWORD.encode().decode("latin-1")):
        assert not [t for t in texts if secret.encode() in t]


def test_without_an_account_nothing_is_asked(works: Callable[..., Works], monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint without an account is left aside with the names of its variables."""
    w = works()
    monkeypatch.delenv("KETTENWERK_GENESIS_REGIO_PASSWORD")
    assert w.live.fetch().left == {"regionalstatistik": "no credentials; set KETTENWERK_GENESIS_REGIO_PASSWORD"}
    assert w.live.server.seen == []
