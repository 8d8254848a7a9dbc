"""The parts that make linkage cheap: words looked at once, legal forms by runs, the index, maps; beside plain ways to do it."""

import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tests.unit.methods.test_linkage import SETTINGS, frame
from warehouse import mapped
from warehouse.mapped import keep, scanned, taken_up
from warehouse.methods.linkage import PreparedRegister, evidence, hashing, link, prepare_register
from warehouse.methods.linkage import records as records_module
from warehouse.methods.linkage import register as register_module
from warehouse.methods.linkage.candidates import candidate_pairs, hits, prepare_left
from warehouse.methods.linkage.folding import folded
from warehouse.methods.linkage.hashing import hashes, hashes_without_one_letter
from warehouse.methods.linkage.index import build_index, looked_up, rows_at, rows_per_value
from warehouse.methods.linkage.model import rising
from warehouse.methods.linkage.names import NameReader
from warehouse.methods.linkage.ragged import Growing, Ragged
from warehouse.methods.linkage.register import FRAMES
from warehouse.methods.linkage.resolve import of_consequence, resolve
from warehouse.methods.linkage.scoring import Compared, best
from warehouse.methods.linkage.settings import LEVELS, MISSING
from warehouse.methods.linkage.streets import StreetReader
from warehouse.methods.linkage.wordbook import WordBook, texts_of

TEXTS = st.lists(st.none() | st.text(st.sampled_from("aäAß &-.'1\t\u0308x"), max_size=12), max_size=12)


@effort(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_words_folded_once_are_texts_folded_whole(first, second):
    book = WordBook(lambda words: words.to_frame("w").select(folded(pl.col("w"))).to_series())
    for texts in (first, second):
        series = pl.Series("t", texts, dtype=pl.String)
        whole = series.to_frame().select(folded(pl.col("t"))).to_series()
        found = book.read(series)
        assert texts_of(found, book.words).to_list() == whole.str.replace_all(" ", "").to_list()


@pytest.mark.parametrize(
    ("name", "form", "core"),
    [
        ("Probe Betriebsgesellschaft mbH", "GMBH", "probe"),
        ("Zorbelgesellschaft m.b.H. & Co. KG", "GMBH_CO_KG", "zorbel"),
        ("Zorbel Gesellschaft mit beschränkter Haftung", "GMBH", "zorbel"),
        ("Zorbelaktiengesellschaft", "AG", "zorbel"),
        ("Zorbelgesellschaft", None, "zorbelgesellschaft"),
        ("Zorbel KG und Probe AG", "AG", "zorbelprobe"),
        ("Co und KG", "KG", "cound"),
        ("die der das", None, "diederdas"),
    ],
)
def test_legal_forms_are_found_in_runs_of_words(name, form, core):
    reader = NameReader(SETTINGS)
    found = reader.read(pl.Series([name]))
    assert (SETTINGS.form_codes[found.form[0] - 1] if found.form[0] else None) == form
    assert texts_of(found.words, reader.spelt)[0] == core
    assert found.joined.tolist() == hashes(pl.Series([core])).tolist()


def test_streets_and_house_numbers():
    written = ["Hauptstr. 12 a", "Hauptstraße 12A", "Haupt Straße 12-14", "Straße des 17. Juni 1", "C 4, 12", "Am Wall", None, "7"]  # fmt: skip
    reader = StreetReader()
    street, house = reader.read(pl.Series(written, dtype=pl.String))
    assert reader.streets.gather(street).to_list() == ["hauptstrasse"] * 3 + ["strassedes17juni", "c", "amwall", "", ""]
    assert house.tolist() == [12, 12, 12, 1, 4, 0, 0, 7]


@effort(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 39)), max_size=60))
def test_the_index_gives_every_row_of_a_key(entries):
    key = hashes(pl.Series([str(k) for k, _ in entries], dtype=pl.String))
    row = np.array([r for _, r in entries], dtype=np.uint32)
    index = build_index([(key[:30], row[:30]), (key[30:], row[30:])], 40, len(entries))
    asked = hashes(pl.Series([str(k) for k in range(1, 8)]))
    begin, end = looked_up(asked, index, 40)
    for i, (b, e) in enumerate(zip(begin, end, strict=True)):
        assert rows_at(np.arange(b, e), index, 40).tolist() == sorted(r for k, r in entries if k == i + 1)


