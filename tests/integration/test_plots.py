"""``kettenwerk plot``: pages drawn from the published sample, read back as XML and pixels, and measured."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from orchestration.plots import opportunities, product_space, targets
from orchestration.plots.labels import NAME
from orchestration.plots.reading import served
from orchestration.plots.style import drawing
from tests.integration.conftest import Works

OPPORTUNITY = "marts.mart_region_opportunity"
PNG_SIZE = (1654, 2338)
SVG = "{http://www.w3.org/2000/svg}"
# One with a target that is not sure, and nine or more others.
COMPANIES = """SELECT company_id FROM marts.mart_market_fit WHERE rank_in_company <= 10
               GROUP BY 1 HAVING count(*) = 10 AND bool_or(confidence_code = 'low') ORDER BY 1 LIMIT 1"""


def invent_opportunities(works: Works, count: int, crowd: float = 1.0) -> None:
    """Replace the region's opportunities by invented ones, rows that lack something included.

    ``crowd`` below 1 presses all but three together.
    """
    with duckdb.connect(str(works.lineage.current.resolve() / "bi.duckdb"), read_only=True) as bi:
        codes = bi.execute(
            """SELECT DISTINCT product_code FROM marts.dim_product_hs
               WHERE classification_code = 'HS2017' AND length(product_code) = 4 ORDER BY 1"""
        ).fetchall()
    rng = np.random.default_rng(1)
    codes = [code for (code,) in codes][:count]
    codes += [f"{k:04}" for k in range(9900, 9900 + count - len(codes))]
    rows = []
    for number, code in enumerate(codes):
        spread = crowd if number > 10 or number < 8 else 1.0
        density, demand, points = 0.25 + spread * (rng.random() - 0.5) / 2, 10 ** rng.uniform(7, 11), 100 * rng.random()
        rows.append((works_region(works), "HS2017", code, 2024, 100.0, 1.2, 1.0, 1.4, number % 7 == 0, density, density - 0.02,
                     density + 0.04, spread * rng.normal(), 0.1, demand, rng.normal(3, 4), points, None, None, None, 0.2,
                     "low" if number % 3 == 0 else "medium", "wz_group_bridge", "2026.1", "erfunden"))  # fmt: skip
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    frame = frame.with_columns(
        is_present=pl.when(pl.col("product_code") == codes[1]).then(None).otherwise(pl.col("is_present")),
        pci=pl.when(pl.col("product_code") == codes[2]).then(None).otherwise(pl.col("pci")),
        density_low=pl.when(pl.col("product_code") == codes[3]).then(None).otherwise(pl.col("density_low")),
        world_import_value_eur=pl.when(pl.col("product_code") == codes[4]).then(None).otherwise(pl.col("world_import_value_eur")),
    )  # fmt: skip
    rank = (
        pl.when(~pl.col("is_present") & pl.col("pci").is_not_null())
        .then(pl.col("opportunity_score"))
        .rank("ordinal", descending=True)
    )
    frame = frame.with_columns(rank_in_region=rank.cast(pl.Int32)).with_columns(
        rank_low=(pl.col("rank_in_region") - 3).clip(lower_bound=1), rank_high=pl.col("rank_in_region") + 9
    )
    replace_table(works, "bi", frame.select(list(COLUMNS)))
    replace_table(works, "analyst", frame.select(list(COLUMNS)))


COLUMNS = {
    **dict.fromkeys(("region_code", "classification_code", "product_code"), pl.String()),
    "year": pl.Int32(),
    **dict.fromkeys(("linked_employees_count", "modelled_rca", "modelled_rca_low", "modelled_rca_high"), pl.Float64()),
    "is_present": pl.Boolean(),
    **dict.fromkeys(("density", "density_low", "density_high", "pci", "complexity_outlook_gain"), pl.Float64()),
    **dict.fromkeys(("world_import_value_eur", "world_import_cagr_5y_pct", "opportunity_score"), pl.Float64()),
    **dict.fromkeys(("rank_in_region", "rank_low", "rank_high"), pl.Int32()),
    "split_share": pl.Float64(),
    **dict.fromkeys(("confidence_code", "estimation_method_code", "method_version", "snapshot_id"), pl.String()),
}  # fmt: skip


def works_region(works: Works) -> str:
    return str(works.ask("SELECT region_code FROM meta.release", "bi")[0][0])


def replace_table(works: Works, audience: str, frame: pl.DataFrame | None, table: str = OPPORTUNITY) -> None:
    """Write a table of a copied release; without a frame its rows go."""
    path = works.lineage.current.resolve() / f"{audience}.duckdb"
    path.parent.chmod(0o755)
    path.chmod(0o644)
    with duckdb.connect() as door:
        door.execute(f"ATTACH '{path}' AS release")
        door.execute("USE release")
        if frame is None:
            door.execute(f"DELETE FROM {table}")
        else:
            door.execute(f"DROP TABLE IF EXISTS {table}")
            door.register("given", frame.to_arrow())
            door.execute(f"CREATE TABLE {table} AS SELECT * FROM given")


@pytest.fixture
def works(published: Works, tmp_path: Path) -> Works:
    """The served release alone, in a home of its own: nothing else is read here, and a whole copy takes long."""
    release = published.lineage.current.resolve()
    home = tmp_path / "works"
    shutil.copytree(release, home / "sample" / "releases" / release.name, ignore=shutil.ignore_patterns("parquet"))
    (home / "sample" / "current").symlink_to(Path("releases") / release.name)
    return Works(home)


@pytest.fixture
def company(published: Works) -> str:
    return str(published.ask(COMPANIES, "advisory")[0][0])


def words(svg: Path) -> str:
    """All text of an SVG; a file that is no XML or holds no text fails."""
    root = ET.parse(svg).getroot()
    assert root.tag == f"{SVG}svg"
    return "\n".join("".join(node.itertext()) for node in root.iter(f"{SVG}text"))


def assert_pictures(folder: Path, name: str, *said: str) -> None:
    """Both files are there, say what they must, and the picture is not blank."""
    text = words(folder / f"{name}.svg")
    for word in (*said, "ERFUNDENE DATEN", "Release 20", "Erfundene Beispieldaten im Format von: "):
        assert word in text, f"'{word}' is missing in:\n{text}"
    picture = imread(folder / f"{name}.png")[..., :3]
    assert picture.shape[:2] == PNG_SIZE
    assert 0.02 < (picture.min(axis=2) < 0.9).mean() < 0.6
    assert (picture[:60] > 0.99).all() and (picture[:, :60] > 0.99).all() and (picture[:, -60:] > 0.99).all()


def test_the_product_space(published: Works, tmp_path: Path) -> None:
    out = published.call("plot", "product-space", "--location", "DE", "--out", str(tmp_path / "new"), check=True).stdout
    name = "product-space_HS2017_2024_DE"
    assert [Path(line.removeprefix("Written: ")).name for line in out.split("\n")[:2]] == [f"{name}.svg", f"{name}.png"]
    assert_drawn_again_the_same(published, tmp_path / "new", "product-space", "--location", "DE")
    products = published.ask("SELECT count(*) FROM marts.mart_product_space WHERE location_code = 'DE' AND year = 2024")
    present = "SELECT count(*) FROM marts.mart_product_space WHERE location_code = 'DE' AND year = 2024 AND is_present"
    assert_pictures(
        tmp_path / "new", name, "Produktraum des Welthandels: Deutschland", f"{products[0][0]} Produkte (6-Steller, HS2017)",
        "im Jahr 2024", "Metalle und Metallwaren (XV)", "Kreisfläche: Welthandel", "US-$", "größter Spannbaum", "CEPII, BACI",
        f"(RCA ≥ 1): {published.ask(present)[0][0]} Produkte",
    )  # fmt: skip
    marks = len(list(ET.parse(tmp_path / "new" / f"{name}.svg").getroot().iter(f"{SVG}path")))
    assert marks >= int(str(products[0][0])), "one circle per product"


def test_the_targets_of_a_company(published: Works, tmp_path: Path, company: str) -> None:
    published.call("plot", "targets", company, "--out", str(tmp_path), check=True)
    assert_drawn_again_the_same(published, tmp_path, "targets", company)
    rows = published.ask(
        f"""SELECT target_label_de, fit_score, counter_reason_de, rank_low, rank_high, confidence_code, c.company_name
            FROM marts.mart_market_fit JOIN marts.dim_company c USING (company_id)
            WHERE c.is_current AND company_id = '{company}' AND rank_in_company <= 10 ORDER BY rank_in_company""",
        "advisory",
    )
    name = f"targets_{company}"
    shown = [f"{score:.1f}".replace(".", ",") for _, score, *_ in rows]
    assert_pictures(
        tmp_path, name, str(rows[0][6]), "VERTRAULICH", "Rangspanne", "Nachfrage", "Dafür und dagegen", *shown
    )
    text = words(tmp_path / f"{name}.svg")
    joined = re.sub(r"\s+", " ", text)
    for label, _, counter, low, high, confidence, _ in rows:
        assert str(label).split(" – ")[0][:20] in joined
        assert str(counter) in joined, "a counter-reason is said in full"
        span = f"{low}–{high}" if low != high else f"{low}"
        assert f"{span} unsicher" in text if confidence == "low" else span in text
    assert text.count("unsicher") == sum(row[5] == "low" for row in rows) + 1
    for suffix in ("svg", "png"):
        assert (tmp_path / f"{name}.{suffix}").stat().st_mode & 0o077 == 0, "the page names a company"


def test_the_opportunities_of_a_region(works: Works, tmp_path: Path) -> None:
    invent_opportunities(works, 100)
    works.call("plot", "opportunities", "--out", str(tmp_path), check=True)
    region = works_region(works)
    [(drawn,)] = works.ask(f"SELECT count(*) FROM {OPPORTUNITY} WHERE NOT is_present AND pci IS NOT NULL", "bi")
    [(label,)] = works.ask(f"SELECT region_name FROM marts.dim_region WHERE region_code = '{region}'", "bi")
    assert_pictures(
        tmp_path, f"opportunities_{region}_2024", "MODELLIERT", str(label), f"{drawn} Produkte (4-Steller, HS2017)", "Dichte",
        "Komplexität", "Die besten Chancen", "Welteinfuhren", "unsicher", "1, bei denen es sich nicht sagen lässt",
        "1 ohne Dichte oder Komplexität", "0,20",
    )  # fmt: skip
    # The region's present headings stand out in the product space, and say that they are modelled.
    works.call("plot", "product-space", "--format", "svg", "--out", str(tmp_path), check=True)
    text = words(tmp_path / "product-space_HS2017_2024.svg")
    assert "MODELLIERT" in text and "Vermutlich vorhanden (modelliert):" in text and str(label) in text
    [(below,)] = works.ask(
        f"""SELECT count(DISTINCT product_code) FROM marts.mart_product_space WHERE year = 2024 AND length(product_code) = 6
            AND substr(product_code, 1, 4) IN (SELECT product_code FROM {OPPORTUNITY} WHERE is_present)"""
    )
    assert sum(int(own) for own in re.findall(r"(\d+) von \d+ Produkte", text)) == below
    assert not (tmp_path / "product-space_HS2017_2024.png").exists()


def test_the_opportunities_as_they_were_built(published: Works, tmp_path: Path) -> None:
    """The mart itself, from the release of the sample."""
    published.call("plot", "opportunities", "--out", str(tmp_path), check=True)
    [picture] = tmp_path.glob("*.svg")
    assert_pictures(tmp_path, picture.stem, "MODELLIERT", "Die besten Chancen", "Dichte")


def assert_drawn_again_the_same(works: Works, folder: Path, *given: str) -> None:
    """The same release gives the same bytes, in another process."""
    again = folder / "again"
    works.call("plot", *given, "--out", str(again), check=True)
    for picture in again.iterdir():
        assert picture.read_bytes() == (folder / picture.name).read_bytes(), f"{picture.name} differs"
    assert len(list(again.iterdir())) == 2


def space(works: Works, location: str | None = "DE") -> Figure:
    with served(works.lineage, "analyst") as release:
        return product_space.draw(product_space.read(release, None, None, location))


def company_page(works: Works, company_id: str) -> Figure:
    with served(works.lineage, "advisory") as release:
        return targets.draw(targets.read(release, company_id))


def region_page(works: Works) -> Figure:
    with served(works.lineage, "bi") as release:
        return opportunities.draw(opportunities.read(release, None, None))


def measured(draw: Callable[[], Figure]) -> tuple[Figure, list[Text]]:
    with drawing():
        figure = draw()
        figure.draw_without_rendering()
    # Numbers of ticks beyond an axis exist and are not drawn; what is drawn of an axis is measured as a whole.
    ticks = {t for axes in figure.axes for t in [*axes.get_xticklabels(), *axes.get_yticklabels()]}
    texts = [t for t in figure.findobj(Text) if isinstance(t, Text) and t.get_text() and t.get_visible()]
    return figure, [t for t in texts if t not in ticks]


def assert_measured(figure: Figure, texts: list[Text]) -> None:
    """Every text lies on the page, and no two names of marks lie on each other."""
    page, margin = figure.bbox, 0.3 * figure.dpi
    for axes in figure.axes:
        drawn = axes.get_tightbbox()
        assert drawn and page.x0 <= drawn.x0 and drawn.x1 <= page.x1 and page.y0 <= drawn.y0 and drawn.y1 <= page.y1
    boxes = {t: t.get_window_extent() for t in texts}
    for text, box in boxes.items():
        assert page.x0 + margin <= box.x0 and box.x1 <= page.x1 - margin, f"'{text.get_text()}' leaves the page"
        assert page.y0 + margin <= box.y0 and box.y1 <= page.y1 - margin, f"'{text.get_text()}' leaves the page"
    names = [t for t in texts if t.get_gid() == NAME]
    for one, two in combinations(names, 2):
        assert not boxes[one].overlaps(boxes[two]), f"'{one.get_text()}' lies on '{two.get_text()}'"


def test_names_in_the_product_space_lie_on_the_page_and_not_on_each_other(published: Works) -> None:
    figure, texts = measured(lambda: space(published))
    assert_measured(figure, texts)
    assert sum(t.get_gid() == NAME for t in texts) >= 15
    axes = figure.axes[0]
    for marks in axes.collections[1:]:
        places = np.asarray(marks.get_offsets())
        if len(places):
            low, high = axes.transData.inverted().transform(np.array([axes.bbox.p0, axes.bbox.p1]))
            assert (places >= low).all() and (places <= high).all()


def overlapping_rows(texts: list[Text]) -> Iterator[str]:
    """Texts of a table that share ink: boxes that cut each other by more than a hair."""
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    for (one, a), (two, b) in combinations(boxes, 2):
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > 2 and high > 5:
            yield f"'{one}' lies on '{two}'"


def test_long_words_keep_to_their_row(works: Works, company: str) -> None:
    """Words longer than any so far, and a rank far down, for every target of a company."""
    path = works.lineage.current.resolve() / "advisory.duckdb"
    path.chmod(0o644)
    sentence = "Eine erfundene Begründung, die länger ist als jede, die bisher vorkam, und niemanden nennt. "
    with duckdb.connect() as door:
        door.execute(f"ATTACH '{path}' AS release")
        door.execute(
            "UPDATE release.marts.mart_market_fit SET reason_1_de = ?, counter_reason_de = ?, target_label_de = ?, rank_high = 900",
            [sentence * 3, sentence * 2, "Herstellung von erfundenen Teilen und sonstigem Zubehör für " * 3],
        )
    figure, texts = measured(lambda: company_page(works, company))
    assert_measured(figure, texts)
    assert list(overlapping_rows(texts)) == []


@pytest.mark.long
def test_no_text_of_any_company_leaves_its_place(published: Works) -> None:
    """Every company of the advisers' file: long labels and reasons, few targets, missing components."""
    ids = [
        str(i) for (i,) in published.ask("SELECT DISTINCT company_id FROM marts.mart_market_fit ORDER BY 1", "advisory")
    ]
    longest = published.ask(
        """SELECT company_id FROM marts.mart_market_fit WHERE rank_in_company <= 10
           GROUP BY 1 ORDER BY max(length(reason_1_de) + length(counter_reason_de)) DESC, 1 LIMIT 8""", "advisory",
    )  # fmt: skip
    labels = published.ask(
        """SELECT company_id FROM marts.mart_market_fit WHERE rank_in_company <= 10
           GROUP BY 1 ORDER BY max(length(target_label_de)) DESC, max(rank_high) DESC, 1 LIMIT 8""", "advisory",
    )  # fmt: skip
    for company_id in {str(i) for (i,) in [*longest, *labels]} | set(ids[::20]):
        figure, texts = measured(lambda chosen=company_id: company_page(published, chosen))
        assert_measured(figure, texts)
        assert list(overlapping_rows(texts)) == [], company_id


