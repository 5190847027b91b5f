"""The `zdorovye` command."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Annotated, NoReturn, TypeVar

import typer
import uvloop
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from sqlalchemy.engine import make_url

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.asgi import create_app
from backend.entrypoints.bootstrap import build_tokens, identity_settings, public_url
from backend.entrypoints.demo.people import NAMED
from backend.entrypoints.demo.seed import Plan, seed_region
from backend.entrypoints.demo.sign_in import DemoPersonUnknown, development_token
from backend.entrypoints.demo.simulators import create_simulators
from backend.entrypoints.development import completed, simulators_port
from backend.entrypoints.diagnosis import diagnose
from backend.entrypoints.logs import configure_logging
from backend.entrypoints.migrations.run import autogenerate, is_current, upgrade
from backend.entrypoints.serving import PortTaken, Served, bind, serve
from backend.errors import Operational
from backend.settings import Environment, Settings
from identity.keys import KeyUnusable
from mobile_contracts.cli import contracts

DEMO_PEOPLE = 300

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and those may hold personal data (S43)
    help="«Моё здоровье»: the patients' backend.",
)
app.add_typer(contracts, name="contracts")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line; expected failures are one line and exit code 1."""
    try:
        app()
    except (PortTaken, KeyUnusable, DemoPersonUnknown) as error:
        _fail(str(error))
    except Operational as error:
        _fail(f"{error.code}: is the database there, and migrated? `zdorovye doctor` looks")


@app.command()
def run(people: Annotated[int, typer.Option(min=len(NAMED), help="How many demo people.")] = DEMO_PEOPLE) -> None:
    """Do everything a newcomer needs: database, demo region, simulators and the server, in one process."""
    settings = _settings()
    _only_outside_production(settings)
    listener = bind(settings.host, settings.port, variable="ZDOROVYE_PORT")
    beside = bind("127.0.0.1", simulators_port(settings), variable="ZDOROVYE_SIMULATORS_PORT")
    upgrade(settings.database.url)
    _seed(settings, people)
    simulators = create_simulators(settings, system_clock, people=people)
    _serve(
        settings,
        [Served(create_app(settings), listener, drain_seconds=2), Served(simulators, beside, drain_seconds=1)],
        note="sign in as: " + ", ".join(one.nick for one in NAMED) + "   (zdorovye token --as anna)",
    )


@app.command("serve")
def serve_command() -> None:
    """Serve the application alone: no migration, no demo, no simulators."""
    settings = _settings()
    _only_migrated(settings)
    listener = bind(settings.host, settings.port, variable="ZDOROVYE_PORT")
    _serve(settings, [Served(create_app(settings), listener, trusted_proxies=settings.trusted_proxies)])


@app.command()
def simulate(
    people: Annotated[int, typer.Option(min=len(NAMED), help="How many demo people they know.")] = DEMO_PEOPLE,
) -> None:
    """Serve the simulators of ESIA (/esia) and of the OMS registry (/oms) alone."""
    settings = _settings()
    _only_outside_production(settings)
    listener = bind("127.0.0.1", simulators_port(settings), variable="ZDOROVYE_SIMULATORS_PORT")
    simulators = create_simulators(settings, system_clock, people=people)
    _serve(settings, [Served(simulators, listener, drain_seconds=1)])


@app.command()
def migrate(
    autogenerate_message: Annotated[
        str | None, typer.Option("--autogenerate", help="Write a new migration instead of applying.")
    ] = None,
    revision: Annotated[str, typer.Option(help="Number of the new migration.")] = "next",
) -> None:
    """Bring the database to the newest shape."""
    url = _settings().database.url
    if autogenerate_message is not None:
        autogenerate(url, autogenerate_message, revision)
        return
    upgrade(url)
    _out.print(f"migrated: {make_url(url).render_as_string(hide_password=True)}")


@app.command()
def seed(people: Annotated[int, typer.Option(min=len(NAMED), help="How many people.")] = DEMO_PEOPLE) -> None:
    """Write the demo region; the same seed number gives the same people, and what exists stays."""
    settings = _settings()
    _only_outside_production(settings)
    _only_migrated(settings)
    _seed(settings, people)


@app.command()
def token(as_: Annotated[str, typer.Option("--as", help="A demo person, as anna.")]) -> None:
    """Print an access token of a demo person; development only."""
    settings = _settings()
    _only_outside_production(settings)
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

    sys.stdout.write(_async(issue()) + "\n")


@app.command()
def doctor() -> None:
    """Say what is well and what is not: settings, keys, database, outside systems."""
    findings = _async(diagnose(_settings(), system_clock))
    for finding in findings:
        _out.print(f"[{'green' if finding.well else 'red'}]{'ok ' if finding.well else 'bad'}[/] {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        reasons = "\n".join(
            f"  {'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}"
            for one in error.errors(include_input=False)
        )
        _fail(f"the settings cannot be used:\n{reasons}")
    except SettingsError as error:
        _fail(f"the settings cannot be used: {error}; a nested one is written ZDOROVYE_DATABASE__URL")
    configure_logging(as_json=settings.environment is Environment.PRODUCTION or not sys.stderr.isatty())
    try:
        return completed(settings, system_clock)
    except OSError as error:
        _fail(f"the data folder {settings.data_dir} cannot be used ({error.strerror}): set ZDOROVYE_DATA_DIR")


def _only_outside_production(settings: Settings) -> None:
    if settings.environment is Environment.PRODUCTION:
        _fail("refused: this is for development only, and ZDOROVYE_ENVIRONMENT says production")


def _only_migrated(settings: Settings) -> None:
    if not is_current(settings.database.url):
        _fail("the database is not at the newest shape: run `zdorovye migrate`")


def _seed(settings: Settings, people: int) -> None:
    plan = Plan(people=people, seed=settings.demo_seed, now=system_clock(), issuer=settings.identity.esia.issuer)
    columns = (TextColumn("demo region"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err) as progress:
        task = progress.add_task("people", total=people)

        async def write() -> None:
            async with _database(settings) as database:
                await seed_region(database, plan, progress=lambda done: progress.update(task, completed=done))

        _async(write())


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

    async def until_signal() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(served, stop=stop, ready=ready)

    try:
        _async(until_signal())
    except RuntimeError as error:
        _fail(str(error))


def _async(work: Awaitable[T]) -> T:
    async def run_it() -> T:
        return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run_it())


def _fail(reason: str) -> NoReturn:
    _err.print(reason, markup=False)
    raise SystemExit(1)
