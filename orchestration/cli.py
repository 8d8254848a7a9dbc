"""The command ``kettenwerk``: words in, rooms called, words out.

Belongs here: arguments, exit statuses and help. Does not belong here: any logic; heavy libraries are imported by the
commands that need them, so that ``status`` and ``sql`` answer at once.

Exit status: 0 done; 1 refused, failed or nothing published; 2 wrong arguments.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from orchestration import people, plot, show, survey, texts
from orchestration.identity import identity
from orchestration.words import JsonOption, Profile, ProfileOption, acting, settings_of
from warehouse.paths import Lineage


class Audience(StrEnum):
    """One published file each."""

    bi = "bi"
    analyst = "analyst"
    advisory = "advisory"


class Form(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


app = typer.Typer(
    name="kettenwerk",
    help="The industry warehouse of a region: refresh it, see what is served, ask it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(people.person, name="person")
app.add_typer(people.consent, name="consent")
app.add_typer(people.key, name="key")
app.command()(people.erase)
app.command()(people.retention)
app.add_typer(survey.survey, name="survey")
app.add_typer(identity, name="identity")
app.add_typer(texts.texts, name="texts")
app.add_typer(plot.plot, name="plot")


@app.command()
@acting
def refresh(
    profile: ProfileOption = None,
    if_changed: Annotated[
        bool | None,
        typer.Option("--if-changed/--always", help="Build only when something is new. Default: profile live does."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Receive, build, seal, audit and publish. Exit status 1 when nothing could be published."""
    from orchestration.refresh import refresh as run_refresh
    from warehouse.query import status as read_status

    settings = settings_of(profile)
    lineage = Lineage.of(settings)
    progress = show.Progress(quiet=json)
    try:
        evidence = run_refresh(settings, progress, if_changed)
    finally:
        progress.stop()
    served = read_status(lineage)["served"]
    if json:
        show.as_json({**evidence, "served": served})
    elif evidence["outcome"] == "published":
        from orchestration.summary import summarise

        summarise(lineage, evidence)
    elif evidence["outcome"] == "unchanged":
        show.out.print(f"Nothing new: {served['release_id']} (since {served['since']}) stays served.", soft_wrap=True)
    else:
        show.failure(evidence, served)
    if evidence["outcome"] not in ("published", "unchanged"):
        raise typer.Exit(1)


@app.command()
@acting
def fetch(
    source: Annotated[str, typer.Argument(help="Source id as in ingest/sources, or 'all'.")],
    endpoint: Annotated[str | None, typer.Option(help="Only this endpoint; also one that is off by default.")] = None,
    partition: Annotated[
        list[str] | None, typer.Option(help="Only this month, year, table or page; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked for, and bring nothing.")] = False,
    profile: Annotated[Profile, typer.Option("--profile", help="Lineage to fetch into.")] = Profile.live,
    json: JsonOption = False,
) -> None:
    """Ask a source what is new and bring it. Files lie where the next refresh of this profile reads them."""
    from orchestration.fetching import fetch_sources, report

    progress = show.Progress(quiet=json)
    try:
        outcomes = fetch_sources(settings_of(profile), source, endpoint, partition or [], dry_run, progress)
    finally:
        progress.stop()
    report(outcomes, dry_run, json)


@app.command()
@acting
def status(profile: ProfileOption = None, json: JsonOption = False) -> None:
    """What is served, since when, from which run, and what warned."""
    from warehouse.query import status as read_status

    facts = read_status(Lineage.of(settings_of(profile)))
    if json:
        show.as_json(facts)
        return
    served, last = facts["served"], facts["last_run"]
    show.out.print(f"Profile   {facts['profile']}  ({facts['home']})", soft_wrap=True)
    if served is None:
        show.out.print(f"Served    nothing yet; call: kettenwerk refresh --profile {facts['profile']}")
    else:
        show.out.print(f"Served    {served['release_id']}{'  (Demodaten)' if served['is_synthetic'] else ''}")
        show.out.print(f"Since     {served['since']}")
        show.out.print(f"Run       {served['run_id']}  (code {served['code_version']}, region {served['region_code']})")
        show.out.print(f"Back-test {show.backtest(served['backtest'])}", markup=False, soft_wrap=True)
        show.out.print(f"Warnings  {len(served['warnings'])}")
        for warning in served["warnings"]:
            show.out.print(
                f"  {warning['rule_id']} {warning['asset_name']}: {warning['message']}", markup=False, soft_wrap=True
            )
    if last and (served is None or last["run_id"] != served["run_id"]):
        show.out.print(f"Last run  {last['run_id']} {last['outcome']} at {last['ended_at']}")
        if last["error"]:
            show.out.print(f"  {last['error']}", markup=False, soft_wrap=True)


