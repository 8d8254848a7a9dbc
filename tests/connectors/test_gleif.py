"""GLEIF: the region's records by pages that fit together, the list of authorities, and the golden copies."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.errors import DeliveryError, FetchError
from ingest.fetching.notes import folder_of
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.gleif import LEI_COLUMNS, POSTCODE, RR_COLUMNS, Gleif, authority, golden, invented_lei, record, zipped
from tests.replay.server import PAGE, Reply, Request
from warehouse import settings
from warehouse.region import Region

LATER = "2026-05-15T16:00:00Z"


@pytest.fixture
def recorded() -> Path:
    """Answers recorded by others, or a plain skip."""
    folder = settings.load("real").real_data / "recorded" / "gleif"
    if not folder.is_dir():
        pytest.skip("the folder of recorded answers is not there (recorded/gleif below KETTENWERK_REAL_DATA)")
    return folder


def a_region(folder: Path, region: Region, postcodes: list[str]) -> Region:
    """The region with other postcodes."""
    folder.mkdir()
    shutil.copyfile(region.folder / "region.yml", folder / "region.yml")
    lines = ["postcode,ags,postcode_type,source", *(f"{p},00000000,delivery,invented" for p in postcodes), ""]
    (folder / "postcodes.csv").write_text("\n".join(lines), encoding="utf-8")
    return Region.load(str(folder))


@pytest.fixture
def service(region: Region) -> Gleif:
    places = ["99981", "99982", "99983", "99991", "99992"]
    records = [record(number, places[number % 5]) for number in range(1, 31)]
    courts = sorted({row["court_name"] for row in region.courts})
    made = Gleif([*records, record(900, "99981", "FR")], [authority(n, c) for n, c in enumerate(courts, 201)])
    made.authorities.append(authority(1, "Registre Probe", "FR"))
    return made


@pytest.fixture
def gleif(live: Callable[..., Live], service: Gleif, region: Region, tmp_path: Path) -> Quick:
    places = ["99981", "99982", "99983", "99991", "99992", "99999"]
    return Quick.of(live("gleif", service), region=a_region(tmp_path / "region", region, places))


def paged(live: Quick, *wanted: str, **options: Any) -> Any:
    """Fetch the records with small pages and all postcodes in one file and one filter."""
    options = {"page_size": 5, "postcodes_per_request": 6, **options}
    return live.fetch_with({"options": options}, *wanted, endpoint="records")


def by_postcode(live: Quick) -> list[Request]:
    return [r for r in live.server.seen if POSTCODE in r.query]


def table(live: Quick, name: str) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(p) for p in (live.lineage.lake / "gleif" / name).glob("gleif-*.parquet"))


def test_the_region_comes_once_per_publication(gleif: Quick, service: Gleif) -> None:
    """One request tells the date of publication; only a new one brings the postcodes again."""
    first = gleif.fetch(endpoint="records")
    assert [n.partition_key for n in first.brought] == ["lei-records-99981-99999"]
    assert first.request_count == 1 + 6
    again = gleif.fetch(endpoint="records")
    assert ([p.reason for p in again.planned], again.request_count) == (["same"], 1)
    service.published = LATER
    assert [p.reason for p in gleif.fetch(endpoint="records", dry_run=True).planned] == ["changed"]
    service.records.append(record(31, "99999"))
    [note] = gleif.fetch(endpoint="records").brought
    assert (str(note.cursor).split("; ")[0], note.vintage) == (LATER, LATER)


def test_records_land_with_typed_values(gleif: Quick) -> None:
    """Records of the postcodes land once each, moments in UTC; the same postcode of another country does not come."""
    gleif.fetch(endpoint="records")
    assert [s.row_count for s in gleif.receive().new] == [30]
    lands = table(gleif, "lei_record").sort("lei")
    assert lands["country_code"].unique().to_list() == ["DE"]
    first = lands.row(0, named=True)
    assert (first["lei"], first["postcode"]) == (invented_lei(1), "99982")
    assert str(first["last_update_at"]) == "2026-05-01 08:00:00"


def test_postcodes_come_in_files_of_given_length(gleif: Quick) -> None:
    """A file holds so many postcodes, so that an interruption costs one file; a partition may be asked for alone."""
    outcome = gleif.fetch_with({"options": {"postcodes_per_file": 3}}, "lei-records-99991-99999", endpoint="records")
    assert [n.file_name for n in outcome.brought] == ["lei-records-99991-99999.json"]
    assert outcome.request_count == 1 + 3
    with pytest.raises(FetchError, match=r"12345: it is not offered.*one of lei-records-99981-99999"):
        gleif.fetch("12345", endpoint="records")


def test_pages_are_kept_as_they_came(gleif: Quick, service: Gleif) -> None:
    """Several pages become a list of pages, each byte for byte, and read as one delivery."""
    paged(gleif)
    content = (folder_of(gleif.lineage, "gleif") / "lei-records-99981-99999.json").read_bytes()
    pages = json.loads(content)
    assert [p["meta"]["pagination"]["currentPage"] for p in pages] == [1, 2, 3, 4, 5, 6]
    assert json.dumps(pages[2]).encode() in content
    assert [s.row_count for s in gleif.receive().new] == [30]


@pytest.mark.parametrize("fault", ["repeats", "shrinks"])
def test_pages_that_moved_are_read_again_once(gleif: Quick, service: Gleif, fault: str) -> None:
    """A page that repeats or a total that shrinks while reading: everything is read once more from page 1."""
    setattr(service, fault, 1)
    assert len(paged(gleif).brought) == 1
    assert [s.row_count for s in gleif.receive().new] == [30]
    assert len(by_postcode(gleif)) == 2 + 6


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("repeats", r"page 2 repeats 9999PROBE.*, twice"),
        ("shrinks", r"page 2 speaks of 29 records, page 1 of 30, twice"),
    ],
)
def test_pages_that_keep_moving_are_refused(gleif: Quick, service: Gleif, fault: str, said: str) -> None:
    """Pages that do not fit together twice are refused; no file is left."""
    setattr(service, fault, 99)
    with pytest.raises(FetchError, match=said):
        paged(gleif)
    assert gleif.files == []
    assert len(by_postcode(gleif)) == 4


def test_a_filter_with_too_many_results_is_halved(gleif: Quick) -> None:
    """More results than the service gives pages for: the postcodes are halved until each part fits."""
    assert len(paged(gleif, max_results=12).brought) == 1
    assert [s.row_count for s in gleif.receive().new] == [30]
    filters = [r.query[POSTCODE].split(",") for r in by_postcode(gleif) if r.query["page[number]"] == "1"]
    assert [len(f) for f in filters] == [6, 3, 1, 2, 3]


def test_one_postcode_with_too_many_results_is_refused(gleif: Quick) -> None:
    """A single postcode cannot be halved: the message points to the golden copy."""
    with pytest.raises(FetchError, match=r"postcodes 99981: 6 records.*at most 5.*endpoint golden_copy"):
        paged(gleif, max_results=5)


def test_a_filter_that_is_not_kept_is_refused(gleif: Quick, service: Gleif) -> None:
    """A service that ignores the filter for postcodes is noticed by where the records lie."""
    service.ignores = True
    service.records = [record(n, "11111") for n in range(1, 4)]
    with pytest.raises(
        FetchError, match=r"none of 3 records on the first page lies there.*does not keep to the filter"
    ):
        gleif.fetch(endpoint="records")
    assert gleif.files == []


@pytest.mark.parametrize(("since", "kept"), [("9999", "2026-05-15T08:00:00Z"), ("99981", LATER)])
def test_a_publication_in_between_is_noticed(gleif: Quick, service: Gleif, since: str, kept: str) -> None:
    """Postcodes of two publications in one file: the older date is kept, so that the next look asks again."""
    plain = service.answer

    def moving(request: Request) -> Reply:
        if request.query.get(POSTCODE, "") >= since:
            service.published = LATER
        return plain(request)

    service.answer = moving
    [note] = gleif.fetch(endpoint="records").brought
    assert str(note.cursor).split("; ")[0] == kept
    assert [p.is_due for p in gleif.fetch(endpoint="records", dry_run=True).planned] == [kept != LATER]


def test_other_postcodes_are_asked_anew(gleif: Quick, region: Region, tmp_path: Path) -> None:
    """A postcode that joined the region inside a file's range is another question, though the publication is the same."""
    gleif.fetch(endpoint="records")
    places = ["99981", "99982", "99983", "99984", "99991", "99999"]
    other = Quick.of(gleif, region=a_region(tmp_path / "other", region, places))
    outcome = other.fetch(endpoint="records")
    assert [p.reason for p in outcome.planned] == ["asked anew"]
    assert [n.params["postcodes"] for n in outcome.brought] == [places]
    assert [p.reason for p in other.fetch(endpoint="records").planned] == ["same"]


