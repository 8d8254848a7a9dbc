"""Eurostat: slices come once, in either form and from the right host; promises are waited for, refusals are said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import pytest

from ingest.errors import FetchError
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.replay.eurostat import COMEXT, MAIN, Data, Eurostat, flows, prices, prodcom
from warehouse.errors import SettingsError

PRICES = {"code": "nrg_pc_205", "format": "json", "since": 2015, "filters": {"geo": ["$country", "EU27_2020", "NL"]}}
FLOWS = {
    "code": "naio_10_fcp_ii4",
    "name": "naio_10_fcp_ii4__dest",
    "format": "csv",
    "filters": {"c_dest": ["$country"]},
}
PRODCOM = {
    "code": "DS-059358",
    "format": "csv",
    "since": 2023,
    "filters": {"reporter": ["DE"], "indicators": ["PRODVAL", "PRODQNT"]},
}


@dataclass(frozen=True)
class Asked:
    """A live lineage, and its endpoints' options as a test wants them."""

    live: Live
    patch: pytest.MonkeyPatch

    def contract(self, main: list[dict[str, Any]] | None = None, comext: list[dict[str, Any]] | None = None, **options: Any) -> None:  # fmt: skip
        source = sources()["eurostat"]
        fetch = {}
        for name, datasets in (("main", main), ("comext", comext)):
            one = source.fetch[name]
            given = {**one.options, "poll_seconds": 0, "polls": 4, **options}
            given["datasets"] = one.options["datasets"] if datasets is None else datasets
            fetch[name] = one.model_copy(update={"options": given, "limits": {"second": 1000}})
        self.patch.setitem(sources(), "eurostat", source.model_copy(update={"fetch": fetch}))

    def csv_prices(self, **more: Any) -> None:
        self.contract(main=[{**PRICES, "format": "csv"}], comext=[], **more)

    @property
    def lake(self) -> pl.DataFrame:
        found = pl.read_parquet(self.live.lineage.lake / "eurostat" / "observation" / "eurostat-*.parquet")
        return found.sort("dataset_code", "geo_code", "dimension_key", "time_period")

    @property
    def files(self) -> list[str]:
        """Data files only, neither notes nor what is on its way."""
        return [f for f in self.live.files if not f.startswith(".")]


@pytest.fixture
def service() -> Eurostat:
    made = Eurostat()
    for data in (prices(), flows(), prodcom()):
        made.publish(data)
    return made


@pytest.fixture
def asked(live: Callable[..., Live], service: Eurostat, monkeypatch: pytest.MonkeyPatch) -> Asked:
    one = Asked(live("eurostat", service), monkeypatch)
    one.contract(main=[PRICES, FLOWS], comext=[PRODCOM])
    monkeypatch.setenv("KETTENWERK_URL_EUROSTAT_MAIN", one.live.server.url + MAIN)
    monkeypatch.setenv("KETTENWERK_URL_EUROSTAT_COMEXT", one.live.server.url + COMEXT)
    return one


def test_new_slices_come_once_from_both_hosts(asked: Asked) -> None:
    first = asked.live.fetch()
    assert [n.partition_key for n in first.brought] == ["nrg_pc_205", "naio_10_fcp_ii4__dest", "ds-059358"]
    assert asked.files == ["ds-059358.csv", "naio_10_fcp_ii4__dest.csv", "nrg_pc_205.json"]
    again = asked.live.fetch(endpoint="main")
    assert again.brought == []
    assert again.request_count == 1, "only the inventory is asked for"
    assert [p.reason for p in again.planned] == ["same", "same"]


def test_a_host_without_inventory_gives_no_new_snapshot_of_the_same(asked: Asked, service: Eurostat) -> None:
    asked.live.fetch(endpoint="comext")
    assert len(asked.live.receive().new) == 1
    again = asked.live.fetch(endpoint="comext")
    assert [p.reason for p in again.planned] == ["unknown"]
    assert again.brought == []
    service.publish(replace(prodcom(), updated="2026-11-05T11:00:00+0100"))
    assert len(asked.live.fetch(endpoint="comext").brought) == 1


