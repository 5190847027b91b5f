"""The table of targets: each line knows which kept figures decide it, and the command that measures them.

Source: the targets of issue "Speed"; for all ratios more is better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from tests.bench.report import Paced
from tests.bench.results import Results

Judgement = tuple[str, bool | None]
"""What was measured, in words, and whether the target is met; None when it was not measured."""

MOST_OF_HOME = 0.1
"""What rights and audit may cost of a home screen. Source: issue "Identity", "Shown by"."""

MOST_TOLL_MS, MOST_COMPILE_MS, MOST_TAIL, GROWTH_BAND = 0.1, 5.0, 4.0, 0.1
TWO_WORKERS = 1.8
BOOKING_P99_MS = 250
"""Source: issue "Booking", "Shown by"."""

FANOUT_MESSAGES, FANOUT_OF_MERCURIUS, FANOUT_OF_STRAWBERRY = 60_000, 2.0, 10.0
SQLITE_OF_REST = 3_000 / 4_400
FLOOR_MS = 0.031
"""What one answer of a bare ASGI app costs on the machine that the targets were set on: a target in milliseconds is met
as it is written, or, on a slower machine, by the same number of these."""
_NOT_MEASURED: Judgement = ("", None)


@dataclass(frozen=True, slots=True)
class Target:
    """One line: what is done, what is wanted of it, how it is judged, and the command that measures it."""

    work: str
    wanted: str
    judge: Callable[[Results], Judgement]
    parts: str

    @property
    def command(self) -> str:
        """Return how to measure it again."""
        return f"python -m tests.bench --only {self.parts}"


def ratio_at_least(name: str, least: float) -> Callable[[Results], Judgement]:
    """Judge one kept ratio by its median."""

    def judge(results: Results) -> Judgement:
        if (found := results.ratios.get(name)) is None:
            return _NOT_MEASURED
        return f"{found.median:.2f} ({found.lowest:.2f} – {found.highest:.2f})", found.median >= least

    return judge


def in_floors(milliseconds: float, results: Results, part: str) -> float | None:
    """Return a time as so many answers of the bare server beside it; None where that was not measured."""
    floor = results.figures.get(f"floor beside {part} ms CPU")
    return None if floor is None else milliseconds / floor


def is_met(milliseconds: float, floors: float, most_ms: float) -> bool:
    """Tell whether a time is short enough: as it is, or for a machine that is slower than that of the targets."""
    return milliseconds <= most_ms or floors <= most_ms / FLOOR_MS


def toll(results: Results) -> Judgement:
    """Judge what is done around an answer of the home screen."""
    found = {name.split(" ", 1)[1]: one for name, one in results.figures.items() if name.startswith("toll ")}
    whole = sum(found.values())
    floors = in_floors(whole, results, "compile")
    if not found or floors is None:
        return _NOT_MEASURED
    told = ", ".join(f"{name.removesuffix(' ms')} {one:.3f}" for name, one in found.items())
    return f"{whole:.3f} ms = {floors:.1f} floors ({told})", is_met(whole, floors, MOST_TOLL_MS)


def authorisation(results: Results) -> Judgement:
    """Judge what rights and their entries in the audit cost of a home screen, the first one of its session."""
    checks, home = results.figures.get("rights of a new session ms"), results.rows.get("postgresql home graphql")
    if checks is None or home is None:
        return _NOT_MEASURED
    share = checks / home["server_cpu_ms"]
    return f"{share:.1%} ({checks:.3f} of {home['server_cpu_ms']:.3f} ms)", share <= MOST_OF_HOME


def compile_time(results: Results) -> Judgement:
    """Judge the slowest operation of the contracts."""
    found = {name: value for name, value in results.figures.items() if name.startswith("compile ")}
    slowest = max(found, key=lambda name: found[name], default="")
    if not found or (floors := in_floors(found[slowest], results, "compile")) is None:
        return _NOT_MEASURED
    told = f"{found[slowest]:.2f} ms = {floors:.0f} floors ({slowest.split(' ')[1]}, the slowest)"
    return told, is_met(found[slowest], floors, MOST_COMPILE_MS)


def tail(results: Results) -> Judgement:
    """Judge the latency at 70 % of the peak; a server that does not keep up has a queue there, and no tail."""
    home, rest, halting = (_paced(results, name) for name in ("home", "rest", "home on cores that halt"))
    if home is None:
        return _NOT_MEASURED
    told = home.told
    if rest is not None:
        told += f"; REST at 70 % of its own: {rest.told}"
    if halting is not None:
        told += f"; on cores that halt: {halting.told}"
    return told, home.tail <= MOST_TAIL


def _paced(results: Results, name: str) -> Paced | None:
    words = ("req/s", "p50 ms", "p99 ms", "peak p50 ms")
    found = [results.figures.get(f"paced {name} {word}") for word in words]
    return None if None in found else Paced(*cast("list[float]", found))


def two_workers(results: Results) -> Judgement:
    """Judge two workers by what a request costs beside two servers that share nothing, which are worth twice one."""
    if (found := results.ratios.get("workers two workers:two servers cpu")) is None:
        return _NOT_MEASURED
    doubled = [2 * one for one in (found.median, found.lowest, found.highest)]
    told = "{:.2f} ({:.2f} – {:.2f}) by CPU a request, two servers that share nothing being 2".format(*doubled)
    if (of_one := results.ratios.get("workers two workers:one server cpu")) is not None:
        told += f"; {2 * of_one.median:.2f} by one server's"
    return told, doubled[0] >= TWO_WORKERS


def sqlite_home(results: Results) -> Judgement:
    """Judge the embedded database, by REST on PostgreSQL on the same machine."""
    ours, rest = results.rows.get("sqlite home graphql"), results.rows.get("postgresql home rest")
    if ours is None or rest is None:
        return _NOT_MEASURED
    share = ours["speed"][0] / rest["speed"][0]
    return f"{share:.2f} of REST on PostgreSQL ({ours['speed'][0]:,} home/s)", share >= SQLITE_OF_REST


def fanout(results: Results) -> Judgement:
    """Judge the messages of one core, and how much more the others need for each."""
    messages = results.figures.get("fan-out ours messages/s of one core")
    floors = in_floors(1e3 / messages, results, "fanout") if messages else None
    if messages is None or floors is None:
        return _NOT_MEASURED
    told = [f"{messages:,.0f}/s of one core = {floors:.2f} floors a message"]
    met = is_met(1e3 / messages, floors, 1e3 / FANOUT_MESSAGES)
    for peer, least in (("mercurius", FANOUT_OF_MERCURIUS), ("strawberry.asgi", FANOUT_OF_STRAWBERRY)):
        if found := results.ratios.get(f"fan-out ours:{peer} cpu"):
            told.append(f"{found.median:.1f} x {peer}")
            met = met and found.median >= least
    return ", ".join(told), met


def growth(results: Results) -> Judgement:
    """Judge every size by the first one: CPU of server and PostgreSQL together, by the rounds."""
    found = {name: one.median for name, one in results.ratios.items() if name.startswith("growth ")}
    if not found:
        return _NOT_MEASURED
    met = all(1 / one - 1 <= GROWTH_BAND for one in found.values())  # cheaper is no harm
    return f"CPU {min(1 / one for one in found.values()):.2f} – {max(1 / one for one in found.values()):.2f} x", met


def contention(results: Results) -> Judgement:
    """Judge 256 clients on 32 slots: what is given out twice, what no order explains, and how long booking takes."""
    found = {name: one for name, one in results.figures.items() if name.startswith("contention ")}
    if not found:
        return _NOT_MEASURED
    wrong = sum(found[f"contention {name}"] for name in ("doubles", "slots unexplained", "faults in the database"))
    p99 = found["contention booking p99 ms"]
    told = f"{found['contention doubles']:.0f} doubles, {wrong:.0f} faults in all, p99 {p99:.0f} ms"
    return f"{told} at {found['contention requests/s']:.0f} requests/s", wrong == 0 and p99 <= BOOKING_P99_MS


TARGETS: Sequence[Target] = (
    Target(
        "home, same SQL and pool as REST, bare",
        ">= .8 of REST",
        ratio_at_least("postgresql home graphql-bare:rest-bare cpu", 0.8),
        "bare",
    ),
    Target(
        "slots, likewise", ">= .7 of REST", ratio_at_least("postgresql slots graphql-bare:rest-bare cpu", 0.7), "bare"
    ),
    Target(
        "home facts, one statement, the same as Mercurius + JIT",
        ">= 1.0 (Node 20), >= .9 (Node 24)",
        ratio_at_least("postgresql facts screen:mercurius-screen cpu", 1.0),
        "gateway",
    ),
    Target(
        "the same with a statement a relation and loaders",
        ">= 1.0 (Node 20), >= .9 (Node 24)",
        ratio_at_least("postgresql facts loaders:mercurius-loaders cpu", 1.0),
        "node",
    ),
    Target(
        "home facts, against stock Strawberry as everyone writes it (ORM, loaders)",
        ">= 40 x by req/s",
        ratio_at_least("postgresql facts screen:orm speed", 40),
        "gateway",
    ),
    Target(
        "home facts, one statement, against stock Strawberry with its caches",
        ">= 5 x by req/s",
        ratio_at_least("postgresql facts screen:strawberry-screen speed", 5),
        "gateway",
    ),
    Target(
        "access checks, cost limit, logging, tracing together",
        f"<= .1 ms a request, or {MOST_TOLL_MS / FLOOR_MS:.1f} floors",
        toll,
        "compile",
    ),
    Target(
        "rights and audit of the home screen, in the first request of a session",
        "<= 10 % of its CPU",
        authorisation,
        "home,compile",
    ),
    Target(
        "home as the product runs it, PostgreSQL, one worker",
        ">= .7 of REST",
        ratio_at_least("postgresql home graphql:rest cpu", 0.7),
        "home",
    ),
    Target("two workers on two free cores", ">= 1.8 x one", two_workers, "workers"),
    Target("p99 at 70 % of peak", "<= 4 x p50", tail, "paced"),
    Target("home on SQLite, embedded", ">= .68 of REST on PostgreSQL", sqlite_home, "home"),
    Target(
        "fan-out to 1,000 watchers of one topic",
        f">= 60,000/s, or {1e3 / FANOUT_MESSAGES / FLOOR_MS:.2f} floors a message, >= 2 x Mercurius, "
        ">= 10 x strawberry.asgi",
        fanout,
        "fanout",
    ),
    Target("compile of an operation", f"<= 5 ms, or {MOST_COMPILE_MS / FLOOR_MS:.0f} floors", compile_time, "compile"),
    Target(
        "256 clients on 32 slots, four workers on all cores, PostgreSQL",
        f"0 doubles, history accepted, p99 of booking <= {BOOKING_P99_MS} ms",
        contention,
        "contention",
    ),
    Target("growth, 20 thousand to 2 million people", "no dearer than by 10 %", growth, "growth"),
)
