"""`zdorovye …` to its end in a process of its own, forked from one that has loaded the program already.

Loading takes three seconds of a core, which is most of what a refusal takes. What is loaded knows nothing of settings
yet: those of each process are its own. Those that serve are started by `tests.journeys.process` as a shell does it.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from backend.entrypoints.cli import main

_SECONDS = 90
_LOADED = (
    "tests.plugins.command_line",
    "backend.entrypoints.commands.audit",
    "backend.entrypoints.commands.demo",
    "backend.entrypoints.commands.doctor",
    "backend.entrypoints.commands.migrate",
    "backend.entrypoints.commands.run",
    "backend.entrypoints.commands.serve",
    "backend.entrypoints.application",
)

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(list(_LOADED))


class Ended(NamedTuple):
    """How a command ended."""

    exit_code: int | None
    stdout: str
    stderr: str


async def run_to_end(*words: str, env: Mapping[str, str]) -> Ended:
    """Run `zdorovye …` in an environment of exactly `env`.

    Raises:
        AssertionError: It did not end in time.
    """
    with TemporaryDirectory(prefix="zdr-command-") as folder:
        files = [Path(folder) / name for name in ("stdout", "stderr")]
        process = _processes.Process(target=_run, args=(words, dict(env), [str(file) for file in files]))
        await asyncio.to_thread(process.start)
        try:
            await asyncio.to_thread(process.join, _SECONDS)
            assert process.exitcode is not None, f"{words} did not end in {_SECONDS} s"
            return Ended(process.exitcode, *(file.read_text() for file in files))
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
            process.close()


def _run(words: tuple[str, ...], env: dict[str, str], files: list[str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    for number, file in enumerate((os.devnull, *files)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["zdorovye", *words]
    main()