def test_a_file_that_was_removed_comes_again(asked: Asked) -> None:
    asked.live.fetch(endpoint="comext")
    (asked.live.lineage.fetched / "eurostat" / "ds-059358.csv").unlink()
    asked.live.fetch(endpoint="comext")
    assert asked.files == ["ds-059358.csv"]


def test_a_changed_dataset_is_a_new_vintage_and_the_old_one_stays(asked: Asked, service: Eurostat) -> None:
    asked.live.fetch("nrg_pc_205")
    assert len(asked.live.receive().new) == 1
    service.publish(prices("2026-11-05T11:00:00+0100", first=0.2))
    outcome = asked.live.fetch("nrg_pc_205")
    assert [(p.reason, n.partition_key) for p, n in zip(outcome.planned, outcome.brought, strict=True)] == [
        ("changed", "nrg_pc_205")
    ]
    [new] = asked.live.receive().new
    assert new.vintage_id == "2026-11-05T10:00:00+00:00"
    assert asked.lake["updated_at"].n_unique() == 2


def test_a_changed_question_is_asked_again(asked: Asked) -> None:
    asked.live.fetch("nrg_pc_205")
    asked.contract(main=[{**PRICES, "since": 2020}], comext=[])
    assert [p.reason for p in asked.live.fetch("nrg_pc_205").planned] == ["changed"]


def test_a_dry_run_brings_nothing(asked: Asked) -> None:
    outcome = asked.live.fetch(dry_run=True)
    assert [p.is_due for p in outcome.planned] == [True, True, True]
    assert asked.live.files == []
    assert len(asked.live.server.seen) == 1


def test_an_unknown_dataset_is_refused_with_what_is_offered(asked: Asked) -> None:
    with pytest.raises(FetchError, match=r"dataset tgs00003: the source's contract does not offer it.*ds-059358, naio"):
        asked.live.fetch("tgs00003")
    assert [n.partition_key for n in asked.live.fetch("ds-059358").brought] == ["ds-059358"], (
        "the other host's is no error"
    )


def test_the_key_follows_the_structure_and_leaves_out_codes_the_dataset_does_not_have(asked: Asked) -> None:
    asked.csv_prices()
    [note] = asked.live.fetch().brought
    assert note.params["key"] == "......DE+EU27_2020"
    assert note.params["codes_not_in_dataset"] == {"geo": ["NL"]}
    assert note.licence_note
    assert note.licence_note.startswith("https://doi.org/10.2908/NRG_PC_205, accessed ")


def test_a_dataset_without_filters_is_asked_for_whole(asked: Asked, service: Eurostat) -> None:
    cells = tuple((*c, "", "") for c in (("A", "DE", "2023", "1"), ("A", "FR", "2023", "2")))
    service.publish(Data("tgs00003", ("freq", "geo"), cells))
    asked.contract(main=[{"code": "tgs00003"}], comext=[])
    asked.live.fetch()
    assert asked.live.receive().row_count == 2


def test_the_regions_codes_stand_in_for_their_names(asked: Asked) -> None:
    asked.contract(main=[{**PRICES, "filters": {"geo": ["$nuts2", "$nuts3", "$country"]}}], comext=[])
    query = asked.live.fetch(dry_run=True).planned[0].ask.params["query"]
    assert query == "json&geo=DEA5+DEA53+DEA56+DEA58+DE&since=2015"


def test_numbers_flags_and_times_land_typed(asked: Asked) -> None:
    """Confidential is absent and not zero; zero is a number; combined flags stay together; times are UTC."""
    asked.csv_prices()
    asked.contract(main=[{**PRICES, "format": "csv", "since": 2013}], comext=[])
    asked.live.fetch()
    asked.live.receive()
    first = asked.lake.filter(geo_code="DE").sort("dimension_key", "time_period").head(8)
    assert first["value"].to_list() == [0.1, 0.1, 0.11, 0.11, 0.12, 0.12, None, 0.0]
    assert first["flag"].to_list() == [None, None, None, None, "p", "be", None, None]
    assert first["conf_status"].to_list() == [None] * 6 + ["C", None]
    assert first["time_period"][0] == "2013-S1"
    assert first["unit_code"].unique().to_list() == ["KWH"]
    assert first["dimension_key"][0] == "currency=EUR|freq=S|nrg_cons=MWH20-499|siec=E7000|tax=X_TAX"
    assert str(first["updated_at"][0]) == "2026-10-05 21:00:00"


