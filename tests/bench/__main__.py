"""`python -m tests.bench`: the whole run, bounded in time, on 127.0.0.1 only."""

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from backend.entrypoints.logs import configure_logging
from tests.bench.contests import Engine, Part
from tests.bench.document import DOCS, DOCUMENT, KEPT, write_documents
from tests.bench.processes import BenchmarkFailed
from tests.bench.regression import regressions, repeated
from tests.bench.report import Spread
from tests.bench.results import Results, load_results
from tests.bench.run import Options, run

SECONDS, ROUNDS, PEOPLE = 2, 3, 300
LONGEST_LOAD_SECONDS = 600
LONGEST_RUN_SECONDS = 1_200

LONGEST_OF = {Part.GROWTH: 1_800, Part.SEARCH: 600}
"""How much longer a run may take with these."""

USUAL = frozenset(Part) - {Part.GROWTH}
CHECKED = frozenset({Part.HOME, Part.SLOTS, Part.BARE, Part.GATEWAY})


def main(  # noqa: PLR0917 # typer makes options of them
    only: Annotated[str, typer.Option(help=f"Parts, by comma: {', '.join(Part)}. Usually all but growth.")] = "",
    growth: Annotated[bool, typer.Option("--growth", help="Measure growth to two million people too.")] = False,
    engine: Annotated[Engine | None, typer.Option(help="Only this database.")] = None,
    seconds: Annotated[int, typer.Option(min=1, max=30, help="Length of one round.")] = SECONDS,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="Rounds of each server.")] = ROUNDS,
    people: Annotated[int, typer.Option(min=PEOPLE, help="People of the demo region.")] = PEOPLE,
    write: Annotated[bool, typer.Option("--write", help="Write what was measured, though not all was.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare ratios with the committed ones; 1 if worse.")] = False,
    repeat: Annotated[int, typer.Option(min=0, max=9, help="Repeat the check and keep its spread as tolerance.")] = 0,
) -> None:
    """Load our endpoint beside its peers; a whole run writes docs/performance.md, its plot and the kept ratios."""
    if sys.platform != "linux":
        _fail("the CPU figures come from /proc: this needs Linux")
    is_check = check or repeat > 0
    parts = _parts(only, growth=growth, check=is_check)
    engines = (engine,) if engine else (Engine.POSTGRESQL,) if is_check else tuple(Engine)
    options = Options(engines, parts, 1 if is_check else seconds, rounds, people, is_check=is_check)
    if options.load_seconds > LONGEST_LOAD_SECONDS:
        _fail(f"{options.load_seconds} s of load; at most {LONGEST_LOAD_SECONDS} s: fewer rounds, seconds or parts")
    configure_logging(as_json=False, level="WARNING")
    limit = LONGEST_RUN_SECONDS + people // 1_000 + sum(LONGEST_OF[part] for part in parts if part in LONGEST_OF)
    if repeat:
        _keep_tolerance([_measure(options, limit).ratios for _ in range(repeat)])
        return
    measured = _measure(options, limit)
    if check:
        worse = list(regressions(load_results(KEPT).repeats, measured.ratios))
        _fail("\n".join(["these have become worse:", *worse])) if worse else _say("no ratio has become worse")
        return
    _say(f"\n{measured.dumped().decode()}")
    is_whole = parts >= USUAL and len(engines) == len(Engine) and seconds >= SECONDS and rounds >= ROUNDS
    if is_whole or write:
        write_documents(load_results(KEPT).merged(measured))
        _say(f"\nwritten: {DOCUMENT.relative_to(DOCS.parent)}")


def _measure(options: Options, limit: int) -> Results:
    try:
        with _limited(limit):
            return run(options, _say)
    except BenchmarkFailed as error:
        _fail(str(error))


def _keep_tolerance(checks: Sequence[Mapping[str, Spread]]) -> None:
    try:
        repeats = repeated(checks)
    except ValueError as error:
        _fail(str(error))
    write_documents(load_results(KEPT).merged(Results(repeats=repeats)))
    for name, spread in repeats.items():
        _say(f"{name}: {spread.median:.3f} ({spread.lowest:.3f} – {spread.highest:.3f})")


def _parts(only: str, *, growth: bool, check: bool) -> frozenset[Part]:
    try:
        asked = frozenset(Part(name) for name in only.split(",") if name)
    except ValueError as error:
        _fail(f"{error}: choose of {', '.join(Part)}")
    chosen = asked or (CHECKED if check else USUAL)
    return chosen | {Part.GROWTH} if growth else chosen


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """End the run, and everything that it started, when it takes too long or is asked to end."""

    def give_up(_number: int, _frame: object) -> None:
        raise BenchmarkFailed(f"not done in {seconds} s")

    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGALRM, give_up)
    signal.signal(signal.SIGTERM, leave)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _fail(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
