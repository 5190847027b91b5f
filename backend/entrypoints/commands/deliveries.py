"""`zdorovye deliveries …`: what became of what was sent, and what somebody may do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.terminal import fail, settings_or_fail
from notifications import parking, upkeep
from notifications.channels.port import Channel
from notifications.delivery_tables import ParkedTextRow
from notifications.messages import MessageKind
from notifications.statistics import Backlog, Line, backlogs, count_hour

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="What became of what was sent.")

_BATCH = 1_000


@commands.command("statistics")
def show_statistics(hours: Annotated[int, typer.Option(min=1, max=168, help="How many hours back.")] = 24) -> None:
    """Print, by hour, kind, channel and provider, what was sent, arrived, was seen, and why the rest was not."""
    lines, waiting = run_async(_statistics(hours))
    table = Table("hour (UTC)", "kind", "channel", "provider", "state", "reason", "count", "delivered", "seen")
    for one in lines:
        table.add_row(
            f"{one.hour:%m-%d %H:00}", one.kind.value, one.channel.value, one.provider.value if one.provider else "",
            one.state.value, one.reason or "", str(one.count), str(one.delivered), str(one.seen),
        )  # fmt: skip
    Console(width=160).print(table)
    for late in waiting:
        since = late.oldest_due_at.isoformat(timespec="seconds")
        typer.echo(f"due and not sent: {late.channel.value} {late.count}, the oldest since {since}")


@commands.command("parked")
def show_parked() -> None:
    """List the texts that rest because a provider refused them."""
    for (kind, version, channel), row in run_async(_parked()).items():
        since = row.parked_at.isoformat(timespec="seconds")
        typer.echo(f"{kind.value} {version} {channel.value}: {row.reason}, {row.refusals} refused, since {since}")


@commands.command("release")
def release_text(kind: MessageKind, version: int, channel: Channel) -> None:
    """Let a text go again that rests; what waits for it goes within five minutes."""
    if not run_async(_release((kind, version, channel))):
        fail("this text does not rest")
    typer.echo("released")


@commands.command("replay")
def replay_failed(
    reason: Annotated[str, typer.Argument(help="As `statistics` shows it, e.g. no_provider.")],
    hours: Annotated[int, typer.Option(min=1, max=168, help="Only what was written so many hours back.")] = 24,
) -> None:
    """Send again what has failed for a reason that is mended; what is too late by now stays as it is."""
    typer.echo(f"waiting again: {run_async(_replay(reason, hours))}")


@asynccontextmanager
async def _transaction() -> AsyncIterator[AsyncSession]:
    database = Database(settings_or_fail().database)
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()


async def _statistics(hours: int) -> tuple[list[Line], list[Backlog]]:
    now = system_clock()
    newest = now.replace(minute=0, second=0, microsecond=0)
    async with _transaction() as session:
        counted = [await count_hour(session, newest - timedelta(hours=back)) for back in reversed(range(hours))]
        return [line for lines in counted for line in lines], await backlogs(session, now=now)


async def _parked() -> dict[parking.ParkedText, ParkedTextRow]:
    async with _transaction() as session:
        return await parking.parked(session)


async def _release(text: parking.ParkedText) -> bool:
    async with _transaction() as session:
        return await parking.release(session, text)


async def _replay(reason: str, hours: int) -> int:
    now, replayed = system_clock(), 0
    while True:
        async with _transaction() as session:
            batch = await upkeep.replay(
                session, reason=reason, since=now - timedelta(hours=hours), most=_BATCH, now=now
            )
        replayed += batch
        if batch < _BATCH:
            return replayed