def test_both_forms_give_the_same_observations(asked: Asked) -> None:
    columns = ["dataset_code", "time_period", "geo_code", "unit_code", "dimension_key", "value", "updated_at"]
    asked.live.fetch("nrg_pc_205")
    asked.live.receive()
    by_name = asked.lake.select(columns)
    for path in (asked.live.lineage.lake / "eurostat" / "observation").glob("eurostat-*.parquet"):
        path.unlink()
    asked.csv_prices()
    asked.live.fetch("nrg_pc_205")
    (asked.live.lineage.fetched / "eurostat" / "nrg_pc_205.json").unlink()
    asked.live.receive()
    assert by_name.equals(asked.lake.select(columns))
    assert by_name.height == 2 * 2 * 10 * 2


def test_areas_in_other_dimensions_stay_in_the_key(asked: Asked) -> None:
    asked.live.fetch("naio_10_fcp_ii4__dest")
    asked.live.receive()
    assert asked.lake["geo_code"].to_list() == [None] * 24
    assert asked.lake["dimension_key"][0] == "c_dest=DE|c_orig=CN|freq=A|ind_ava=C24|ind_use=C24"


def test_a_warning_with_status_200_is_waited_for_at_the_same_address(asked: Asked, service: Eurostat) -> None:
    service.warnings = 3
    assert len(asked.live.fetch("nrg_pc_205").brought) == 1
    addresses = {r.target for r in asked.live.server.asked("statistics")}
    assert len(asked.live.server.asked("statistics")) == 4
    assert len(addresses) == 1


@pytest.mark.parametrize(
    ("queue", "not_yet", "orders", "gzips"),
    [
        (["SUBMITTED", "PROCESSING", "AVAILABLE"], 0, 1, False),
        (["QUEUED", "AVAILABLE"], 0, 1, True),
        (["AVAILABLE"], 2, 1, False),
        (["SUBMITTED", "EXPIRED", "AVAILABLE"], 0, 2, False),
        (["LOST", "PROCESSING", "AVAILABLE"], 0, 2, False),
    ],
)
def test_a_queued_extraction_is_collected(asked: Asked, service: Eurostat, queue: list[str], not_yet: int, orders: int, gzips: bool) -> None:  # fmt: skip
    """Polled until available, ordered once more when it expired; the data are the same as at once."""
    asked.csv_prices()
    service.queue, service.not_yet, service.gzips = list(queue), not_yet, gzips
    assert len(asked.live.fetch().brought) == 1
    assert len(asked.live.server.asked("sdmx/2.1/data/")) == orders
    assert not asked.live.server.asked("elsewhere")
    assert asked.live.receive().row_count == 80


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ({"warnings": 99}, "still preparing the answer after 4 looks"),
        ({"queue": ["PROCESSING"] * 99}, "still preparing the answer after 4 looks"),
        ({"queue": ["EXPIRED", "EXPIRED"]}, "let the prepared answer expire 2 times"),
        ({"queue": ["AVAILABLE"], "not_yet": 99}, "still preparing the answer after 4 looks"),
        ({"queue": ["BROKEN", "AVAILABLE"]}, "the queued extraction answers 'BROKEN'"),
    ],
)
def test_a_promise_that_is_not_kept_ends(asked: Asked, service: Eurostat, switches: dict[str, Any], said: str) -> None:
    """The wait is bounded; the message says to call again and no file is left."""
    if "queue" in switches:
        asked.csv_prices()
    for name, value in switches.items():
        setattr(service, name, value)
    with pytest.raises(FetchError, match=said) as caught:
        asked.live.fetch("nrg_pc_205")
    assert caught.value.is_passing
    assert asked.files == []