def test_a_region_without_postcodes_asks_for_nothing(gleif: Quick, region: Region, tmp_path: Path) -> None:
    """A region that names no postcodes has nothing to ask for."""
    empty = Quick.of(gleif, region=a_region(tmp_path / "empty", region, []))
    assert (empty.fetch(endpoint="records").planned, empty.server.seen) == ([], [])


def test_courts_find_their_authority(gleif: Quick, service: Gleif, region: Region) -> None:
    """The list of authorities is kept as a file; the region's courts find their code by name."""
    [note] = gleif.fetch(endpoint="authorities").brought
    assert note.dataset_code == "registration_authority"
    gleif.receive()
    lands = table(gleif, "registration_authority")
    codes = dict(lands.drop_nulls("court_name").select("court_name", "registration_authority_code").iter_rows())
    courts = sorted({row["court_name"] for row in region.courts})
    assert codes == {court: f"RA{number:06d}" for number, court in enumerate(courts, 201)}
    assert gleif.fetch(endpoint="authorities").request_count == 1, "known until the month or the length changes"
    service.authorities.append(authority(400, "Amtsgericht Neustadt - Registergericht"))
    gleif.fetch(endpoint="authorities")
    gleif.receive()
    assert "Amtsgericht Neustadt" in table(gleif, "registration_authority")["court_name"]


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_nothing(gleif: Quick, fault: str) -> None:
    """A passing fault at any page is sat out."""
    for number in range(4):
        gleif.server.fail(fault, after_requests=2 * number, wait_seconds=0.01)
    paged(gleif)
    assert [s.row_count for s in gleif.receive().new] == [30]


