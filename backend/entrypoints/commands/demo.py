"""Commands of the demo region: `run`, `simulate`, `seed`, `token`; none of them works in production."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.addresses import public_url
from backend.entrypoints.application import served_app
from backend.entrypoints.bootstrap import build_tokens, identity_settings
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.seed import Plan, seed_region
from backend.entrypoints.demo.sign_in import DemoPersonUnknown, development_token
from backend.entrypoints.demo.simulators import create_simulators
from backend.entrypoints.development import simulators_port
from backend.entrypoints.migrations.run import is_current, upgrade
from backend.entrypoints.processes import run_async, serve_until_signal
from backend.entrypoints.server import StartFailed
from backend.entrypoints.serving import Served, bind
from backend.entrypoints.terminal import fail, only_outside_production, settings_or_fail
from backend.settings import Settings

DEMO_PEOPLE = 300

commands = typer.Typer(add_completion=False)


@commands.command()
def run(people: Annotated[int, typer.Option(min=len(NAMED), help="How many demo people.")] = DEMO_PEOPLE) -> None:
    """Do everything a newcomer needs: database, demo region, simulators and the server, in one process."""
    settings = settings_or_fail()
    only_outside_production(settings)
    listener = bind(settings.host, settings.port, variable="ZDOROVYE_PORT")
    beside = bind("127.0.0.1", simulators_port(settings), variable="ZDOROVYE_SIMULATORS_PORT")
    upgrade(settings.database.url)
    _seed(settings, people)
    simulators = create_simulators(settings, system_clock, people=people)
    _serve(
        settings,
        # no balancer stands before a development machine: nobody has to notice
        [served_app(settings, listener, notice_seconds=0.0), Served(simulators, beside, drain_seconds=1)],
        note="sign in as: " + ", ".join(one.nick for one in NAMED) + "   (zdorovye token --as anna)",
    )


@commands.command()
def simulate(
    people: Annotated[int, typer.Option(min=len(NAMED), help="How many demo people they know.")] = DEMO_PEOPLE,
) -> None:
    """Serve the simulators of ESIA (/esia) and of the OMS registry (/oms) alone."""
    settings = settings_or_fail()
    only_outside_production(settings)
    listener = bind("127.0.0.1", simulators_port(settings), variable="ZDOROVYE_SIMULATORS_PORT")
    simulators = create_simulators(settings, system_clock, people=people)
    _serve(settings, [Served(simulators, listener, drain_seconds=1)])


@commands.command()
def seed(people: Annotated[int, typer.Option(min=len(NAMED), help="How many people.")] = DEMO_PEOPLE) -> None:
    """Write the demo region; the same seed number gives the same people, and what exists stays."""
    settings = settings_or_fail()
    only_outside_production(settings)
    _only_migrated(settings)
    _seed(settings, people)


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


def _seed(settings: Settings, people: int) -> None:
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


def _serve(settings: Settings, served: list[Served], *, note: str | None = None) -> None:
    def ready() -> None:
        sys.stdout.write(f"ready: {public_url(settings)}\n" + (f"{note}\n" if note else ""))
        sys.stdout.flush()

    try:
        run_async(serve_until_signal(served, ready=ready))
    except StartFailed as error:
        fail(str(error))
