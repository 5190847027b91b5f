"""`zdorovye audit …`: is the audit of accesses whole?"""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from backend.database import Database
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.terminal import fail, settings_or_fail
from identity.anchors import Anchor, Finding, count_entries, newest_anchor, verify

commands = typer.Typer(no_args_is_help=True, add_completion=False)
audit = typer.Typer(no_args_is_help=True, help="The audit of accesses.")
commands.add_typer(audit, name="audit")

_MOST_SHOWN = 100


@audit.command("verify")
def verify_audit(
    anchor: Annotated[
        str, typer.Option(help="An anchor kept elsewhere, NUMBER:HASH, as `audit anchor` or the log told it.")
    ] = "",
) -> None:
    """Check every chain and anchor; 1 when anything was edited, deleted, reordered or cut off."""
    published = _read_anchor(anchor) if anchor else None
    findings, entries = run_async(_verify(published))
    for finding in findings[:_MOST_SHOWN]:
        whose = f"person {finding.person_id} " if finding.person_id else "anchor "
        typer.echo(f"{finding.flaw.value:<15} {whose}at {finding.place}")
    if len(findings) > _MOST_SHOWN:
        typer.echo(f"… and {len(findings) - _MOST_SHOWN} more")
    typer.echo(f"{entries} entries, {len(findings)} findings")
    if findings:
        raise typer.Exit(1)


@audit.command("anchor")
def show_anchor() -> None:
    """Print the newest anchor, to be kept elsewhere."""
    found = run_async(_newest())
    if found is None:
        fail("nothing is anchored yet")
    typer.echo(f"{found.number}:{found.hash}")


async def _verify(published: Anchor | None) -> tuple[list[Finding], int]:
    database = Database(settings_or_fail().database)
    findings, entries = [], 0
    try:
        async with database.snapshot() as session:
            with Progress(console=Console(stderr=True), transient=True) as progress:
                bar = progress.add_task("entries", total=await count_entries(session))
                async for one in verify(session, published):
                    if isinstance(one, Finding):
                        findings.append(one)
                    else:
                        entries += one
                        progress.advance(bar, one)
    finally:
        await database.close()
    return findings, entries


async def _newest() -> Anchor | None:
    database = Database(settings_or_fail().database)
    try:
        async with database.snapshot() as session:
            return await newest_anchor(session)
    finally:
        await database.close()


def _read_anchor(text: str) -> Anchor:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        fail("an anchor is NUMBER:HASH")
    return Anchor(int(number), digest)