@pytest.mark.parametrize("call", [0, 1, 3])
@pytest.mark.parametrize(
    ("fault", "said"),
    [("page", "an HTML page came"), ("json_error", "a JSON message of another form came"), ("cut", "something else than JSON")],
)  # fmt: skip
def test_something_else_than_a_page_is_refused(gleif: Quick, call: int, fault: str, said: str) -> None:
    """A page, another message or a cut body at the look or at any page is refused; no file is left."""
    gleif.server.fail(fault, times=99, after_requests=call)
    with pytest.raises(FetchError, match=said):
        paged(gleif)
    assert gleif.files == []


def test_a_long_wait_is_said_and_not_waited(gleif: Quick) -> None:
    """Retry-After beyond the permitted wait ends the call; files that came before are kept."""
    gleif.server.fail("429", times=99, wait_seconds=4000, after_requests=5)
    with pytest.raises(FetchError, match="asks to wait 4000 s"):
        gleif.fetch_with({"options": {"postcodes_per_file": 3}}, endpoint="records")
    assert "lei-records-99981-99983.json" in gleif.files


MALFORMED: dict[str, tuple[Any, str]] = {
    "an error of the interface": ({"errors": [{"status": "400", "title": "Filter is not allowed"}]}, "an error came: Filter is not allowed"),
    "a list": ([], "a JSON message of another form"),
    "no pagination": ({"data": [], "meta": {}}, "a JSON message of another form"),
    "a total in words": ({"data": [], "meta": {"pagination": {"currentPage": 1, "lastPage": 1, "total": "many"}}}, "another form"),
    "an entry without id": ({"data": [{}], "meta": {"pagination": {"currentPage": 1, "lastPage": 1, "total": 1}}}, "another form"),
    "fewer than its total": ({"data": [record(1, "99981")], "meta": {"pagination": {"currentPage": 1, "lastPage": 1, "total": 2}}}, "1 of 2 records came, twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_page_is_refused(gleif: Quick, service: Gleif, name: str) -> None:
    """A page that says an error, lacks its pagination or does not hold what it counts is refused."""
    document, said = MALFORMED[name]
    service.pages["lei-records"] = json.dumps(document).encode()
    with pytest.raises(FetchError, match=said):
        gleif.fetch(endpoint="records")
    assert gleif.files == []


def drop(live: Quick, name: str, content: bytes) -> None:
    path = live.lineage.inbox / "gleif" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def dirty(change: Callable[[dict[str, Any]], Any]) -> bytes:
    entry = record(1, "99981")
    change(entry)
    return json.dumps({"data": [entry]}).encode()


DIRTY: dict[str, tuple[bytes, str]] = {
    "wrong check digits": (dirty(lambda e: e["attributes"].update(lei="99990PROBE0000000011")), "fails its check digits"),
    "no LEI": (dirty(lambda e: e["attributes"].pop("lei")), "LEI 'None' fails its check digits"),
    "no name": (dirty(lambda e: e["attributes"]["entity"].pop("legalName")), r"field 'legal_name'.*required value is missing"),
    "a moment that is none": (dirty(lambda e: e["attributes"]["registration"].update(lastUpdateDate="gestern")), "the record cannot be read"),
    "a record that is a text": (json.dumps({"data": ["x"]}).encode(), "the record cannot be read"),
    "a name encoded twice": (dirty(lambda e: e["attributes"]["entity"]["legalName"].update(name="MÃ¤rkisch")), "is encoded twice"),
    "the same record twice": (json.dumps([{"data": [record(1, "99981")]}] * 2).encode(), "occurs more than once"),
    "an error answer": (b'{"errors": [{"title": "no"}]}', "an error answer"),
    "a page": (PAGE, "HTML or XML page"),
    "Latin-1": ('{"data": "Märkisch"}'.encode("latin-1"), "not a page of LEI records"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_page_does_not_land(gleif: Quick, name: str) -> None:
    """A record with wrong check digits, without name, twice, or in another form is refused with its place."""
    content, said = DIRTY[name]
    drop(gleif, "lei-records-page-0001.json", content)
    with pytest.raises(DeliveryError, match=said):
        gleif.receive()


def test_recorded_records_load(gleif: Quick, service: Gleif, recorded: Path, region: Region, tmp_path: Path) -> None:
    """A recorded page of the real service comes through the connector unchanged and lands."""
    real = (recorded / "lei_records_multi_lei_records.json").read_bytes()
    service.pages["lei-records"] = real
    places = [e["attributes"]["entity"]["legalAddress"]["postalCode"] for e in json.loads(real)["data"]]
    there = Quick.of(gleif, region=a_region(tmp_path / "there", region, [p for p in places if p]))
    paged(there, postcodes_per_request=20)
    [file] = [f for f in there.files if f.endswith(".json") and not f.startswith(".")]
    assert (folder_of(there.lineage, "gleif") / file).read_bytes() == real
    assert [s.row_count for s in there.receive().new] == [12]
    assert "Amazon Digital UK Limited" in table(there, "lei_record")["legal_name"]


def test_recorded_children_and_authorities_load(gleif: Quick, service: Gleif, recorded: Path) -> None:
    """Recorded lists, an empty one among them, land; one page of authorities for all is refused as incomplete."""
    for number, path in enumerate(sorted(recorded.glob("lei_records_direct-children_*.json"))):
        drop(gleif, f"lei-records-page-{number:04d}.json", path.read_bytes())
    listed = (recorded / "registration_authorities_registration_authorities_all.json").read_bytes()
    drop(gleif, "registration-authorities.json", listed)
    assert sorted(s.row_count for s in gleif.receive().new)[0] == 0
    assert table(gleif, "registration_authority").height == 10
    service.pages["registration-authorities"] = listed
    with pytest.raises(FetchError, match="page 1 came for page 2, twice"):
        gleif.fetch(endpoint="authorities")


def company(number: int, postcode: str, country: str = "DE", **more: str) -> dict[str, str]:
    """A row of the golden copy; its name holds a quote, a comma and a line break."""
    return {
        "LEI": invented_lei(number), "Entity.LegalName": f'Probe {number} "Drähte",\nGmbH (erfunden)',
        "Entity.LegalAddress.PostalCode": postcode, "Entity.LegalAddress.Country": country,
        "Entity.RegistrationAuthority.RegistrationAuthorityEntityID": f"HRB 00{number}", "Entity.EntityStatus": "ACTIVE",
        "Registration.RegistrationStatus": "ISSUED", "Registration.LastUpdateDate": "2026-05-01T10:00:00.123+02:00",
    } | more  # fmt: skip


def relation(child: int, parent: int, **more: str) -> dict[str, str]:
    values = [
        invented_lei(child), "LEI", invented_lei(parent), "LEI", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE",
        "2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z", "ACCOUNTING_PERIOD", "2012-11-29T00:00:00Z", "", "RELATIONSHIP_PERIOD",
        "2026-05-01T10:00:00Z", "PUBLISHED",
    ]  # fmt: skip
    return dict(zip(RR_COLUMNS, values, strict=True)) | more


@pytest.fixture
def copies(gleif: Quick, service: Gleif) -> Gleif:
    rows = [company(n, ("99981", "99992", "50667")[n % 3]) for n in range(1, 13)] + [company(77, "99981", "FR")]
    service.copies = {
        "lei2": zipped("20260515-0800-gleif-goldencopy-lei2-golden-copy.csv", golden(LEI_COLUMNS, rows)),
        "rr": zipped("20260515-0800-gleif-goldencopy-rr-golden-copy.csv", golden(RR_COLUMNS, [relation(1, 2), relation(2, 3)], 40)),
    }  # fmt: skip
    return service


@pytest.mark.parametrize("has_header", [True, False])
def test_a_golden_copy_comes_once(gleif: Quick, copies: Gleif, has_header: bool) -> None:
    """The date is looked at before anything large travels, in the header or else in the list."""
    copies.has_header = has_header
    first = gleif.fetch(endpoint="golden_copy")
    assert [n.vintage for n in first.brought] == ["2026-05-15T08:00:00+00:00"]
    again = gleif.fetch(endpoint="golden_copy")
    assert ([p.reason for p in again.planned], again.request_count) == (["same"], 2)
    assert len(gleif.server.asked("storage")) == 3, "two looks and one file"
    copies.copy_published = "2026-05-15T16:00:00+00:00"
    assert [p.reason for p in gleif.fetch(endpoint="golden_copy", dry_run=True).planned] == ["changed"]


@pytest.mark.parametrize(("keep", "rows"), [("postcodes", 8), ("country", 12), ("all", 13)])
def test_a_golden_copy_lands_the_region_or_the_country(
    gleif: Quick, copies: Gleif, keep: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 338 columns the needed ones are read, of all rows those of the region's postcodes, the country, or all."""
    from ingest.registry import sources
    from ingest.sources import gleif as reader

    monkeypatch.setattr(reader, "BLOCK_BYTES", 9000)
    monkeypatch.setitem(sources()["gleif"].datasets["lei_golden_copy"].options, "keep", keep)
    gleif.fetch(endpoint="golden_copy")
    assert [s.row_count for s in gleif.receive().new] == [rows]
    first = table(gleif, "lei_record").sort("lei").row(0, named=True)
    assert first["legal_name"] == 'Probe 1 "Drähte",\nGmbH (erfunden)'
    assert (first["registered_as"], first["legal_form_code"], first["source_row"]) == ("HRB 001", None, 1)
    assert str(first["last_update_at"]) == "2026-05-01 08:00:00.123000"


def test_relationships_land_with_their_own_period(gleif: Quick, copies: Gleif) -> None:
    """Child, parent, type and the period of the relationship, not the accounting period, land."""
    gleif.fetch(endpoint="relationships")
    gleif.receive()
    first = table(gleif, "lei_relationship").row(0, named=True)
    assert (first["child_lei"], first["parent_lei"]) == (invented_lei(1), invented_lei(2))
    assert (str(first["period_start_date"]), first["period_end_date"]) == ("2012-11-29", None)


def test_golden_copies_are_off_by_default(gleif: Quick, copies: Gleif) -> None:
    """Half a gigabyte is only fetched by name."""
    assert {"golden_copy", "relationships"} <= set(gleif.fetch().left)
    assert not gleif.server.asked("golden-copies")


@pytest.mark.parametrize("fault", ["429", "503", "reset", "slow"])
def test_a_passing_fault_costs_a_golden_copy_nothing(gleif: Quick, copies: Gleif, fault: str) -> None:
    """A passing fault at list, date or file is sat out; a broken download is continued."""
    for path in ("page=", "latest", "storage"):
        gleif.server.fail(fault, on=path, wait_seconds=0.01)
    assert len(gleif.fetch(endpoint="golden_copy").brought) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("page", "an HTML page came"),
        ("json_error", "something else than a ZIP"),
        ("cut", "a ZIP that was cut or damaged"),
    ],
)
def test_something_else_than_a_golden_copy_is_refused(gleif: Quick, copies: Gleif, fault: str, said: str) -> None:
    """A page, a message or a cut archive in place of the file is refused; no file is left."""
    gleif.server.fail(fault, on="files/lei2", times=99)
    gleif.server.fail(fault, on="storage", times=99, after_requests=1)
    with pytest.raises(FetchError, match=said):
        gleif.fetch(endpoint="golden_copy")
    assert gleif.files == []


def flipped(archive: bytes) -> bytes:
    """The archive with one bit of its member turned, its length and directory untouched."""
    place = archive.index(b"PK\x01\x02") - 40
    return archive[:place] + bytes([archive[place] ^ 1]) + archive[place + 1 :]


def stored(content: bytes) -> bytes:
    """An archive whose member is not compressed: only the checksum can tell a turned bit."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", content)
    return buffer.getvalue()


def shortened(archive: bytes) -> bytes:
    """The archive with a hole in its member, its directory whole."""
    place = archive.index(b"PK\x01\x02")
    return archive[: place - 30] + archive[place:]


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a turned bit": (lambda c: flipped(zipped("a.csv", c)), "a ZIP (that|whose member) was cut or damaged came"),
    "a turned bit in a member that is not compressed": (lambda c: flipped(stored(c)), "a ZIP (that|whose member) was cut or damaged came"),
    "a member with a hole": (lambda c: shortened(zipped("a.csv", c)), "a ZIP that was cut or damaged came"),
    "an archive without its end": (lambda c: zipped("a.csv", c)[:-40], "a ZIP that was cut or damaged came"),
    "two members": (lambda c: zipped("a.csv", c, **{"b.csv": c}), "a ZIP with 2 files came"),
    "a bomb": (lambda c: zipped("a.csv", bytes(1_000_000)), "unpacks to far more"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_malformed_golden_copy_is_not_kept(gleif: Quick, copies: Gleif, name: str) -> None:
    """A turned bit, a hole or a missing end of the archive is one error at the fetch; no file is left."""
    damage, said = DAMAGED[name]
    copies.copies["lei2"] = damage(GOOD)
    with pytest.raises(FetchError, match=said):
        gleif.fetch(endpoint="golden_copy")
    assert gleif.files == []


def test_a_golden_copy_of_another_size_than_listed_is_refused(gleif: Quick, copies: Gleif) -> None:
    """A whole archive that is not as long as the list says is refused, unless the contract says not to compare."""
    copies.sizes["lei2"] = 4711
    with pytest.raises(FetchError, match=r"bytes came, and the list speaks of 4,711"):
        gleif.fetch(endpoint="golden_copy")
    assert gleif.files == []
    assert len(gleif.fetch_with({"options": {"checks_size": False}}, endpoint="golden_copy").brought) == 1


LISTS: dict[str, tuple[Any, str]] = {
    "an empty list": ({"data": []}, "a message of another form"),
    "a list without this kind": ({"data": [{"publish_date": "2026-05-15 08:00:00"}]}, "a message of another form"),
    "an address that is none": ({"data": [{"publish_date": "2026-05-15 08:00:00", "lei2": {"full_file": {"csv": {"url": "/x"}}}}]}, "another form"),
    "a date that is none": ({"data": [{"publish_date": "heute", "lei2": {"full_file": {"csv": {"url": "http://x"}}}}]}, "'heute' came"),
    "another publication": ({"data": [{"publish_date": "2026-05-14 16:00:00", "lei2": {"full_file": {"csv": {"url": "http://x"}}}}]}, "a publication is under way"),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_is_none_is_refused(gleif: Quick, copies: Gleif, name: str) -> None:
    """A list without a file, address or date, or of another publication than the file, is refused."""
    copies.listed, said = LISTS[name]
    with pytest.raises(FetchError, match=said):
        gleif.fetch(endpoint="golden_copy")


GOOD = golden(LEI_COLUMNS, [company(1, "99981"), company(2, "99981")])
BROKEN: dict[str, tuple[bytes, str]] = {
    "no ZIP": (b"PK but no ZIP", "damaged or cut off"),
    "a cut ZIP": (zipped("a.csv", GOOD)[:-40], "damaged or cut off"),
    "two members": (zipped("a.csv", GOOD, **{"b.csv": GOOD}), "holds 2 CSV files"),
    "no member": (zipped("a.txt", GOOD), "holds 0 CSV files"),
    "a missing column": (zipped("a.csv", GOOD.replace(b"Entity.EntityStatus", b"Entity.State")), "column 'Entity.EntityStatus' is missing"),
    "an open quote": (zipped("a.csv", GOOD + b'"x'), "cannot be split into columns|fails its check digits|never closed"),
    "too many cells": (zipped("a.csv", GOOD + b'"a",' * 400 + b'"b"\n'), "cannot be split into columns"),
    "wrong check digits": (zipped("a.csv", GOOD.replace(invented_lei(2).encode(), b"9999PROBE00000000200")), "fails its check digits"),
    "a moment that is none": (zipped("a.csv", GOOD.replace(b"2026-05-01T10:00:00.123+02:00", b"01.05.2026")), "a moment cannot be read"),
    "an empty member": (zipped("a.csv", b""), "the CSV in the ZIP is empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_golden_copy_does_not_land(gleif: Quick, name: str) -> None:
    """A damaged archive, a missing column or a record that breaks a rule is refused with its place."""
    content, said = BROKEN[name]
    drop(gleif, "20260515-0800-gleif-goldencopy-lei2-golden-copy.csv.zip", content)
    with pytest.raises(DeliveryError, match=said):
        gleif.receive()
