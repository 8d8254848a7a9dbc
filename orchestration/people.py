"""The commands on one company: what is held of it, withdrawing a consent, erasing it.

Belongs here: their arguments and words. Does not belong here: any of what they do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from orchestration import show
from orchestration.words import JsonOption, ProfileOption, acting, settings_of
from warehouse.paths import Lineage
from warehouse.privacy.consent import PURPOSES
from warehouse.steps import listening

Purpose = StrEnum("Purpose", {purpose: purpose for purpose in PURPOSES})
WhoArgument = Annotated[str, typer.Argument(metavar="ID", help="Company id (C-...), or <wave>:<response>.")]

person = typer.Typer(help="What is held of a company and its contact persons.", no_args_is_help=True)
consent = typer.Typer(help="Consents of a company.", no_args_is_help=True)
key = typer.Typer(help="The profile's key, by which the vault is closed and releases are signed.", no_args_is_help=True)


@person.command("show")
@acting
def show_person(who: WhoArgument, profile: ProfileOption = None, json: JsonOption = False) -> None:
    """Everything held: answers, contacts, consents, derived scores, links and who receives them."""
    from warehouse.privacy.held import held

    sections = held(Lineage.of(settings_of(profile)), who)
    if json:
        show.as_json(sections)
        return
    for name, rows in sections.items():
        show.out.print(f"\n[bold]{name}[/bold] ({len(rows)})")
        if rows:
            show.rows(list(rows[0]), [list(row.values()) for row in rows], "table")


@consent.command("withdraw")
@acting
def withdraw_consent(
    who: WhoArgument,
    # The purposes stand in one list; the command line needs them as an enumeration, which the checker cannot read from it.
    purpose: Annotated[list[Purpose], typer.Option(help="Consent to withdraw; may be repeated.")],  # pyright: ignore[reportInvalidTypeForm]
    channel: Annotated[str, typer.Option(help="How the withdrawal came.")] = "mail",
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day it came (UTC); today when left out.")
    ] = None,
    profile: ProfileOption = None,
) -> None:
    """Note a withdrawal. It takes effect with the next release; no earlier one can be served again."""
    from warehouse.privacy.consent import withdraw
    from warehouse.publish import writer

    lineage = Lineage.of(settings_of(profile))
    with writer(lineage):
        company_id = withdraw(lineage, who, [p.value for p in purpose], channel, on)
    names = ", ".join(p.value for p in purpose)
    show.out.print(
        f"{company_id}: {names} withdrawn. Call 'kettenwerk refresh' now: the served release still holds it.",
        soft_wrap=True,
    )


@acting
def erase(
    who: Annotated[str | None, typer.Argument(metavar="ID", help="Company id (C-...), or <wave>:<response>.")] = None,
    reason: Annotated[
        str, typer.Option(help="Why, as it will stand in the proof; name nobody.")
    ] = "request of the company",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; there is no way back.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="End an erasure that was stopped in the middle.")] = False,
    profile: ProfileOption = None,
    json: JsonOption = False,
) -> None:
    """Erase a company everywhere: vault, lake, kept releases, logs. Ends in a dated proof."""
    from ingest.erasing import erase as carry_out
    from ingest.erasing import resume as carry_on
    from warehouse.region import Region

    if (who is None) == (not resume):
        raise typer.BadParameter("name one company by its ID, or call with --resume alone")
    settings = settings_of(profile)
    if who and not yes:
        typer.confirm(f"Erase {who} from profile {settings.profile}? There is no way back.", abort=True)
    progress = show.Progress(quiet=json)
    try:
        with listening(progress):
            done = (
                carry_on(settings) if who is None else [carry_out(settings, Region.load(settings.region), who, reason)]
            )
    finally:
        progress.stop()
    if json:
        show.as_json(
            [
                {"erasure_id": e.erasure_id, "proof": str(e.proof), "removed": e.removed, "exempt": e.search.exempt}
                for e in done
            ]
        )
        return
    for e in done:
        rows = sum(e.removed.values()) + sum(release.rows for release in e.releases)
        files = sum(e.search.searched.values())
        show.out.print(
            f"Erased: {rows:,} rows, {len(e.releases)} releases replaced; nothing found in {files:,} files.",
            soft_wrap=True,
        )
        if e.search.exempt:
            show.out.print(
                f"Exempt: {len(e.search.exempt)} files of open registers, kept as their owners publish them.",
                soft_wrap=True,
            )
        show.out.print(
            f"Proof:  {e.proof}\nCall 'kettenwerk refresh' now, so that aggregates are computed anew.", soft_wrap=True
        )
    if not done:
        show.out.print("No erasure is unfinished.")


@acting
def retention(
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As if it were this day; today when left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due and let nothing go.")] = False,
    profile: ProfileOption = None,
) -> None:
    """Let go of raw survey deliveries and contact persons whose time is over; every refresh does so too."""
    from ingest.expiring import due, let_go, still_open
    from warehouse.publish import writer
    from warehouse.region import Region

    settings = settings_of(profile)
    lineage, region = Lineage.of(settings), Region.load(settings.region)
    with writer(lineage):
        found = due(settings, region, (on or datetime.now(UTC)).date())
        if not dry_run:
            let_go(lineage, found)
    for wave in still_open(region):
        show.out.print(f"Wave {wave} names no field_end in survey/waves.yml: none of its periods has begun.")
    if not found:
        show.out.print("Nothing is due.")
        return
    names = ["wave", "raw deliveries", "fetched files", "contact persons", "files in the inbox (yours to remove)"]
    rows = [
        [d.wave_id, len(d.snapshots), len(d.fetched), d.contacts, ", ".join(p.name for p in d.inbox)] for d in found
    ]
    show.rows(names, rows, "table")
    show.out.print("Nothing was removed (--dry-run)." if dry_run else "Removed, except what lies in the inbox.")


@key.command("rotate")
@acting
def rotate_key(profile: ProfileOption = None) -> None:
    """Give the profile another key; no company gets another id. Call again if it was stopped; copy the new key away."""
    import polars as pl

    from ingest.erasing import refuse_unfinished
    from warehouse.lake import read_system_table
    from warehouse.privacy.company_records import known_records, named_records
    from warehouse.privacy.rotation import rotate
    from warehouse.publish import writer
    from warehouse.region import Region

    settings = settings_of(profile)
    lineage = Lineage.of(settings)
    with writer(lineage):
        refuse_unfinished(lineage)
        snapshots = read_system_table(lineage.lake, "meta", "snapshot").with_columns(is_latest_vintage=pl.lit(True))
        records = [*known_records(lineage, Region.load(settings.region), snapshots), *named_records(lineage, snapshots)]
        done = rotate(lineage, records)
    show.out.print(
        f"New key in force: {done.files} files, {done.certificates} certificates and {done.identities:,} identities carry it.\n"
        f"Keep a copy of {lineage.key_file} apart from this machine.", soft_wrap=True,
    )  # fmt: skip
    if done.unknown:
        show.out.print(f"{done.unknown} identities stand in no delivery any more and were forgotten.", soft_wrap=True)
