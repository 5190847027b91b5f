"""Commands that need the demo region and serve nothing: `seed` and `token`; none of them works in production."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.plan import Plan
from backend.entrypoints.demo.seed import seed_region
from backend.entrypoints.demo.sign_in import DemoPersonUnknown, development_token
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.migrations.run import is_current
from backend.entrypoints.terminal import fail, only_outside_production, settings_or_fail
from backend.entrypoints.tokens import build_tokens, identity_settings
from backend.settings import Settings

DEMO_PEOPLE = 300

commands = typer.Typer(add_completion=False)


@commands.command()
def seed(people: Annotated[int, typer.Option(min=len(NAMED), help="How many people.")] = DEMO_PEOPLE) -> None:
    """Write the demo region; the same seed number gives the same people, and what exists stays."""
    settings = settings_or_fail()
    only_outside_production(settings)
    _only_migrated(settings)
    seed_region_of(settings, people)


@commands.command()
def token(
    as_: Annotated[
        str, typer.Option("--as", help="A demo person, as anna, operator, insurer1, clinician, crew or auditor.")
    ],
) -> None:
    """Print an access token of a demo person; development only."""
    settings = settings_or_fail()
    only_outside_production(settings)
    _only_migrated(settings)

    async def issue() -> str:
        async with _database(settings) as database:
            return await development_token(
                nick=as_,
                database=database,
                tokens=build_tokens(settings, system_clock),
                settings=identity_settings(settings),
                clock=system_clock,
            )

    try:
        sys.stdout.write(run_async(issue()) + "\n")
    except DemoPersonUnknown as error:
        fail(str(error))


def _only_migrated(settings: Settings) -> None:
    if not is_current(settings.database.url):
        fail("the database is not at the newest shape: run `zdorovye migrate`")


def seed_region_of(settings: Settings, people: int) -> None:
    """Write the demo region into the database of the settings, and show how far it is."""
    plan = Plan(people=people, seed=settings.demo_seed, now=system_clock(), issuer=settings.identity.esia.issuer)
    columns = (TextColumn("demo region"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("people", total=people)

        async def write() -> None:
            async with _database(settings) as database:
                await seed_region(database, plan, progress=lambda done: progress.update(task, completed=done))

        run_async(write())


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()
