"""LimeSurvey: a survey is one whole file although only new answers travel, and nothing of it is left open."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.dock import write_meta
from ingest.errors import FetchError
from ingest.fetching.notes import folder_of, note_of
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.limesurvey import LimeSurvey, Survey
from warehouse.region import Region

FILE = "results-survey-2026.csv"
WAVES = """waves:
  - {wave_id: "2026", survey_id: 432535, language: de, codebook: survey/codebook_2026.csv, codes: survey/codes_2026.csv}
"""


@pytest.fixture
def survey(region: Region) -> Survey:
    made = Survey([row["source_column"] for row in region.rows("survey/codebook_2026.csv")])
    made.answer(1, 2, 4)
    return made


@pytest.fixture
def service(survey: Survey) -> LimeSurvey:
    return LimeSurvey({432535: survey})


@pytest.fixture
def limesurvey(
    live: Callable[..., Live], service: LimeSurvey, region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Quick:
    monkeypatch.setenv("KETTENWERK_LIMESURVEY_USER", service.user)
    monkeypatch.setenv("KETTENWERK_LIMESURVEY_PASSWORD", service.password)
    folder = tmp_path / "region"
    (folder / "survey").mkdir(parents=True)
    shutil.copyfile(region.folder / "region.yml", folder / "region.yml")
    (folder / "survey" / "waves.yml").write_text(WAVES, encoding="utf-8")
    return Quick.of(live("limesurvey", service), region=Region.load(str(folder)))


def brought(live: Quick) -> bytes:
    return live.content(FILE)


def test_a_survey_comes_once(limesurvey: Quick, survey: Survey, service: LimeSurvey) -> None:
    """All responses come as one file; a second look that finds the same ids and stamps brings nothing."""
    assert [n.partition_key for n in limesurvey.fetch().brought] == ["2026"]
    assert brought(limesurvey) == survey.csv()
    again = limesurvey.fetch()
    assert (again.brought, [p.reason for p in again.planned]) == ([], ["same"])
    assert again.request_count == 4, "login, properties, ids and stamps, logout"
    assert service.asked("export_responses")[-1][-2] == ["id", "submitdate", "datestamp"]
    assert service.keys == {}, "every session is given back"


def test_what_came_lands_with_typed_values(limesurvey: Quick) -> None:
    """The fetched file is read like one from the inbox: ids as text, headcount as number, umlauts whole."""
    limesurvey.fetch()
    [sidecar] = limesurvey.receive().new
    assert (sidecar.partition_key, sidecar.row_count) == ("2026", 3)
    lake = limesurvey.lineage.lake / "limesurvey"
    answers = pl.read_parquet(lake / "answer" / f"{sidecar.snapshot_id}.parquet")
    head = answers.filter(question_concept_id="HEADCOUNT", response_id="4")
    assert head["answer_num"].to_list() == [14.0]
    names = answers.filter(question_concept_id="LEGAL_NAME")["raw_value"]
    assert names[0] == "Probe 1 Märkische Schrauben GmbH (erfunden)"
    assert not answers.filter(pl.col("raw_value").str.starts_with("probe0")).height, "no invitation code"
    raw = limesurvey.lineage.raw / "limesurvey"
    assert [p.name for p in raw.rglob("*") if p.is_file()] == ["sidecar.json"], "the bytes are in the vault only"


def new(survey: Survey) -> None:
    survey.answer(41, 42)


def edited(survey: Survey) -> None:
    survey.answer(2, changed="2026-03-01 10:00:00", HEADC="99")


def deleted(survey: Survey) -> None:
    del survey.responses[2]


def all_of_it(survey: Survey) -> None:
    new(survey)
    edited(survey)
    del survey.responses[1]


def scattered(survey: Survey) -> None:
    for number in range(1, 40, 3):
        survey.answer(number, changed="2026-03-02 10:00:00")


@pytest.mark.parametrize(
    ("change", "ranges"),
    [
        (new, [(41, 42)]),
        (edited, [(2, 2)]),
        (deleted, []),
        (all_of_it, [(2, 2), (41, 42)]),
        (scattered, [(1, 37)]),
    ],
)
def test_a_delta_gives_the_bytes_of_a_full_export(
    limesurvey: Quick, survey: Survey, service: LimeSurvey, change: Callable[[Survey], None], ranges: list[tuple[int, int]]
) -> None:  # fmt: skip
    """Only new and changed responses travel; the file is byte for byte what a full export gives."""
    survey.answer(*range(10, 41))
    limesurvey.fetch()
    service.calls.clear()
    change(survey)
    [note] = limesurvey.fetch().brought
    assert brought(limesurvey) == survey.csv()
    exports = service.asked("export_responses")[1:]
    assert [(e[6], e[7]) for e in exports] == ranges
    assert note.params["asked_for"] == "what is new"
    assert [p.reason for p in limesurvey.fetch().planned] == ["same"]


def test_an_edit_without_a_stamp_is_found_by_a_full_reconciliation(limesurvey: Quick, survey: Survey) -> None:
    """What was edited without moving a stamp stays unseen until ``full`` is asked for; then it is a new file."""
    limesurvey.fetch()
    survey.answer(2, HEADC="77")
    assert limesurvey.fetch().brought == []
    [note] = limesurvey.fetch("full").brought
    assert (note.partition_key, note.params["asked_for"]) == ("2026", "everything")
    assert brought(limesurvey) == survey.csv()
    assert limesurvey.fetch("full").brought == []
    assert [p.reason for p in limesurvey.fetch().planned] == ["same"]


def test_a_survey_without_dates_goes_by_ids_and_submission(
    limesurvey: Quick, survey: Survey, service: LimeSurvey
) -> None:
    """Without datestamps, new, deleted and newly submitted responses are noticed by id and submission."""
    survey.has_dates = False
    survey.answer(5, submitdate="")
    limesurvey.fetch()
    assert service.asked("export_responses")[0][-2] == ["id", "submitdate"]
    survey.answer(5)
    assert len(limesurvey.fetch().brought) == 1
    assert brought(limesurvey) == survey.csv()


def test_a_new_question_is_fetched_with_everything(limesurvey: Quick, survey: Survey) -> None:
    """Where the headings changed a delta does not fit, so the whole survey is asked for."""
    limesurvey.fetch()
    survey.columns.append("NEW")
    survey.answer(7)
    [note] = limesurvey.fetch().brought
    assert note.params["asked_for"] == "everything"
    assert brought(limesurvey) == survey.csv()


def test_a_dry_run_brings_nothing(limesurvey: Quick) -> None:
    assert [p.is_due for p in limesurvey.fetch(dry_run=True).planned] == [True]
    assert limesurvey.files == []


def test_only_the_owner_may_read_what_came(limesurvey: Quick, survey: Survey) -> None:
    """File and folders of a fetched survey are closed to everybody else, also after a delta."""
    limesurvey.fetch()
    survey.answer(5)
    limesurvey.fetch()
    folder = folder_of(limesurvey.lineage, "limesurvey")
    for path in (folder, folder / ".partial", folder / f"{FILE}.sealed"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_a_company_confided_is_sealed_where_it_waits(limesurvey: Quick, survey: Survey) -> None:
    """Between fetch and refresh no answer lies in the clear: neither in the fetched file nor in a part of it."""
    limesurvey.fetch()
    survey.answer(5)
    limesurvey.fetch()
    header, row, *_ = limesurvey.content(FILE).splitlines()
    for path in limesurvey.lineage.fetched.rglob("*"):
        assert not path.is_file() or not {row, header} & set(path.read_bytes().splitlines()), path


def test_secrets_are_nowhere(limesurvey: Quick, service: LimeSurvey) -> None:
    """Neither user, password nor session key is in any file below the home, nor in what is reported."""
    outcome = limesurvey.fetch()
    limesurvey.receive()
    service.password = "anders"
    with pytest.raises(FetchError) as error:
        limesurvey.fetch("full")
    spoken = repr(outcome) + repr(error.value) + str(error.value)
    for secret in (service.user, "Geheim-4711!", "schluessel0001"):
        assert secret not in spoken
        for path in limesurvey.lineage.home.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path


def test_without_a_survey_nothing_is_asked(live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that names no survey has nothing to ask for; nobody logs in."""
    for name in ("USER", "PASSWORD"):
        monkeypatch.setenv(f"KETTENWERK_LIMESURVEY_{name}", "x-y-z")
    idle = live("limesurvey", LimeSurvey({}))
    assert (idle.fetch().planned, idle.server.seen) == ([], [])


