"""Child processes of one run: started on chosen cores, ended by id, and what CPU time they used."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM, _REAPED_USER, _REAPED_SYSTEM = 1, 11, 12, 13, 14
"""Places in `/proc/<pid>/stat` after the name in brackets. Source: proc_pid_stat(5)."""


class BenchmarkFailed(Exception):
    """The run cannot be trusted or could not be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores serve and which make the load; the same ones where there is only one."""

    server: frozenset[int]
    others: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """Give the measured server a core of its own, and the rest to its database and to the load."""
        first, *others = sorted(os.sched_getaffinity(0))
        return cls(frozenset({first}), frozenset(others or [first]))


@contextmanager
def running(
    command: Sequence[str],
    *,
    name: str,
    folder: Path,
    cores: frozenset[int],
    patience_seconds: float,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[int]:
    """Run a command that writes a line beginning with `ready`, and end it on leaving.

    Args:
        command: What to run; it gets our environment, and `environment` over it.
        name: Names its files in `folder`: standard output and standard error.
        folder: Where they go.
        cores: Where it may run, its threads included.
        patience_seconds: How long it may take to be ready.
        environment: Variables of its own.

    Returns:
        Its process id.

    Raises:
        BenchmarkFailed: It ended or was not ready in time.
    """
    output, errors = folder / f"{name}.out", folder / f"{name}.err"
    with output.open("wb") as out, errors.open("wb") as err, started_on(cores):
        process = subprocess.Popen(  # noqa: S603 # our own words
            command, stdout=out, stderr=err, start_new_session=True, env={**os.environ, **environment}
        )
    try:
        give_up_at = time.monotonic() + patience_seconds
        while not output.read_text().startswith("ready"):
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise BenchmarkFailed(f"{name} did not start:\n{errors.read_text()[-2000:]}")
            time.sleep(0.02)
        yield process.pid
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


@contextmanager
def started_on(cores: frozenset[int]) -> Iterator[None]:
    """Let what is started inside run on these cores only: a child inherits them before its first thread."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(process_id: int) -> float:
    """Return the CPU time of one process, user and system, all its threads."""
    stat = _stat(process_id)
    return (stat[_USER] + stat[_SYSTEM]) / _TICKS_PER_SECOND


def cpu_seconds_with_children(process_id: int) -> float:
    """Return the CPU time of a process, of its living children, and of those it has buried."""
    own = _stat(process_id)
    ticks = own[_USER] + own[_SYSTEM] + own[_REAPED_USER] + own[_REAPED_SYSTEM]
    ticks += sum(stat[_USER] + stat[_SYSTEM] for stat in _children(process_id).values())
    return ticks / _TICKS_PER_SECOND


def with_children(process_id: int) -> list[int]:
    """Return a process and its living children."""
    return [process_id, *_children(process_id)]


def _children(process_id: int) -> dict[int, list[int]]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(FileNotFoundError, ProcessLookupError):
                found[int(entry.name)] = _stat(int(entry.name))
    return {child: stat for child, stat in found.items() if stat[_PARENT] == process_id}


def resident_megabytes(process_id: int) -> float:
    """Return the memory that a process keeps, in MiB; pages shared with its children count once for each."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _stat(process_id: int) -> list[int]:
    """Return the numbers after the name of a process; its state letter counts as 0."""
    text = Path(f"/proc/{process_id}/stat").read_text()
    state_and_numbers = text[text.rindex(")") + 2 :].split()
    return [0, *map(int, state_and_numbers[1:])]