@app.command()
@acting
def publish(
    release: Annotated[str, typer.Argument(help="A candidate or kept release, as 'kettenwerk releases' lists them.")],
    profile: ProfileOption = None,
) -> None:
    """Serve a candidate that passed its audit, or a kept release. Anything else is refused."""
    from warehouse.publish import publish as move
    from warehouse.publish import writer

    lineage = Lineage.of(settings_of(profile))
    with writer(lineage):
        manifest = move(lineage, release, reason="by hand")
    show.out.print(f"{manifest.release_id} is served.")


@app.command()
@acting
def rollback(profile: ProfileOption = None) -> None:
    """Serve the release that was served before the present one."""
    from warehouse.publish import rollback as go_back
    from warehouse.publish import writer

    lineage = Lineage.of(settings_of(profile))
    with writer(lineage):
        manifest = go_back(lineage)
    show.out.print(f"{manifest.release_id} is served again.")


@app.command()
@acting
def releases(profile: ProfileOption = None, json: JsonOption = False) -> None:
    """Kept releases and candidates, newest first; the served one is marked."""
    from warehouse.catalogue import catalogue

    found = catalogue(Lineage.of(settings_of(profile)))
    if json:
        show.as_json(found)
        return
    names = ["", "release", "created_at", "state", "rows", "warnings"]
    data = [
        ["->" if r["served"] else "", r["release_id"], r["created_at"], r["state"], r["rows"], r["warnings"]]
        for r in found
    ]
    show.rows(names, data, "table")


@app.command()
@acting
def sql(
    statement: Annotated[str, typer.Argument(help="One SQL statement (DuckDB).")],
    profile: ProfileOption = None,
    audience: Annotated[Audience, typer.Option(help="Which published file to ask.")] = Audience.bi,
    format: Annotated[Form, typer.Option(help="How to print the rows.")] = Form.table,
) -> None:
    """Ask the served release, read-only."""
    from warehouse.query import run_sql

    names, data = run_sql(Lineage.of(settings_of(profile)), audience.value, statement)
    show.rows(names, data, format.value)


@app.command()
@acting
def vintages(
    source: Annotated[str, typer.Argument(help="Source id as in ingest/sources.")],
    statement: Annotated[str | None, typer.Argument(help="SQL on the source's tables as they were known then.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day (UTC); today when left out.")] = None,
    profile: ProfileOption = None,
    format: Annotated[Form, typer.Option(help="How to print the rows.")] = Form.table,
) -> None:
    """What was known on a date: which delivery was in force, or the answer to a question on the data of that day."""
    from orchestration.fetching import known_on

    names, data = known_on(Lineage.of(settings_of(profile)), source, on.date() if on else None, statement)
    show.rows(names, data, format.value)


@app.command()
@acting
def ui(
    profile: ProfileOption = None,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on 127.0.0.1.")] = 3000,
    daemon: Annotated[bool, typer.Option(help="Also run schedules and sensors.")] = True,
) -> None:
    """Open the Dagster UI on loopback: graph, checks, runs, schedules."""
    from orchestration.ui import serve

    raise typer.Exit(serve(settings_of(profile), port, daemon))


@app.command()
@acting
def doctor(profile: ProfileOption = None, json: JsonOption = False) -> None:
    """What is installed, reachable, writable and configured, and what to do about what is not."""
    from dataclasses import asdict

    from orchestration.doctor import examine

    findings = examine(settings_of(profile))
    if json:
        show.as_json([asdict(f) for f in findings])
    else:
        for finding in findings:
            show.out.print(
                f"{'ok ' if finding.ok else 'NO '} {finding.name:<18} {finding.found}", markup=False, soft_wrap=True
            )
            if finding.todo:
                show.out.print(f"    -> {finding.todo}", markup=False, soft_wrap=True)
    if not all(f.ok for f in findings):
        raise typer.Exit(1)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