@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
def test_rows_that_share_a_hash_are_counted(kind):
    drawn = np.random.default_rng(3).integers(0, 50_000, 300_000)
    value = hashes(pl.Series(drawn).cast(pl.String)).astype(kind)
    value[drawn == 7] = 0
    counts, found = Counter(drawn.tolist()), rows_per_value(value)
    wanted = np.array([0 if d == 7 else counts[d] for d in drawn.tolist()])
    # Hashes of 32 bits may meet by chance once or so among 50,000.
    assert (found != wanted).sum() <= (0 if kind is np.uint64 else 50)


@effort(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), max_size=4), max_size=9))
def test_lists_of_lists(rows):
    ends = np.cumsum([len(r) for r in rows], dtype=np.int64)
    made = Ragged(np.array([v for r in rows for v in r], dtype=np.uint32), ends)
    assert made.sums(made.values.astype(np.int64)).tolist() == [sum(r) for r in rows]
    asked = np.arange(len(rows))[::-1]
    assert np.split(made.rows(asked).values, made.rows(asked).ends[:-1])[-1].tolist() == (rows[0] if rows else [])
    growing = Growing(len(rows), 1)
    for at in range(len(rows)):
        growing.add(made.rows(np.array([at])))
    assert growing.whole().values.tolist() == made.values.tolist()
    assert growing.whole().ends.tolist() == ends.tolist()


@effort(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=7))
def test_rising_is_what_scipy_finds(values):
    from scipy.optimize import isotonic_regression

    assert rising(np.array(values)) == pytest.approx(isotonic_regression(values).x, abs=1e-9)


def test_a_register_read_in_parts_is_the_register_read_whole(monkeypatch):
    entries = frame(*({"name": f"Zorbel{i % 7} Probe{i} GmbH", "postcode": f"{58000 + i}", "street": f"Weg{i % 3} {i}"} for i in range(25)))  # fmt: skip
    whole = prepare_register(entries, SETTINGS)
    for module in (records_module, sys.modules["warehouse.methods.linkage.prepare"]):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 4)
    parts = prepare_register(entries.lazy(), SETTINGS)
    assert parts.index.tolist() == whole.index.tolist()
    assert all(parts.fields[name].tolist() == whole.fields[name].tolist() for name in whole.fields)


def test_only_the_best_at_sight_are_compared():
    entries = frame(*({"name": f"Zorbel Probe{i} GmbH", "postcode": "58636"} for i in range(40)))
    made = prepare_register(entries, SETTINGS)
    left = prepare_left(frame({"name": "Zorbel Probe17 GmbH", "postcode": "58636"}), made, SETTINGS)
    found = hits(left, made, SETTINGS.key_rows_max)
    at, right, met = candidate_pairs(found, range(1), made, 3)
    assert met == 40 and len(at) == 3 and 17 in right
    found = link(frame({"name": "Zorbel Probe17 GmbH", "postcode": "58636"}), made, SETTINGS)
    assert found.records["candidate_id"].to_list() == ["X17"] and found.compared == SETTINGS.candidates_per_record


def test_a_mapped_register_answers_like_the_one_it_was(tmp_path):
    entries = frame({"name": "Quarzbach Drahtwerke GmbH", "postcode": "58636"}, {"name": "Tanwer Probe AG"})
    made = prepare_register(entries, SETTINGS)
    keep(made.lazy_frames(), tmp_path / "kept")
    again = PreparedRegister.from_frames(taken_up(tmp_path / "kept", FRAMES), SETTINGS)
    assert not again.index.flags.owndata and not again.index.flags.writeable
    answers = frame({"name": "Quarzbach Drahtwerke", "postcode": "58636"})
    assert link(answers, again, SETTINGS).pairs.equals(link(answers, made, SETTINGS).pairs)
    before = again.index.tolist()
    keep(prepare_register(entries.head(1), SETTINGS).lazy_frames(), tmp_path / "kept")
    assert again.index.tolist() == before, "what was mapped stays what it was"


