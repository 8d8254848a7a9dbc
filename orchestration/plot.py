"""The commands that draw one page each of what is served, as SVG and PNG.

Belongs here: their arguments and words, and writing the files. Does not belong here: reading or drawing (``plots``).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration import show
from orchestration.words import ProfileOption, acting, settings_of
from warehouse.errors import KettenwerkError
from warehouse.paths import Lineage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

plot = typer.Typer(help="Draw one page of what is served, as SVG and PNG, labelled in German.", no_args_is_help=True)


class PictureForm(StrEnum):
    """Which files are written."""

    svg = "svg"
    png = "png"
    both = "both"


OutOption = Annotated[Path, typer.Option("--out", help="Folder to write into; made where it is missing.")]
FormOption = Annotated[PictureForm, typer.Option("--format", help="Which files to write.")]
YearOption = Annotated[int | None, typer.Option(help="Calendar year; the newest when left out.")]


@plot.command("product-space")
@acting
def product_space(
    location: Annotated[
        str | None,
        typer.Option(
            help="Country (DE) or region whose present products stand out; the release's region when left out."
        ),
    ] = None,
    year: YearOption = None,
    edition: Annotated[
        str | None, typer.Option(help="Edition of the classification, such as HS2017; the newest when left out.")
    ] = None,
    out: OutOption = Path(),
    format: FormOption = PictureForm.both,
    profile: ProfileOption = None,
) -> None:
    """The product space of world trade as a network: what is exported by the same countries hangs together."""
    from orchestration.plots import product_space as page
    from orchestration.plots.reading import served

    with served(Lineage.of(settings_of(profile)), "analyst") as release:
        space = page.read(release, year, edition, location)
    # Without a wish the name says nothing of a place; the region of a release is the usual case.
    name = ["product-space", space.edition, str(space.year), *([location] if location else [])]
    _write(out, "_".join(name), format, lambda: page.draw(space))


@plot.command("targets")
@acting
def targets(
    company_id: Annotated[str, typer.Argument(help="Company id as in the advisers' file ('C-' and ten characters).")],
    out: OutOption = Path(),
    format: FormOption = PictureForm.both,
    profile: ProfileOption = None,
) -> None:
    """A company's ten best targets: score, rank and how sure it is, components, reason and counter-reason.

    Reads the advisers' file, which holds only companies that agreed to be advised. The page names the company: only
    the user who draws it can read the files, and erasing a company does not reach copies outside Kettenwerk.
    """
    from orchestration.plots import targets as page
    from orchestration.plots.reading import served

    with served(Lineage.of(settings_of(profile)), "advisory") as release:
        found = page.read(release, company_id)
    _write(out, f"targets_{found.company_id}", format, lambda: page.draw(found), mode=0o600)


@plot.command("opportunities")
@acting
def opportunities(
    region: Annotated[
        str | None, typer.Option(help="Region code as in marts.dim_region; the release's region when left out.")
    ] = None,
    year: YearOption = None,
    out: OutOption = Path(),
    format: FormOption = PictureForm.both,
    profile: ProfileOption = None,
) -> None:
    """Products a region could turn to: near to its strengths against complexity, sized by world demand. Modelled."""
    from orchestration.plots import opportunities as page
    from orchestration.plots.reading import served

    with served(Lineage.of(settings_of(profile)), "bi") as release:
        found = page.read(release, region, year)
    _write(out, f"opportunities_{found.region_code}_{found.year}", format, lambda: page.draw(found))


def _write(folder: Path, name: str, form: PictureForm, draw: Callable[[], Figure], mode: int = 0o644) -> None:
    """Draw once and write each form whole or not at all."""
    from orchestration.plots.style import as_bytes, drawing
    from warehouse.paths import write_bytes_atomically

    if folder.exists() and not folder.is_dir():
        raise KettenwerkError("it is a file", where=f"--out {folder}", expected="a folder")
    with drawing():
        page = draw()
        for suffix in ("svg", "png") if form is PictureForm.both else (form.value,):
            path = folder / f"{name}.{suffix}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                write_bytes_atomically(path, as_bytes(page, suffix), mode)
            except OSError as error:
                raise KettenwerkError(
                    f"the file could not be written ({error.strerror})",
                    where=str(path),
                    todo="choose a folder with --out",
                ) from None
            show.out.print(f"Written: {path}", markup=False, soft_wrap=True)