@pytest.mark.parametrize("as_fault", [False, True])
def test_an_extraction_that_is_too_big_comes_in_halves_and_is_one_file(
    asked: Asked, service: Eurostat, as_fault: bool
) -> None:
    """Nothing is lost or doubled, and the parts stand below one header."""
    asked.csv_prices()
    asked.live.fetch()
    at_once = sorted((asked.live.lineage.fetched / "eurostat" / "nrg_pc_205.csv").read_bytes().split())
    (asked.live.lineage.fetched / "eurostat" / "nrg_pc_205.csv").unlink()
    service.most_cells, service.too_big_as_fault = 20, as_fault
    [*_, note] = asked.live.fetch().planned
    content = (asked.live.lineage.fetched / "eurostat" / "nrg_pc_205.csv").read_bytes()
    assert note.is_due
    assert sorted(content.split()) == at_once
    assert content.count(b"DATAFLOW") == 1
    assert asked.live.receive().row_count == 80
    periods = [r.query.get("startPeriod") for r in asked.live.server.asked("sdmx/2.1/data/")][1:]
    assert periods[:3] == ["2015", "2015", "2015"], "the whole, the first half, the first quarter"


def test_years_without_observations_do_not_spoil_the_parts(asked: Asked, service: Eurostat) -> None:
    gap = tuple(c for c in prices().cells if c[7][:4] not in ("2015", "2016"))
    service.publish(replace(prices(), cells=gap))
    service.most_cells = 20
    asked.contract(main=[{**PRICES, "format": "csv", "since": 2014}], comext=[])
    asked.live.fetch()
    assert asked.live.receive().row_count == 2 * 2 * 9 * 2


@pytest.mark.parametrize(
    ("most_cells", "form", "said"),
    [
        (3, "csv", r"too big \(EXTRACTION_TOO_BIG.*cannot be halved again.*narrow its filters"),
        (3, "json", r"too big \(EXTRACTION_TOO_BIG.*set 'format: csv'"),
    ],
)
def test_an_extraction_that_stays_too_big_is_said(
    asked: Asked, service: Eurostat, most_cells: int, form: str, said: str
) -> None:
    """Halving ends at single years; the message says what to change and no file is left."""
    asked.contract(main=[{**PRICES, "format": form}], comext=[])
    service.most_cells = most_cells
    with pytest.raises(FetchError, match=said):
        asked.live.fetch()
    assert asked.live.files == []


def test_a_dataset_that_changes_between_parts_is_refused(asked: Asked, service: Eurostat) -> None:
    asked.csv_prices()
    service.most_cells, service.moves_on_while_asked = 40, True
    with pytest.raises(FetchError, match="changed while it was asked for in parts") as caught:
        asked.live.fetch()
    assert caught.value.is_passing
    assert asked.files == []


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(asked: Asked, fault: str, form: str) -> None:
    """The request is repeated; the slice comes."""
    asked.contract(main=[{**PRICES, "format": form}], comext=[])
    asked.live.server.fail(fault, on="/data/nrg_pc_205", wait_seconds=0)
    assert len(asked.live.fetch().brought) == 1
    assert not [f for f in asked.live.files if ".partial" in f]


@pytest.mark.parametrize(
    ("form", "fault", "said"),
    [
        ("csv", "page", "an HTML page came"),
        ("csv", "json_error", "internal came"),
        ("csv", "cut", "the table ends in the middle of a row"),
        ("json", "page", "an HTML page came"),
        ("json", "json_error", "internal came"),
        ("json", "cut", "JSON that ends too early or is damaged came"),
    ],
)
def test_something_else_than_the_data_is_refused(asked: Asked, form: str, fault: str, said: str) -> None:
    """Refused in one sentence that names the slice; no file is left."""
    asked.contract(main=[{**PRICES, "format": form}], comext=[])
    asked.live.server.fail(fault, on="/data/nrg_pc_205", times=99)
    with pytest.raises(FetchError, match=f"eurostat/main: nrg_pc_205: {said}"):
        asked.live.fetch()
    assert asked.live.files == []