def test_words_with_a_letter_left_out_are_the_same_part_by_part(monkeypatch):
    words = pl.Series(["zorbel", "tanwer", "a", "ulmig", "faldor"])
    whole, owner = hashes_without_one_letter(words)
    monkeypatch.setattr(hashing, "TEXTS_AT_A_TIME", 2)
    parts = hashes_without_one_letter(words)
    assert parts[0].tolist() == whole.tolist() and parts[1].tolist() == owner.tolist()
    less = [w[:i] + w[i + 1 :] for w in words for i in range(len(w))]
    assert [w for w, key in zip(less, whole, strict=True) if w and key != hashes(pl.Series([w]))[0]] == []


def test_an_answer_shown_in_parts_is_the_answer_shown_whole(monkeypatch, tmp_path):
    entries = frame(*({"name": f"Zorbel{i} Probewerk{i} GmbH", "postcode": f"{58000 + i}"} for i in range(23)))
    answers = frame(*({"name": f"Zorbel{i} Probewerk{i}", "postcode": f"{58000 + i}"} for i in (22, 3, 17, 9, 4)))
    made = prepare_register(entries, SETTINGS)
    whole = link(answers, made, SETTINGS).pairs
    assert whole["candidate_id"].to_list() == ["X22", "X3", "X17", "X9", "X4"]
    for module, name in ((evidence, "PAIRS_AT_A_TIME"), (register_module, "TEXTS_AT_A_TIME"), (mapped, "READ_AT_A_TIME"), (mapped, "TEXTS_AT_A_TIME")):  # fmt: skip
        monkeypatch.setattr(module, name, 2)
    keep(made.lazy_frames(), tmp_path / "kept")
    assert scanned(tmp_path / "kept", "texts").collect().equals(entries.select("record_id", "name"))
    again = replace(made, texts=scanned(tmp_path / "kept", "texts"))
    assert link(answers, again, SETTINGS).pairs.equals(whole)
    assert link(answers.clear(), again, SETTINGS).pairs.equals(whole.clear())


def test_an_empty_register_is_kept(tmp_path):
    keep(prepare_register(frame(), SETTINGS).lazy_frames(), tmp_path / "kept")
    assert PreparedRegister.from_frames(taken_up(tmp_path / "kept", FRAMES), SETTINGS).rows == 0


def test_a_few_names_hold_no_others():
    entries = frame(*({"name": f"Zorbelwerke Probestadt mit langem Namen Nummer {i:05} GmbH"} for i in range(5_000)))
    found = prepare_register(entries, SETTINGS).texts_of(pl.Series([4_000, 7]))
    assert found["record_id"].to_list() == ["X4000", "X7"]
    kept = found["name"].to_arrow(compat_level=pl.CompatLevel.newest())
    assert sum(b.size for b in kept.buffers() if b is not None) < 1_000


pairs = st.tuples(st.integers(0, 6), st.integers(-300, 300), st.integers(1, 5), st.sampled_from([0, 3, 5, MISSING]), st.booleans())  # fmt: skip


@effort(max_examples=100, deadline=None)
@given(st.lists(pairs, max_size=40), st.booleans())
def test_pairs_of_no_consequence_change_nothing_that_is_shown(drawn, one_to_one):
    drawn.sort(key=lambda pair: pair[0])
    levels = np.full((len(drawn), len(LEVELS)), MISSING, np.uint8)
    names = list(LEVELS)
    for row, (_, _, name, place, extra) in zip(levels, drawn, strict=True):
        row[names.index("name")], row[names.index("place")], row[names.index("extra")] = name, place, 2 if extra else 1
    left = np.array([p[0] for p in drawn], np.uint32)
    compared = Compared(left, np.arange(len(drawn), dtype=np.uint32) % 7, levels, np.zeros(levels.shape, np.float32), 0, 0)  # fmt: skip
    compared, total = best(compared, np.array([p[1] / 10 for p in drawn], dtype=np.float64), 6)
    is_shown = (pl.col("rank") == 1) | (pl.col("zone") == "review")
    everything = resolve(compared, total, SETTINGS.limits, one_to_one).filter(is_shown)
    needed = resolve(*of_consequence(compared, total, SETTINGS.limits), SETTINGS.limits, one_to_one).filter(is_shown)
    assert needed.drop("pair").equals(everything.drop("pair"))
