"""Linkage: weights by hand, learning, zones, and the cases German company names bring."""

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from warehouse.errors import KettenwerkError, SettingsError
from warehouse.methods.linkage import LinkageModel, LinkageSettings, PreparedRegister, link, prepare_register
from warehouse.methods.linkage.hashing import hashes, hashes_without_one_letter
from warehouse.methods.linkage.model import COMPARISONS, estimate, probability
from warehouse.methods.linkage.names import NameReader
from warehouse.methods.linkage.rarity import expected_again
from warehouse.methods.linkage.records import numbers
from warehouse.methods.linkage.settings import LEVELS, MISSING, Limits
from warehouse.methods.linkage.wordbook import texts_of
from warehouse.region import DEFAULT_FOLDER

MAPPING = yaml.safe_load((DEFAULT_FOLDER / "linkage.yml").read_text(encoding="utf-8"))
SETTINGS = LinkageSettings.from_mapping(MAPPING)
# Invented names.
OTHERS = [f"{a}{b} Probe GmbH" for a in ("Zorbel", "Tanwer", "Ulmig", "Faldor") for b in ("ach", "eck", "ist", "orn")]


def frame(*rows: dict) -> pl.DataFrame:
    made = [{"record_id": f"X{i}", **row} for i, row in enumerate(rows)]
    return pl.DataFrame(made, schema=dict.fromkeys(["record_id", "name", "postcode", "town", "street", "court_code", "register_type", "register_number", "lei", "vat_number"], pl.String))  # fmt: skip


def register(*rows: dict) -> PreparedRegister:
    filled = [{"name": n, "postcode": f"{10000 + i}", "town": f"Ort{i}"} for i, n in enumerate(OTHERS)]
    return prepare_register(frame(*rows, *filled), SETTINGS)


def test_names_are_taken_apart():
    names = [
        "Müller GmbH & Co. KG",
        "MUELLER Verwaltungs-GmbH",
        "Muller mbH",
        "Mu\u0308ller G.m.b.H.",
        "MÃ¼ller eK",
        "GmbH",
        None,
        "Müller Verwaltungsgesellschaft mbH",
    ]
    reader = NameReader(SETTINGS)
    parts = reader.read(pl.Series(names))
    codes = [SETTINGS.form_codes[f - 1] if f else None for f in parts.form]
    assert codes == ["GMBH_CO_KG", "GMBH", "GMBH", "GMBH", "EK", "GMBH", None, "GMBH"]
    joined = texts_of(parts.words, reader.spelt)
    assert joined.to_list() == ["muller"] * 5 + ["gmbh", "", "muller"]
    assert parts.joined.tolist() == hashes(joined).tolist()
    assert (parts.extra != 0).tolist() == [False, True, False, False, False, False, False, True]
    assert parts.extra[1] == parts.extra[7]


def test_register_numbers_damaged_by_a_spreadsheet_are_read_or_left_out():
    written = ["HRB1234", "HRB 01234", "1234 (Probestadt)", "1,23E+04", "12345678", None]
    assert numbers(pl.Series(written)).tolist() == [1234, 1234, 1234, 0, 1234567, 0]


def test_a_weight_by_hand():
    model = LinkageModel.assumed(SETTINGS)
    levels = np.full((1, len(COMPARISONS)), MISSING, dtype=np.uint8)
    bits = np.zeros((1, len(COMPARISONS)))
    name, form = COMPARISONS.index("name"), COMPARISONS.index("form")
    levels[0, name], bits[0, name] = LEVELS["name"].index("exact"), 10.0
    levels[0, form], bits[0, form] = LEVELS["form"].index("different"), 1.0
    # log2(0.58) + 10 = 9.2141; log2(0.03) + 1 = -4.0589; prior log2(0.7 / 0.3 / 1000) = -8.7434
    weights = model.weights(levels, bits)
    assert weights[0, name] == pytest.approx(9.2141, abs=1e-4)
    assert weights[0, form] == pytest.approx(-4.0589, abs=1e-4)
    total = weights.sum() + model.prior_bits(1000)
    assert total == pytest.approx(-3.5882, abs=1e-3)
    assert probability(np.array([total]))[0] == pytest.approx(0.0768, abs=1e-3)


