"""The table of targets: each line knows which kept figures decide it, and the command that measures them.

Source: the targets of issue "Speed"; for all ratios more is better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.results import Results

Judgement = tuple[str, bool | None]
"""What was measured, in words, and whether the target is met; None when it was not measured."""

MOST_TOLL_MS, MOST_COMPILE_MS, MOST_TAIL, GROWTH_BAND = 0.1, 5.0, 4.0, 0.1
FANOUT_MESSAGES, FANOUT_OF_MERCURIUS, FANOUT_OF_STRAWBERRY = 60_000, 2.0, 10.0
SQLITE_OF_REST = 3_000 / 4_400
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


def toll(results: Results) -> Judgement:
    """Judge what the product does beyond the bare execution, the access checks of both sides included."""
    extra, checks = results.figures.get("home toll ms"), results.figures.get("access checks of home ms")
    if extra is None or checks is None:
        return _NOT_MEASURED
    return f"{extra + checks:.3f} ms, {checks:.4f} of it access checks", extra + checks <= MOST_TOLL_MS


def compile_time(results: Results) -> Judgement:
    """Judge the slowest operation of the contracts."""
    found = {name: value for name, value in results.figures.items() if name.startswith("compile ")}
    if not found:
        return _NOT_MEASURED
    slowest = max(found, key=lambda name: found[name])
    return f"{found[slowest]:.2f} ms ({slowest.split(' ')[1]}, the slowest)", found[slowest] <= MOST_COMPILE_MS


def tail(results: Results) -> Judgement:
    """Judge the latency at 70 % of the peak."""
    p50, p99 = results.figures.get("paced home p50 ms"), results.figures.get("paced home p99 ms")
    if p50 is None or p99 is None:
        return _NOT_MEASURED
    return f"{p99 / p50:.1f} x ({p99:.2f} of {p50:.2f} ms)", p99 <= MOST_TAIL * p50


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
    if messages is None:
        return _NOT_MEASURED
    told, met = [f"{messages:,.0f}/s of one core"], messages >= FANOUT_MESSAGES
    for peer, least in (("mercurius", FANOUT_OF_MERCURIUS), ("strawberry.asgi", FANOUT_OF_STRAWBERRY)):
        if found := results.ratios.get(f"fan-out ours:{peer} cpu"):
            told.append(f"{found.median:.1f} x {peer}")
            met = met and found.median >= least
    return ", ".join(told), met


def growth(results: Results) -> Judgement:
    """Judge every size by the first one: CPU of server and PostgreSQL together."""
    found = {name: one.median for name, one in results.ratios.items() if name.startswith("growth ")}
    if not found:
        return _NOT_MEASURED
    met = all(abs(1 / one - 1) <= GROWTH_BAND for one in found.values())
    return f"CPU {min(1 / one for one in found.values()):.2f} – {max(1 / one for one in found.values()):.2f} x", met


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
        "home facts, same SQL as Mercurius + JIT, a statement a section",
        ">= 1.0 (Node 20), >= .9 (Node 24)",
        ratio_at_least("postgresql facts graphql-bare:mercurius cpu", 1.0),
        "node",
    ),
    Target(
        "the same with loaders",
        ">= 1.0 (Node 20), >= .9 (Node 24)",
        ratio_at_least("postgresql facts loaders:mercurius-loaders cpu", 1.0),
        "node",
    ),
    Target(
        "home, as everyone writes it (ORM, loaders, stock Strawberry)",
        ">= 40 x by req/s",
        ratio_at_least("postgresql home graphql:orm speed", 40),
        "home",
    ),
    Target(
        "home, stock Strawberry with its caches over our services",
        ">= 5 x by req/s",
        ratio_at_least("postgresql home graphql:strawberry-cached speed", 5),
        "home",
    ),
    Target("access checks, cost limit, logging, tracing together", "<= .1 ms a request", toll, "bare,compile"),
    Target(
        "home as the product runs it, PostgreSQL, one worker",
        ">= .7 of REST",
        ratio_at_least("postgresql home graphql:rest cpu", 0.7),
        "home",
    ),
    Target(
        "two workers (needs two free cores beside load and database)",
        ">= 1.8 x one, by req/s",
        ratio_at_least("postgresql home graphql-2-workers:graphql speed", 1.8),
        "workers",
    ),
    Target("p99 at 70 % of peak", "<= 4 x p50", tail, "paced"),
    Target("home on SQLite, embedded", ">= .68 of REST on PostgreSQL", sqlite_home, "home"),
    Target(
        "fan-out to 1,000 watchers of one topic",
        ">= 60,000/s, >= 2 x Mercurius, >= 10 x strawberry.asgi",
        fanout,
        "fanout",
    ),
    Target("compile of an operation", "<= 5 ms", compile_time, "compile"),
    Target("growth, 20 thousand to 2 million people", "flat, +-10 %", growth, "growth"),
)
