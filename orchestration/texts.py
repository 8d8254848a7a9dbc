"""The commands on free texts: what a person has to decide, and how far coding has come.

Belongs here: their arguments and words. Does not belong here: coding anything (``warehouse.methods.text_coding``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration import show
from orchestration.words import JsonOption, ProfileOption, acting, settings_of
from warehouse.paths import Lineage

texts = typer.Typer(
    help="Free texts of the survey: which have a code, and what a person has to decide.", no_args_is_help=True
)
NEXT = "Fill in the last columns (annehmen, code, keiner or zurücknehmen) and call: kettenwerk texts decide FILE"


@texts.command("review")
@acting
def review(
    output: Annotated[
        Path | None, typer.Option(help="File to write; review/text-review.csv of the profile when left out.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is decided, to correct it or take it back.")
    ] = False,
    profile: ProfileOption = None,
) -> None:
    """Write the texts without a sure code as a CSV for a spreadsheet, with candidates. Nobody's name is on it."""
    from ingest.survey.text_review import write_text_list
    from warehouse.region import Region

    settings = settings_of(profile)
    made = write_text_list(Lineage.of(settings), Region.load(settings.region), everything, output)
    if made.path is None:
        show.out.print("Nothing is open.")
        return
    show.out.print(f"{made.open_count} open, {made.decided_count} decided: {made.path}", soft_wrap=True)
    show.out.print(NEXT, soft_wrap=True)


@texts.command("decide")
@acting
def decide(
    file: Annotated[
        Path,
        typer.Argument(help="The list as 'kettenwerk texts review' wrote it, filled in.", exists=True, dir_okay=False),
    ],
    profile: ProfileOption = None,
) -> None:
    """Take over a list that is filled in. Decisions hold from the next refresh on; the texts themselves are not kept."""
    from ingest.survey.text_decide import take_over
    from warehouse.region import Region

    settings = settings_of(profile)
    count = take_over(Lineage.of(settings), Region.load(settings.region), file)
    show.out.print(f"{count} decisions taken over; they hold from the next 'kettenwerk refresh' on.", soft_wrap=True)


@texts.command("status")
@acting
def status(profile: ProfileOption = None, json: JsonOption = False) -> None:
    """How many distinct texts have a code, wait for a person, or have none."""
    from ingest.survey.text_review import Texts
    from warehouse.region import Region

    settings = settings_of(profile)
    counts = Texts.of(Lineage.of(settings), Region.load(settings.region)).counts()
    if json:
        show.as_json(counts)
        return
    total = counts.pop("texts")
    show.out.print(f"{total} distinct texts")
    rows = [[name, count, f"{100 * count / total:.1f} %" if total else "-"] for name, count in counts.items()]
    show.rows(["status", "texts", "share"], rows, "table")