def test_learning_recovers_what_was_planted():
    random = np.random.default_rng(7)
    pairs, share = 60_000, 0.2
    match = random.random(pairs) < share
    start = LinkageModel.assumed(SETTINGS)
    planted = {
        "form": [0.1, 0.1, 0.8],
        "place": [0.05, 0.05, 0.1, 0.2, 0.1, 0.5],
        "street": [0.2, 0.1, 0.1, 0.6],
        "vat": [0.02, 0.98],
    }
    chance = {
        "form": [0.5, 0.1, 0.4],
        "place": [0.5, 0.2, 0.15, 0.1, 0.03, 0.02],
        "street": [0.9, 0.06, 0.03, 0.01],
        "vat": [0.99, 0.01],
    }
    levels = np.full((pairs, len(COMPARISONS)), MISSING, dtype=np.uint8)
    bits = np.zeros(levels.shape)
    for c, m in planted.items():
        drawn = np.where(match, random.choice(len(m), pairs, p=m), random.choice(len(m), pairs, p=chance[c]))
        levels[:, COMPARISONS.index(c)] = drawn
        bits[:, COMPARISONS.index(c)] = -np.log2(np.array(chance[c]))[drawn]
    found = estimate(levels, bits, np.arange(pairs), pairs, 1, start, 30)
    assert found.match_share == pytest.approx(share, abs=0.02)
    for c, m in planted.items():
        assert found.same_company[c] == pytest.approx(np.array(m), abs=0.03), c


def test_a_model_and_a_register_can_be_kept(tmp_path):
    made = register({"name": "Quarzbach Drahtwerke GmbH", "postcode": "58636", "town": "Iserlohn"})
    for name, kept in made.frames().items():
        kept.write_parquet(tmp_path / f"{name}.parquet")
    again = PreparedRegister.from_frames({p.stem: pl.read_parquet(p) for p in tmp_path.glob("*.parquet")}, SETTINGS)
    answers = frame({"name": "Quarzbach Drahtwerke", "postcode": "58636"})
    first = link(answers, made, SETTINGS)
    second = link(answers, again, SETTINGS, model=LinkageModel.from_frame(first.model.frame()))
    assert second.pairs.select("candidate_id", "zone").equals(first.pairs.select("candidate_id", "zone"))
    older = {**made.frames(), "facts": made.facts.with_columns(method_version=pl.lit("0"))}
    with pytest.raises(KettenwerkError, match="prepare it anew"):
        PreparedRegister.from_frames(older, SETTINGS)


@pytest.mark.parametrize(
    "spelt",
    [
        "Grünewälder Öfen GmbH",
        "Gruenewaelder Oefen GmbH",
        "GRÜNEWÄLDER ÖFEN GMBH",
        "Gru\u0308newa\u0308lder O\u0308fen mbH",
    ],
)
def test_umlaut_spellings_are_one_name(spelt):
    found = link(
        frame({"name": spelt, "postcode": "58636"}),
        register({"name": "Grünewälder Öfen GmbH", "postcode": "58636"}),
        SETTINGS,
    )
    assert found.pairs["name_level"].to_list() == ["exact"]
    assert found.records["zone"].to_list() == ["automatic"]


def test_a_verwaltungs_gmbh_is_not_its_kg():
    both = [{"name": "Quarzbach Verwaltungs GmbH", "postcode": "58636", "street": "Am Wall 3"}]
    answer = frame({"name": "Quarzbach GmbH & Co. KG", "postcode": "58636", "street": "Am Wall 3"})
    alone = link(answer, register(*both), SETTINGS)
    assert alone.records["zone"][0] != "automatic"
    kg = {"name": "Quarzbach GmbH & Co. KG", "postcode": "58636", "street": "Am Wall 3"}
    found = link(answer, register(*both, kg), SETTINGS)
    assert found.records.select("zone", "candidate_id").row(0) == ("automatic", "X1")


def test_two_equally_good_entries_are_reviewed():
    twin = {"name": "Quarzbach Drahtwerke GmbH", "postcode": "58636"}
    found = link(frame(twin), register(twin, twin), SETTINGS)
    assert found.records.select("zone", "reason").row(0) == ("review", "ambiguous")
    assert set(found.pairs["candidate_id"]) == {"X0", "X1"}
    assert found.pairs["explanation_de"].str.contains("Zwei oder mehr Einträge").all()


