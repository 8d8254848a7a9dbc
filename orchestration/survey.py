"""The commands on the company survey: what a person has to decide, and its questionnaire.

Belongs here: their arguments and words. Does not belong here: finding or applying anything (``ingest.survey``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration import show
from orchestration.words import ProfileOption, acting, settings_of
from warehouse.paths import Lineage

survey = typer.Typer(
    help="The company survey: what a person has to decide, and its questionnaire.", no_args_is_help=True
)


@survey.callback()
def _group() -> None:
    """The company survey: what a person has to decide, and its questionnaire."""


@survey.command("review")
@acting
def review(
    wave: Annotated[str | None, typer.Option(help="Only this wave, as in survey/waves.yml; all when left out.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; review/survey-review-<wave>.csv of the profile when left out.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is decided already.")] = False,
    profile: ProfileOption = None,
) -> None:
    """Write what is open as a CSV for a spreadsheet. Filled in, it comes back through inbox/survey_review/."""
    from ingest.survey.review import write_review_list
    from warehouse.region import Region

    settings = settings_of(profile)
    made = write_review_list(Lineage.of(settings), Region.load(settings.region), wave, everything, out)
    if made.path is None:
        show.out.print("Nothing is open.")
        return
    show.out.print(f"{made.open_count} open, {made.decided_count} decided: {made.path}", soft_wrap=True)
    show.out.print(
        "Fill in the last five columns, put the file into inbox/survey_review/ and call: kettenwerk refresh",
        soft_wrap=True,
    )


@survey.command("codebook")
@acting
def codebook(
    wave: Annotated[str, typer.Option(help="The wave, as in survey/waves.yml.")],
    output: Annotated[Path | None, typer.Option(help="File to write; printed when left out.")] = None,
    profile: ProfileOption = None,
) -> None:
    """Write a wave's questionnaire as DDI-Codebook 2.5 (XML): questions, codes, units, and what changed since the wave before."""
    from ingest.survey.ddi import ddi_codebook
    from warehouse.paths import write_text_atomically
    from warehouse.region import Region

    text = ddi_codebook(Region.load(settings_of(profile).region), wave)
    if output is None:
        typer.echo(text, nl=False)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(output, text)
    show.out.print(f"Written: {output}", soft_wrap=True)
