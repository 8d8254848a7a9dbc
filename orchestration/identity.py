"""The commands on which companies are one: what is open, what was decided, taking a decision back.

Belongs here: their arguments and words. Does not belong here: any of what they do (``warehouse.privacy``).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from orchestration import show
from orchestration.words import JsonOption, ProfileOption, acting, settings_of
from warehouse.paths import Lineage

identity = typer.Typer(help="Which companies are one: review, decisions, ledger.", no_args_is_help=True)
AGAIN = "It takes effect with the next refresh: kettenwerk refresh"


@identity.callback()
def _group() -> None:
    """Which companies are one: review, decisions, ledger."""


@identity.command("review")
@acting
def review(
    out: Annotated[
        Path | None, typer.Option(help="File to write; review/identity-review.csv of the profile when left out.")
    ] = None,
    profile: ProfileOption = None,
) -> None:
    """Write what the last refresh left open as a CSV for a spreadsheet."""
    from warehouse.privacy.identity_review import write_review

    path, companies = write_review(Lineage.of(settings_of(profile)), out)
    if path is None:
        show.out.print("Nothing is open.")
        return
    show.out.print(f"{companies} companies to decide on: {path}", soft_wrap=True)
    show.out.print(
        "Fill in 'Entscheidung' (gleich, verschieden, nachfolger, teil), by whom and when, then call: kettenwerk identity decide FILE",
        soft_wrap=True,
    )


@identity.command("decide")
@acting
def decide(
    file: Annotated[Path, typer.Argument(help="The filled-in list.", exists=True, dir_okay=False)],
    profile: ProfileOption = None,
) -> None:
    """Write the decisions of a filled-in list into the ledger, all or none."""
    from warehouse.privacy.identity_review import read_review
    from warehouse.privacy.ledger import decide as write
    from warehouse.publish import writer

    lineage = Lineage.of(settings_of(profile))
    made = read_review(file)
    with writer(lineage):
        ids = write(lineage, made)
    show.out.print(f"{len(ids)} decisions in the ledger. {AGAIN if ids else 'No row holds one.'}", soft_wrap=True)


@identity.command("ledger")
@acting
def ledger(
    company: Annotated[
        str | None, typer.Argument(metavar="[COMPANY]", help="Only decisions on this company id.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also decisions that were taken back.")] = False,
    profile: ProfileOption = None,
    json: JsonOption = False,
) -> None:
    """Show the decisions in force, oldest first, with their evidence."""
    from warehouse.privacy.ledger import clusters, decisions

    lineage = Lineage.of(settings_of(profile))
    ids = set(clusters(lineage).members(company)) if company else set[str]()
    rows = [d for d in decisions(lineage) if (everything or d.is_active) and (not ids or ids & set(d.pair))]
    if json:
        show.as_json(
            [
                {**asdict(d), "decided_on": d.decided_on.isoformat(), "effective_on": str(d.effective_on or "")}
                for d in rows
            ]
        )
        return
    if not rows:
        show.out.print("No decision.")
        return
    names = ["decision", "decided on", "by", "action", "left", "right", "evidence"]
    show.rows(names, [_row(asdict(d)) for d in rows], "table")


def _row(decision: dict[str, object]) -> list[object]:
    evidence = decision["evidence"]
    said = evidence.get("explanation_de", "") if isinstance(evidence, dict) else ""
    taken_back = (
        f" (taken back by {decision['reversed_by']}: {decision['reversed_because']})" if decision["reversed_at"] else ""
    )
    return [
        decision["decision_id"], decision["decided_on"], decision["decided_by"], decision["action"], decision["left"],
        decision["right"], f"{said}{taken_back}",
    ]  # fmt: skip


@identity.command("reverse")
@acting
def reverse(
    decision_id: Annotated[str, typer.Argument(metavar="DECISION", help="Id of the decision, or its beginning.")],
    by: Annotated[str, typer.Option(help="Who takes it back.")],
    because: Annotated[str, typer.Option(help="Why.")],
    profile: ProfileOption = None,
) -> None:
    """Take a decision back; its row stays in the ledger, and the method never makes it again."""
    from warehouse.privacy.ledger import reverse as take_back
    from warehouse.publish import writer

    lineage = Lineage.of(settings_of(profile))
    with writer(lineage):
        decision = take_back(lineage, decision_id, by, because)
    show.out.print(
        f"{decision.decision_id} ({decision.action} {decision.left}, {decision.right}) is taken back. {AGAIN}",
        soft_wrap=True,
    )