@pytest.mark.parametrize(("count", "crowd"), [(20, 1.0), (100, 0.03), (200, 1.0)])
def test_names_of_opportunities_lie_on_the_page_and_not_on_each_other(works: Works, count: int, crowd: float) -> None:
    invent_opportunities(works, count, crowd)
    figure, texts = measured(lambda: region_page(works))
    assert_measured(figure, texts)
    names = [t.get_text() for t in texts if t.get_gid() == NAME]
    assert len(names) >= 10
    ranks = [int(name.split(" ")[0]) for name in names]
    assert all(a < b for a, b in pairwise(ranks)) and ranks[0] == 1
    assert all(" " not in name for name in names) == (crowd < 1), "names where there is room, else ranks alone"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["targets", "C-AAAAAAAAAA"], ["no company 'C-AAAAAAAAAA'", "no consent to advice is in force", "company_name FROM marts.dim_company"]),
        (["product-space", "--location", "QQ"], ["'QQ' is neither a country", "such as DE", "SELECT DISTINCT location_code"]),
        (["product-space", "--year", "1990"], ["no product space of 1990", "HS2017 2024"]),
        (["product-space", "--edition", "HS1992"], ["no product space of HS1992"]),
        (["product-space", "--profile", "real"], ["nothing is published yet", "kettenwerk refresh --profile real"]),
        (["targets", "C-AAAAAAAAAA", "--profile", "live"], ["nothing is published yet"]),
    ],
)  # fmt: skip
def test_bad_wishes_get_one_message(published: Works, tmp_path: Path, given: list[str], said: list[str]) -> None:
    done = published.call("plot", *given, "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert done.stderr.count("Error:") == 1 and "Traceback" not in done.stderr
    for word in said:
        assert word in done.stderr, done.stderr
    assert not (tmp_path / "out").exists()


def test_an_empty_or_missing_table_says_why(works: Works, tmp_path: Path) -> None:
    replace_table(works, "advisory", None, "marts.mart_market_fit")
    status = works.lineage.current.resolve() / "advisory.duckdb"
    with duckdb.connect() as door:
        door.execute(f"ATTACH '{status}' AS release")
        door.execute(
            """INSERT INTO release.marts.mart_dq_status (run_id, rule_id, asset_name, partition_key, severity_code, outcome_code)
               VALUES ('r', 'MRT-002', 'mart_market_fit', 'no delivery of limesurvey', 'warn', 'skipped')"""
        )
    done = works.call("plot", "targets", "C-AAAAAAAAAA", "--out", str(tmp_path))
    assert done.returncode == 1 and "mart_market_fit is empty (no delivery of limesurvey)" in done.stderr
    replace_table(works, "bi", pl.DataFrame(schema=COLUMNS))
    done = works.call("plot", "opportunities", "--out", str(tmp_path))
    assert done.returncode == 1 and "mart_region_opportunity is empty" in done.stderr
    with duckdb.connect(str(works.lineage.current.resolve() / "bi.duckdb")) as door:
        door.execute("DROP TABLE marts.mart_region_opportunity")
    done = works.call("plot", "opportunities", "--out", str(tmp_path))
    assert done.returncode == 1 and "has no table marts.mart_region_opportunity" in done.stderr
    assert "kettenwerk refresh --profile sample" in done.stderr


def test_a_wrong_region_or_year_names_those_there_are(works: Works, tmp_path: Path) -> None:
    invent_opportunities(works, 30)
    for given, expected in ((["--region", "00000"], works_region(works)), (["--year", "1999"], "2024")):
        done = works.call("plot", "opportunities", *given, "--out", str(tmp_path))
        assert done.returncode == 1 and f"one of {expected}" in done.stderr


def test_a_region_of_which_nothing_can_be_told_is_said_so(works: Works, tmp_path: Path) -> None:
    """Employment by whole sections only: every product's presence is unknown, which is not absence."""
    invent_opportunities(works, 30)
    path = works.lineage.current.resolve() / "bi.duckdb"
    with duckdb.connect(str(path)) as door:
        door.execute("UPDATE marts.mart_region_opportunity SET is_present = NULL, density = NULL, pci = NULL")
    done = works.call("plot", "opportunities", "--out", str(tmp_path))
    assert done.returncode == 1 and "of 30 products 30 cannot be told present or not" in done.stderr
    assert "What to do: deliver employment" in done.stderr and list(tmp_path.glob("*.svg")) == []


def test_a_folder_that_is_a_file_is_refused(published: Works, tmp_path: Path, company: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = published.call("plot", "targets", company, "--out", str(tmp_path / "file"))
    assert done.returncode == 1 and "it is a file" in done.stderr
    done = published.call("plot", "targets", company, "--out", str(tmp_path / "file" / "below"))
    assert done.returncode == 1 and "could not be written" in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


def test_drawing_leaves_the_release_as_it_is(published: Works, tmp_path: Path, company: str) -> None:
    before = published.served_bytes()
    published.call("plot", "targets", company, "--out", str(tmp_path), "--format", "png", check=True)
    assert published.served_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [f"targets_{company}.png"]


def test_help_says_what_is_drawn(published: Works) -> None:
    text = published.call("plot", "--help", check=True).stdout
    for word in ("product-space", "targets", "opportunities"):
        assert word in text
        assert "--out" in published.call("plot", word, "--help", check=True).stdout