def test_a_contradicting_register_number_is_reviewed():
    entry = {
        "name": "Quarzbach Drahtwerke GmbH",
        "postcode": "58636",
        "court_code": "R2604",
        "register_type": "HRB",
        "register_number": "77",
    }
    found = link(frame({**entry, "register_number": "78"}), register(entry), SETTINGS)
    assert found.records.select("zone", "reason").row(0) == ("review", "identifier_conflict")


def test_one_to_one_gives_an_entry_once():
    entry = {"name": "Quarzbach Drahtwerke GmbH", "postcode": "58636", "town": "Iserlohn"}
    answers = frame(entry, entry)
    assert link(answers, register(entry), SETTINGS).records["zone"].to_list() == ["automatic"] * 2
    assert (
        link(answers, register(entry), SETTINGS, one_to_one=True).records["reason"].to_list() == ["claimed_twice"] * 2
    )


FIELDS = [
    ("postcode", "58636"),
    ("town", "Iserlohn"),
    ("register_number", "4711"),
    ("lei", "529900ABCDEFGHIJKL12"),
    ("vat_number", "DE123456789"),
]


@effort(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(range(len(FIELDS)))), st.sampled_from(range(len(FIELDS))))
def test_more_agreement_never_makes_a_match_less_probable(known, added):
    entry = {"name": "Quarzbach Drahtwerke GmbH", "court_code": "R2604", **dict(FIELDS)}
    answers = [
        {"name": entry["name"], "court_code": "R2604", **dict(FIELDS[i] for i in k)} for k in (known, known | {added})
    ]
    assumed = LinkageModel.assumed(SETTINGS)
    less, more = link(frame(*answers), register(entry), SETTINGS, model=assumed).pairs.sort("record_id")["weight_bits"]
    assert more >= less - 1e-9


@effort(max_examples=25, deadline=None)
@given(
    st.sampled_from(
        ["Quarzbach Drahtwerke", "Quarzbch Drahtwerke", "Drahtwerke Quarzbach", "Quarzbach", "Quarz-Bach Drahtwerk"]
    ),
    st.sampled_from(["Quarzbach Drahtwerke GmbH", "Quarzbach Draht GmbH"]),
)
def test_levels_do_not_depend_on_the_side(one, other):
    a, b = {"name": one, "postcode": "58636"}, {"name": other, "postcode": "58638"}
    columns = [f"{c}_level" for c in COMPARISONS if c != "name"]
    there, back = (
        link(frame(x), register(y), SETTINGS).pairs.filter(pl.col("candidate_id") == "X0") for x, y in ((a, b), (b, a))
    )
    assert there.select(columns).equals(back.select(columns))


def test_degenerate_sides_give_a_defined_answer():
    nothing, row = frame(), {"name": "Quarzbach Drahtwerke GmbH"}
    assert link(nothing, register(), SETTINGS).records.height == 0
    assert link(frame(row), prepare_register(nothing, SETTINGS), SETTINGS).records["zone"].to_list() == ["new"]
    assert link(frame(row), prepare_register(frame(row), SETTINGS), SETTINGS).records.height == 1
    blank = link(frame({}, {}), prepare_register(frame({}, {}), SETTINGS), SETTINGS)
    assert blank.records["zone"].to_list() == ["new", "new"]
    many = prepare_register(frame(*[row] * 1000), SETTINGS)
    assert link(frame(row), many, SETTINGS).records.select("zone", "reason").row(0) == ("review", "name_too_frequent")
    with pytest.raises(KettenwerkError, match="there twice"):
        prepare_register(pl.concat([frame(row), frame(row)]), SETTINGS)


def test_hashes_are_what_they_always_were():
    one, other = hashes(pl.Series(["abc", ""]))
    assert (int(one), int(other)) == (7656036035725422873, 0)
    less, owner = hashes_without_one_letter(pl.Series(["abc"]))
    assert less.tolist() == hashes(pl.Series(["bc", "ac", "ab"])).tolist() and owner.tolist() == [0, 0, 0]


def test_a_name_seen_once_is_expected_less_than_once():
    rows = np.array([1] * 900 + [2] * 100)
    # N1 = 900, N2 = 50: 2 * 50.5 / 900
    assert expected_again(rows)[1] == pytest.approx(0.1122, abs=1e-4)


def test_settings_refuse_what_makes_no_sense():
    with pytest.raises(SettingsError, match="unknown"):
        LinkageSettings.from_mapping({**MAPPING, "tuned": 1})
    with pytest.raises(SettingsError):
        Limits(automatic=0.4, review=0.5)
