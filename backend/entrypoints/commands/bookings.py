"""`zdorovye bookings`: what the bookings say of the care that people get."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from backend.booking.norm_queries import Waits, waits_since
from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.migrations.run import is_current
from backend.entrypoints.terminal import fail, settings_or_fail
from backend.settings import Settings

commands = typer.Typer(add_completion=False)


@commands.callback()
def bookings() -> None:
    """Look at bookings; by numbers only."""


@commands.command()
def norms(
    days: Annotated[int, typer.Option(min=1, max=3_660, help="How many days back to count.")] = 30,
) -> None:
    """Say how often people had to wait longer than the norm: nothing sooner was free at the clinic they chose."""
    settings = settings_or_fail()
    if not is_current(settings.database.url):
        fail("the database is not migrated: run `zdorovye migrate`")
    since = system_clock().astimezone(UTC) - timedelta(days=days)
    found = run_async(_waits(settings, since))
    if not found:
        typer.echo("nothing was booked")
    for line in found:
        typer.echo(f"{line.specialty_code:24} booked {line.booked:8} beyond the norm {line.exceeded:8}")


async def _waits(settings: Settings, since: datetime) -> list[Waits]:
    database = Database(settings.database)
    try:
        async with database.reading() as session:
            return list(await waits_since(session, since))
    finally:
        await database.close()
