"""What lies here is doubted where it must be: refused, touched, half-noted, or the answer to another question."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.errors import DeliveryError
from ingest.fetching.notes import folder_of
from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.connectors.quick import Quick
from tests.replay.comext import Comext, month
from tests.replay.ecb import Ecb

FILE = "full_v2_202401.7z"


@pytest.fixture
def service() -> Comext:
    made = Comext()
    made.publish("202401", month("202401"), "2024-03-15T11:00:00")
    return made


@pytest.fixture
def comext(live: Callable[..., Live], service: Comext) -> Live:
    return live("comext", service)


def flipped(body: bytes) -> bytes:
    """The same length and the same start, and yet other bytes."""
    middle = len(body) // 2
    return body[:middle] + bytes(b ^ 0xFF for b in body[middle : middle + 64]) + body[middle + 64 :]


def test_what_the_reader_refuses_is_brought_once_more(comext: Live, service: Comext) -> None:
    """Bytes changed on their way pass every look at size and date; the reader's refusal has them brought again."""
    body, date = service.archives[FILE]
    service.archives[FILE] = (flipped(body), date)
    comext.fetch()
    with pytest.raises(DeliveryError, match="damaged"):
        comext.receive()
    service.archives[FILE] = (body, date)
    assert [p.reason for p in comext.fetch().planned] == ["new"]
    assert len(comext.receive().new) == 1
    assert [p.reason for p in comext.fetch().planned] == ["same"]


def test_what_comes_again_as_it_was_is_not_brought_for_ever(comext: Live, service: Comext) -> None:
    """The source itself offers a damaged file: after the second time only a new state of it is asked for."""
    body, date = service.archives[FILE]
    service.archives[FILE] = (flipped(body), date)
    for reason in ("new", "new", "same"):
        assert [p.reason for p in comext.fetch().planned] == [reason]
        with pytest.raises(DeliveryError, match="damaged"):
            comext.receive()
    service.archives[FILE] = (body, "2024-03-16T11:00:00")
    assert [p.reason for p in comext.fetch().planned] == ["changed"]
    assert len(comext.receive().new) == 1


def test_a_file_that_lost_its_end_is_brought_again(comext: Live) -> None:
    """Size and date at the source are as before, but what lies here is shorter."""
    comext.fetch()
    path = folder_of(comext.lineage, "comext") / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert [p.reason for p in comext.fetch().planned] == ["new"]
    assert path.read_bytes() == whole


def test_a_file_without_its_own_note_is_not_called_unchanged(live: Callable[..., Live]) -> None:
    """Killed between file and note: the old note must not have the source asked only for what is newer."""
    service = Ecb()
    service.publish("A", "USD", "2024", "1.0824")
    service.publish("M", "USD", "2024-01", "1.0905")
    ecb = Quick.of(live("ecb", service))
    ecb.fetch()
    path = folder_of(ecb.lineage, "ecb") / "exr_annual.csv"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"2", b"3"))
    ecb.server.seen.clear()
    ecb.fetch()
    assert path.read_bytes() == whole
    assert not any("if-none-match" in r.headers or "if-modified-since" in r.headers for r in ecb.server.asked("EXR/A"))


def test_another_question_is_no_repeated_answer(live: Callable[..., Live], service: Comext) -> None:
    """The region asks for something else and gets the same bytes: brought anew, and not called a repetition (LND-004)."""
    comext = Quick.of(live("comext", service))
    comext.fetch()
    elsewhere = {"options": {"folder": "comext/COMEXT_DATA/PRODUCTS/"}}
    outcome = comext.fetch_with(elsewhere, dry_run=True)
    assert [p.reason for p in outcome.planned] == ["asked anew"]
    assert outcome.repeated == []


def test_what_nothing_asks_for_any_more_is_named_and_stays(live: Callable[..., Live]) -> None:
    """A series dropped from the contract: its file stays in force, and every fetch says so."""
    service = Ecb()
    service.publish("A", "USD", "2024", "1.0824")
    service.publish("M", "USD", "2024-01", "1.0905")
    ecb = Quick.of(live("ecb", service))
    assert ecb.fetch().unasked == []
    annual = [one for one in sources()["ecb"].fetch["rates"].options["series"] if "annual" in str(one)]
    outcome = ecb.fetch_with({"options": {"series": annual}})
    assert outcome.unasked == ["exr_monthly.csv"]
    assert "exr_monthly.csv" in ecb.files
    assert ecb.fetch("annual").unasked == [], "a selection says nothing of the rest"


def test_a_month_no_longer_watched_is_still_asked_for_by_name(live: Callable[..., Live], service: Comext) -> None:
    """Only the newest months are looked at; an older one is no leftover."""
    service.publish("202402", month("202402"), "2024-04-15T11:00:00")
    comext = Quick.of(live("comext", service))
    comext.fetch()
    outcome = comext.fetch_with({"watched": 1})
    assert len(outcome.planned) == 1
    assert outcome.unasked == []
