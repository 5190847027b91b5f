"""`zdorovye doctor`."""

import typer

from backend.clock import system_clock
from backend.entrypoints.diagnosis import diagnose
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.terminal import settings_or_fail

commands = typer.Typer(add_completion=False)


@commands.command()
def doctor() -> None:
    """Say what is well and what is not: settings, keys, database, Redis, outside systems."""
    findings = run_async(diagnose(settings_or_fail(), system_clock))
    for finding in findings:
        mark = typer.style("ok ", fg="green") if finding.well else typer.style("bad", fg="red")
        typer.echo(f"{mark} {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
