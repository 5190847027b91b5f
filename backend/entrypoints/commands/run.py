"""Commands that serve the demo region: `run` and `simulate`; none of them works in production."""

import sys
from typing import Annotated

import typer

from backend.clock import system_clock
from backend.entrypoints.addresses import public_url
from backend.entrypoints.application import served_app
from backend.entrypoints.commands.demo import DEMO_PEOPLE, seed_region_of
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.simulators import create_simulators
from backend.entrypoints.development import simulators_port
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.listening import bind
from backend.entrypoints.migrations.run import upgrade
from backend.entrypoints.processes import serve_until_signal
from backend.entrypoints.server import StartFailed
from backend.entrypoints.serving import Served
from backend.entrypoints.terminal import fail, only_outside_production, settings_or_fail
from backend.settings import Settings

commands = typer.Typer(add_completion=False)


@commands.command()
def run(people: Annotated[int, typer.Option(min=len(NAMED), help="How many demo people.")] = DEMO_PEOPLE) -> None:
    """Do everything a newcomer needs: database, demo region, simulators and the server, in one process."""
    settings = settings_or_fail()
    only_outside_production(settings)
    listener = bind(settings.host, settings.port, variable="ZDOROVYE_PORT")
    beside = bind("127.0.0.1", simulators_port(settings), variable="ZDOROVYE_SIMULATORS_PORT")
    upgrade(settings.database.url)
    seed_region_of(settings, people)
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


def _serve(settings: Settings, served: list[Served], *, note: str | None = None) -> None:
    def ready() -> None:
        sys.stdout.write(f"ready: {public_url(settings)}\n" + (f"{note}\n" if note else ""))
        sys.stdout.flush()

    try:
        run_async(serve_until_signal(served, ready=ready))
    except StartFailed as error:
        fail(str(error))