@pytest.mark.parametrize("fault", ["page", "json_error", "cut"])
@pytest.mark.parametrize("on", ["datastructure", "contentconstraint"])
def test_a_structure_that_is_none_is_refused(asked: Asked, fault: str, on: str) -> None:
    """Without the order of the key nothing is asked for."""
    asked.csv_prices()
    asked.live.server.fail(fault, on=on)
    with pytest.raises(FetchError, match=f"{on} of nrg_pc_205: .* came. Expected: an SDMX structure message"):
        asked.live.fetch()
    assert not asked.live.server.asked("sdmx/2.1/data/")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("page", "an HTML page came.*columns Code and Last data change"),
        ("json_error", "a table with columns .* came.*columns Code and Last data change"),
        ("cut", "it ends in the middle of a row"),
    ],
)
def test_an_inventory_that_is_none_is_refused(asked: Asked, fault: str, said: str) -> None:
    """Without the list of changes nothing is asked for on that host."""
    asked.live.server.fail(fault, on="inventory")
    with pytest.raises(FetchError, match=f"eurostat/main: inventory: {said}"):
        asked.live.fetch()
    assert asked.live.files == []


def test_a_dataset_the_inventory_does_not_list_is_said(asked: Asked, service: Eurostat) -> None:
    del service.datasets["nrg_pc_205"]
    with pytest.raises(FetchError, match=r"it does not list nrg_pc_205.*renamed") as caught:
        asked.live.fetch()
    assert caught.value.rule_id == "LND-008"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_comext_code_on_the_main_host_is_said(asked: Asked, form: str) -> None:
    """The 404 of the wrong host becomes a sentence that names the right one."""
    asked.contract(main=[{**PRODCOM, "format": form}], comext=[], inventory=None)
    with pytest.raises(FetchError, match=r"DS-059358.*DS- codes live on the Comext host"):
        asked.live.fetch()


@pytest.mark.parametrize("form", ["csv", "json"])
def test_another_dataset_in_the_answer_is_refused(asked: Asked, service: Eurostat, form: str) -> None:
    """The code in the answer must be the configured one (LND-008)."""
    asked.contract(main=[{**PRICES, "format": form}], comext=[])
    service.answers_as = "nrg_pc_204"
    with pytest.raises(FetchError, match=r"the answer says it is dataset NRG_PC_204.*dataset NRG_PC_205") as caught:
        asked.live.fetch()
    assert caught.value.rule_id == "LND-008"
    assert asked.live.files == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_service_that_ignores_the_filter_is_refused(asked: Asked, service: Eurostat, form: str) -> None:
    """More areas than asked for are not kept."""
    asked.contract(main=[{**PRICES, "format": form}], comext=[])
    service.ignores_filters = True
    with pytest.raises(FetchError, match="geo FR came"):
        asked.live.fetch()
    assert asked.live.files == []


@pytest.mark.parametrize(
    ("form", "changes", "said"),
    [
        ("json", {"since": 2099}, "without a single value"),
        ("csv", {"since": 2099}, "no observation fits .NO_RECORDS_FOUND"),
        ("csv", {"filters": {"geo": ["XX"]}}, "the dataset has none of XX.*codes such as DE"),
        ("csv", {"filters": {"region": ["DE"]}}, "the dataset has no such dimension.*one of freq, siec"),
        ("json", {"filters": {"region": ["DE"]}}, "INVALID_QUERY_DIMENSION: region came"),
        ("json", {"filters": {"geo": ["XX"]}}, "without a single value"),
    ],
)
def test_a_question_without_answer_is_said(asked: Asked, form: str, changes: dict[str, Any], said: str) -> None:
    """Wrong filters and empty periods give one sentence that says what to change."""
    asked.contract(main=[{**PRICES, "format": form, **changes}], comext=[])
    with pytest.raises(FetchError, match=said):
        asked.live.fetch()
    assert asked.live.files == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "tsv"}, "its format is 'tsv'"),
        ({"since": "2015-S1"}, "'2015-S1', which is not a year"),
        ({"name": "electricity"}, "its name is 'electricity'"),
        ({"filter": {}}, "'filter' is not a fact of a dataset"),
        ({"filters": {"geo": ["$nuts1"]}}, "filter 'geo' gives no codes"),
    ],
)
def test_a_wrong_contract_is_said(asked: Asked, changes: dict[str, Any], said: str) -> None:
    asked.contract(main=[{**PRICES, **changes}], comext=[])
    with pytest.raises(SettingsError, match=said):
        asked.live.fetch(dry_run=True)
