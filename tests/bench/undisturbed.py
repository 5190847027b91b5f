"""What a machine does of itself, kept away from a server while its tail is measured.

Two things make a virtual machine's own tail longer than a server's, and neither shows in a median or in CPU a request:

- Its agent, at the highest niceness, takes 4 to 5 ms of a core once or twice a second: as many requests are late by it
  as the slowest hundredth has. Servers that are measured run ahead of it, at a real-time priority.
- A processor that has nothing to do halts, and is given back late and with cold caches. Linux as a guest polls for a
  while before it halts (`haltpoll`, 200 us); some hosts turn that off. A loop of the lowest class keeps each core awake
  and gives way to anybody else at once. In eight rounds of one run (2026-11-30, ahead of the agent) p99 was 13.7 times
  p50 on cores that halt, and 1.9 times on cores that are kept awake.

Either alone does not help: without the priority the loop takes turns from the server.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.processes import running, with_children

PRIORITY = 1
"""The real-time priority of what is measured; the load that times it has the next one."""
_PATIENCE_SECONDS = 10


@contextmanager
def undisturbed(process_ids: Sequence[int], folder: Path) -> Iterator[bool]:
    """Let processes, their threads and their children run ahead of the machine's own, on cores that do not halt.

    Args:
        process_ids: The server and its database.
        folder: Where the files of the loops go.

    Returns:
        Whether the system lets us; where it does not, nothing is changed.
    """
    family = [one for process_id in process_ids for one in with_children(process_id)]
    if not _schedule(family, os.SCHED_RR, PRIORITY):
        yield False
        return
    try:
        with ExitStack() as loops:
            for core in os.sched_getaffinity(0):
                loops.enter_context(_kept_awake(core, folder))
            yield True
    finally:
        _schedule(family, os.SCHED_OTHER, 0)


@contextmanager
def _kept_awake(core: int, folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.undisturbed", str(os.getpid())]
    with running(
        command,
        name=f"awake-{core}",
        folder=folder,
        cores=frozenset({core}),
        patience_seconds=_PATIENCE_SECONDS,
    ):
        yield


def _schedule(process_ids: Sequence[int], policy: int, priority: int) -> bool:
    for process_id in process_ids:
        try:
            for thread in Path(f"/proc/{process_id}/task").iterdir():
                os.sched_setscheduler(int(thread.name), policy, os.sched_param(priority))
        except PermissionError:
            return False
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return True


def main() -> None:
    """Keep this core awake for as long as the process lives that was named."""
    parent = int(sys.argv[1])
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while os.getppid() == parent:
        for _ in range(100_000):
            pass


if __name__ == "__main__":
    main()