def test_without_credentials_it_is_left_aside(limesurvey: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the endpoint is left aside and says which variables it needs."""
    monkeypatch.delenv("KETTENWERK_LIMESURVEY_PASSWORD")
    assert limesurvey.fetch().left == {"remote": "no credentials; set KETTENWERK_LIMESURVEY_PASSWORD"}


def test_a_survey_may_be_named_in_the_options(limesurvey: Quick, service: LimeSurvey, survey: Survey) -> None:
    """The endpoint's options name a survey and win over the region's waves."""
    service.surveys = {777: survey}
    named = {"surveys": [{"wave_id": "2026", "survey_id": 777}]}
    assert len(limesurvey.fetch_with({"options": named}).brought) == 1
    assert service.asked("export_responses")[-1][2] is None, "the survey's own language"


def test_an_address_that_was_never_set_is_said(limesurvey: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """The placeholder address is never called; the message names the variable to set."""
    monkeypatch.delenv("KETTENWERK_URL_LIMESURVEY_REMOTE")
    with pytest.raises(FetchError, match="set KETTENWERK_URL_LIMESURVEY_REMOTE"):
        limesurvey.fetch()


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(limesurvey: Quick, survey: Survey, fault: str) -> None:
    """A passing fault at any of the calls is sat out; the file is whole."""
    for call in range(7):
        limesurvey.server.fail(fault, on="remotecontrol", after_requests=call * 2, wait_seconds=0.01)
    limesurvey.fetch()
    assert brought(limesurvey) == survey.csv()
    assert not [f for f in limesurvey.files if ".partial" in f]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("page", "something else than JSON came"),
        ("cut", "something else than JSON came"),
        ("json_error", "a JSON message of another form"),
    ],
)
@pytest.mark.parametrize("call", [0, 1, 2, 5])
def test_something_else_than_an_answer_is_refused(limesurvey: Quick, call: int, fault: str, said: str) -> None:
    """A page, a cut body or another message at login, properties, look or export is refused; no file is left."""
    limesurvey.server.fail(fault, on="remotecontrol", after_requests=call, times=99)
    with pytest.raises(FetchError, match=said):
        limesurvey.fetch()
    assert limesurvey.files == []


def test_a_long_wait_is_said_and_not_waited(limesurvey: Quick) -> None:
    """Retry-After beyond the permitted wait ends the call with a message."""
    limesurvey.server.fail("429", on="remotecontrol", times=99, wait_seconds=30_000)
    with pytest.raises(FetchError, match="asks to wait 30000 s"):
        limesurvey.fetch()


def test_a_service_that_hangs_is_left(limesurvey: Quick, survey: Survey) -> None:
    """A call that hangs runs into the endpoint's timeout and is repeated."""
    limesurvey.server.fail("hang", on="remotecontrol", wait_seconds=1.5)
    limesurvey.fetch_with({"timeout_seconds": 0.3})
    assert brought(limesurvey) == survey.csv()


def test_requests_are_counted(limesurvey: Quick) -> None:
    """citric's requests count against the endpoint's limits; beyond them the call ends with a message."""
    with pytest.raises(FetchError, match="limit of 3 a hour is used up") as caught:
        limesurvey.fetch_with({"limits": {"hour": 3}})
    assert (caught.value.rule_id, caught.value.is_passing) == ("REG-009", True)
    assert len(limesurvey.server.seen) == 3


def test_an_expired_session_is_renewed_once(limesurvey: Quick, service: LimeSurvey, survey: Survey) -> None:
    """A session that expires in the middle is renewed once."""
    service.expires_after = 1
    limesurvey.fetch()
    assert brought(limesurvey) == survey.csv()
    assert len(service.asked("get_session_key")) == 3


def test_a_session_that_expires_at_once_is_refused(limesurvey: Quick, service: LimeSurvey) -> None:
    """A session that is unknown again after it was renewed is refused: no endless logins."""
    service.status["get_survey_properties"] = {"status": "Invalid session key"}
    with pytest.raises(FetchError, match="LimeSurvey says 'Invalid session key'"):
        limesurvey.fetch()
    assert len(service.asked("get_session_key")) == 2


def test_a_wrong_password_is_tried_once(limesurvey: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password is tried once, because LimeSurvey locks out who fails often."""
    monkeypatch.setenv("KETTENWERK_LIMESURVEY_PASSWORD", "falsch")
    with pytest.raises(FetchError, match=r"login: LimeSurvey says 'Invalid user name or password'.*locks out"):
        limesurvey.fetch()
    assert len(limesurvey.server.seen) == 1


def test_an_interface_that_is_off_is_named(limesurvey: Quick, service: LimeSurvey) -> None:
    """An empty body means that the interface is switched off; the message says where to switch it on."""
    service.is_off = True
    with pytest.raises(FetchError, match=r"login: an empty answer came.*switch JSON-RPC on"):
        limesurvey.fetch()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"is_permitted": False}, r"No permission.*right to see and export"),
        ({"languages": ("en",)}, r"Language code not found.*language to one the survey has"),
        ({"is_active": False}, r"survey 432535 \(wave 2026\): the survey is not active.*activate it again"),
    ],
)
def test_a_survey_that_gives_nothing_says_why(
    limesurvey: Quick, survey: Survey, state: dict[str, Any], said: str
) -> None:
    """A named wave without permission, language or activation is refused with the reason."""
    for name, value in state.items():
        setattr(survey, name, value)
    with pytest.raises(FetchError, match=said):
        limesurvey.fetch("2026")
    assert limesurvey.files == []


def in_force(live: Quick) -> dict[str, int]:
    """Rows of the deliveries in force, by wave."""
    rows = write_meta(live.lineage, live.settings).filter(source_id=live.source_id, is_latest_vintage=True)
    return dict(rows.select("partition_key", "row_count").iter_rows())


def test_an_emptied_survey_is_empty_here_too(limesurvey: Quick, survey: Survey) -> None:
    """All respondents deleted at the source: a delivery without rows replaces the file, lands and is in force."""
    limesurvey.fetch()
    limesurvey.receive()
    assert in_force(limesurvey) == {"2026": 3}
    survey.responses.clear()
    assert [p.reason for p in limesurvey.fetch().planned] == ["changed"]
    assert brought(limesurvey) == survey.csv()
    assert [s.row_count for s in limesurvey.receive().new] == [0]
    assert in_force(limesurvey) == {"2026": 0}
    assert [p.reason for p in limesurvey.fetch().planned] == ["same"]
    survey.answer(7)
    limesurvey.fetch()
    limesurvey.receive()
    assert in_force(limesurvey) == {"2026": 1}


@pytest.mark.parametrize("wanted", [(), ("2026",), ("full",)])
def test_a_survey_nobody_answered_yet_is_a_delivery_of_no_rows(
    limesurvey: Quick, survey: Survey, wanted: tuple[str, ...]
) -> None:
    """LimeSurvey gives no headings then; those of the wave's codebook serve, and no row lands."""
    survey.responses.clear()
    assert len(limesurvey.fetch(*wanted).brought) == 1
    assert brought(limesurvey) == survey.csv()
    assert [s.row_count for s in limesurvey.receive().new] == [0]


def test_two_waves_without_answers_are_two_deliveries(limesurvey: Quick, survey: Survey, service: LimeSurvey) -> None:
    """Two emptied waves are the same bytes: each replaces its own wave's answers all the same."""
    two_waves(limesurvey, 'wave_id: "2026", survey_id: 432535', 'wave_id: "2027", survey_id: 500')
    service.surveys[500] = Survey(survey.columns)
    service.surveys[500].answer(8, 9)
    limesurvey.fetch()
    limesurvey.receive()
    assert in_force(limesurvey) == {"2026": 3, "2027": 2}
    for number, rows in ((432535, {"2026": 0, "2027": 2}), (500, {"2026": 0, "2027": 0})):
        service.surveys[number].responses.clear()
        limesurvey.fetch()
        limesurvey.receive()
        assert in_force(limesurvey) == rows


def test_an_emptied_survey_may_be_dropped_by_hand(limesurvey: Quick, survey: Survey) -> None:
    """The same bytes by the other road: a heading alone in the inbox replaces what was fetched before."""
    limesurvey.fetch()
    limesurvey.receive()
    survey.responses.clear()
    path = limesurvey.lineage.inbox / "limesurvey" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(survey.csv())
    limesurvey.receive()
    assert in_force(limesurvey) == {"2026": 0}


@pytest.mark.parametrize(
    "status",
    ["No Data, survey table does not exist.", "No Data available for this survey.", "Error: no data"],
)
def test_only_emptiness_itself_empties_a_survey(
    limesurvey: Quick, survey: Survey, service: LimeSurvey, status: str
) -> None:
    """Any other word for 'nothing' than that of a survey without responses is refused; what was fetched stays."""
    limesurvey.fetch()
    before = brought(limesurvey)
    service.status["export_responses"] = {"status": status}
    with pytest.raises(FetchError, match=r"survey 432535 \(wave 2026\): LimeSurvey says"):
        limesurvey.fetch()
    assert brought(limesurvey) == before


def two_waves(live: Quick, *lines: str) -> None:
    """Name the waves of the region anew."""
    common = "language: de, codebook: survey/codebook_2026.csv, codes: survey/codes_2026.csv"
    text = "waves:\n" + "".join(f"  - {{{line}, {common}}}\n" for line in lines)
    (live.region.folder / "survey" / "waves.yml").write_text(text, encoding="utf-8")


def test_a_deactivated_survey_is_said_and_stays_in_force(
    limesurvey: Quick, survey: Survey, service: LimeSurvey
) -> None:
    """What can no longer be exported is one passing error that names the survey; the other waves come before it."""
    two_waves(limesurvey, 'wave_id: "2026", survey_id: 432535', 'wave_id: "2027", survey_id: 500')
    limesurvey.fetch("2026")
    limesurvey.receive()
    survey.is_active = False
    service.surveys[500] = Survey(survey.columns, dict(survey.responses))
    assert [p.ask.partition_key for p in limesurvey.fetch(dry_run=True).planned] == ["2027", "2026"]
    with pytest.raises(FetchError, match=r"survey 432535 \(wave 2026\).*not active.*take its survey_id out") as error:
        limesurvey.fetch()
    assert error.value.is_passing, "the refresh warns and goes on"
    limesurvey.receive()
    assert in_force(limesurvey) == {"2026": 3, "2027": 3}


def test_a_survey_that_has_not_begun_is_left_out(limesurvey: Quick, survey: Survey) -> None:
    """Before the wave's field phase an inactive survey is no error; from its first day on it is."""
    survey.is_active = False
    two_waves(limesurvey, 'wave_id: "2026", survey_id: 432535, field_start: 2026-02-02')
    assert limesurvey.fetch(today=datetime(2026, 2, 1, tzinfo=UTC)).planned == []
    with pytest.raises(FetchError, match="is not active"):
        limesurvey.fetch(today=datetime(2026, 2, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [{"surveys": [{"wave_id": "2026", "survey_id": 500}]}, {"surveys": [{"wave_id": "2026", "survey_id": 432535, "language": "en"}]}],
)  # fmt: skip
def test_another_question_is_never_answered_by_nothing_new(
    limesurvey: Quick, survey: Survey, service: LimeSurvey, change: dict[str, Any]
) -> None:
    """Another survey or language for the same wave: everything is exported, nothing is merged into the old file."""
    limesurvey.fetch()
    service.surveys[500] = Survey(survey.columns, {n: r | {"HEADC": "99"} for n, r in survey.responses.items()})
    options = {"options": change}
    outcome = limesurvey.fetch_with(options)
    assert [p.reason for p in outcome.planned] == ["asked anew"]
    note = note_of(limesurvey.lineage, "limesurvey", FILE)
    assert note is not None and note.params["asked_for"] == "everything"
    assert brought(limesurvey) == service.surveys[change["surveys"][0]["survey_id"]].csv()
    assert [p.reason for p in limesurvey.fetch_with(options).planned] == ["same"]


def test_a_deletion_and_a_new_answer_at_once_are_noticed(limesurvey: Quick, survey: Survey) -> None:
    """One response deleted and one given between two looks: the count is the same, the file is not."""
    limesurvey.fetch()
    del survey.responses[2]
    survey.answer(3)
    assert len(limesurvey.fetch().brought) == 1
    assert brought(limesurvey) == survey.csv()


def test_an_unknown_survey_and_an_unknown_wave_are_refused(
    limesurvey: Quick, service: LimeSurvey, survey: Survey
) -> None:
    """A wave without a survey and a survey LimeSurvey does not know are refused with what to correct."""
    with pytest.raises(FetchError, match=r"wave 1999: no survey is named for it.*one of 2026, or full"):
        limesurvey.fetch("1999")
    service.surveys = {1: survey}
    with pytest.raises(FetchError, match=r"Invalid survey ID.*survey/waves.yml"):
        limesurvey.fetch()


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


LINE = b'"9";"Zeile"\n'
MALFORMED: dict[str, tuple[Callable[[bytes], Any], str]] = {
    "signs that are no Base64": (lambda c: "%%%" + encoded(c), "not whole Base64"),
    "Base64 without its end": (lambda c: encoded(c)[:-3], "not whole Base64"),
    "nothing": (lambda c: "", "it is empty"),
    "a number": (lambda c: 17, "it is no text"),
    "an object without a status": (lambda c: {"rows": 3}, "it is no text"),
    "a page": (lambda c: encoded(b"<!DOCTYPE html>\n<html></html>\n"), "no column 'id'"),
    "Latin-1 for UTF-8": (lambda c: encoded(c.decode("utf-8-sig").encode("latin-1")), "is not UTF-8"),
    "commas for semicolons": (lambda c: encoded(c.replace(b'";"', b'","')), "no column 'id'"),
    "a row cut in a text": (lambda c: encoded(c[: c.rindex(b"verzinkt")]), "ends inside data row 3"),
    "a row without its end": (lambda c: encoded(c + LINE), "data row 4 has 2 cells"),
    "an id twice": (lambda c: encoded(c.replace(b'\n"2";', b'\n"1";')), "response id 1 occurs more than once"),
    "an id that is none": (lambda c: encoded(c.replace(b'\n"2";', b'\n"zwei";')), "data row 2 has no number in 'id'"),
    "a header alone": (lambda c: encoded(c.split(b"\n")[0] + b"\n"), "0 of 3 listed responses came"),
    "two of three": (lambda c: encoded(c[: c.rindex(b'\n"4";') + 1]), "2 of 3 listed responses came"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_export_is_refused(limesurvey: Quick, service: LimeSurvey, name: str) -> None:
    """An export that is damaged, incomplete or of another form is refused with where; no answer is in the message."""
    service.export, said = MALFORMED[name]
    with pytest.raises(FetchError, match=said) as error:
        limesurvey.fetch()
    assert "survey 432535 (wave 2026)" in str(error.value)
    assert "Probe" not in str(error.value)
    assert limesurvey.files == []
