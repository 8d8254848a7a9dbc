"""Words, numbers and facts of the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.plots.page import clipped, short_name, text_inches, wrapped
from orchestration.plots.style import facts, section_of, sections, usd_de
from tests.conftest import ROOT

LONG = "Motor cars and other motor vehicles; principally designed for the transport of persons (other than 8702), racing cars"


@pytest.mark.parametrize(
    ("name", "code", "short"),
    [
        ("Elektromotoren", "8501", "Elektromotoren (8501)"),
        ("Werkzeugmaschinenteile 846620", "846620", "Werkzeugmaschinenteile (846620)"),
        ("Gold (including gold plated with platinum) unwrought", "7108", "Gold (including gold plated… (7108)"),
        ("Polymers of ethylene, in primary forms", "3901", "Polymers of ethylene (3901)"),
        ("Taps, cocks, valves and similar appliances for pipes", "8481", "Taps, cocks, valves and similar… (8481)"),
        ("Donaudampfschifffahrtsgesellschaftsware", "8901", "Donaudampfschifffahrtsgesellsch… (8901)"),
    ],
)
def test_products_in_few_words(name: str, code: str, short: str) -> None:
    assert short_name(name, code) == short


def test_text_keeps_its_width() -> None:
    for most in (1, 2, 5):
        lines = wrapped(LONG, 1.5, 7.0, most)
        assert len(lines) <= most
        assert all(text_inches(line, 7.0) <= 1.5 for line in lines)
    assert " ".join(wrapped(LONG, 1.5, 7.0, 99)) == LONG
    assert wrapped(LONG, 1.5, 7.0, 2)[-1].endswith("…")
    assert clipped("kurz", 3, 7.0) == "kurz"


@pytest.mark.parametrize(
    ("value", "said"),
    [(862e9, "862 Mrd. US-$"), (1.25e9, "1,2 Mrd. US-$"), (12.4e6, "12 Mio. US-$"), (950_000, "950.000 US-$")],
)
def test_money_as_germans_write_it(value: float, said: str) -> None:
    assert usd_de(value) == said


def test_every_chapter_belongs_to_one_group_of_sections() -> None:
    for chapter in range(1, 100):
        fits = [s for s in sections() if s.first <= chapter <= s.last]
        assert len(fits) == 1, chapter
        assert section_of(f"{chapter:02}01") == fits[0]
    assert len({s.colour for s in sections()}) == len(sections())
    assert section_of("XX").label_de.startswith("Sonstiges")


def test_the_sources_of_pages_are_sources() -> None:
    known = {p.stem for p in Path(ROOT / "ingest" / "sources").glob("*.yml")}
    for plot, named in facts()["sources"].items():
        assert set(named) <= known, plot
