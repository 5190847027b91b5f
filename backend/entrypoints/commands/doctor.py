"""`zdorovye doctor`, and `zdorovye doctor bookings`: do the appointments agree with each other?"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress

from backend.booking.inspection import count, inspect
from backend.booking.inspection_rules import Fault, Flaw, Limits
from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.diagnosis import diagnose
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.terminal import settings_or_fail

commands = typer.Typer(add_completion=False)
doctor = typer.Typer(add_completion=False, help="What is well and what is not.")
commands.add_typer(doctor, name="doctor")

_MOST_SHOWN = 100


@doctor.callback(invoke_without_command=True)
def look(context: typer.Context) -> None:
    """Say what is well and what is not: settings, keys, database, Redis, outside systems."""
    if context.invoked_subcommand is not None:
        return
    findings = run_async(diagnose(settings_or_fail(), system_clock))
    for finding in findings:
        mark = typer.style("ok ", fg="green") if finding.well else typer.style("bad", fg="red")
        typer.echo(f"{mark} {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@doctor.command("bookings")
def look_at_bookings(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    unsettled_minutes: Annotated[int, typer.Option(min=1, help="How long a clinic may leave us without a word.")] = 60,
    hold_minutes: Annotated[int, typer.Option(min=1, help="How long an ended hold may wait to be swept.")] = 10,
) -> None:
    """Look through all appointments for what must not be; 1 when anything is found. Shows ids alone."""
    limits = Limits(unsettled=timedelta(minutes=unsettled_minutes), hold_over=timedelta(minutes=hold_minutes))
    found = run_async(_inspect(limits))
    typer.echo(found.as_json() if as_json else found.as_lines())
    if found.counts:
        raise typer.Exit(1)


@dataclass(slots=True)
class _Found:
    """What was found: all of it counted, of each kind the first few by their ids."""

    appointments: int = 0
    counts: Counter[Fault] = field(default_factory=Counter)
    shown: defaultdict[Fault, list[tuple[UUID, ...]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, flaw: Flaw) -> None:
        """Count one."""
        self.counts[flaw.fault] += 1
        if len(self.shown[flaw.fault]) < _MOST_SHOWN:
            self.shown[flaw.fault].append(flaw.appointment_ids)

    def as_json(self) -> str:
        """Return it for a program."""
        findings = {
            fault.value: {
                "count": self.counts[fault],
                "appointments": [[str(one) for one in ids] for ids in self.shown[fault]],
            }
            for fault in Fault
            if self.counts[fault]
        }
        return json.dumps({"appointments": self.appointments, "findings": findings})

    def as_lines(self) -> str:
        """Return it for a person."""
        lines = []
        for fault in Fault:
            lines += [f"{fault.value:<24} {' '.join(map(str, ids))}" for ids in self.shown[fault]]
            if (more := self.counts[fault] - len(self.shown[fault])) > 0:
                lines.append(f"{fault.value:<24} … and {more} more")
        return "\n".join([*lines, f"{self.appointments} appointments, {self.counts.total()} findings"])


async def _inspect(limits: Limits) -> _Found:
    database, found = Database(settings_or_fail().database), _Found()
    try:
        async with database.snapshot() as session:
            with Progress(console=Console(stderr=True), transient=True) as progress:
                bar = progress.add_task("appointments", total=await count(session))
                async for one in inspect(session, now=system_clock(), limits=limits):
                    if isinstance(one, Flaw):
                        found.add(one)
                    else:
                        found.appointments += one
                        progress.advance(bar, one)
    finally:
        await database.close()
    return found
