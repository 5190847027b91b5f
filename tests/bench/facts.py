"""The proof, before any load, that the servers of a contest answer the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from tests.bench.contests import SERVERS, Server
from tests.bench.processes import BenchmarkFailed
from tests.bench.stage import Served, Stage
from tests.bench.works import Asked, Client, facts_of

_SLACK_BYTES = 40
"""An instant without microseconds and a cost with fewer digits make a right answer a little shorter."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the answers of one server: the median one, and what a right one has at least."""

    median: int
    shortest: int

    def of_floor(self) -> "Sizes":
        """Return the sizes of the bare server, which always answers the median."""
        return Sizes(self.median, self.median)


def check_same_facts(stage: Stage, work: str, served: Mapping[Server, Served]) -> dict[Server, Sizes]:
    """Send every request of a work once to each server and compare the answers; this also warms what they keep.

    Raises:
        BenchmarkFailed: An answer is not 200, has errors, or differs from the first server's.
    """
    sizes: dict[Server, list[int]] = {server: [] for server in served}
    first = next(iter(served))
    with Client() as client:
        for number in range(len(stage.requests(first, work))):
            expected: Mapping[str, Any] = {}
            for server, at in served.items():
                body = client.ask(at.port, stage.requests(server, work)[number])
                sizes[server].append(len(body))
                facts = facts_of(SERVERS[server].asked, body)
                expected = expected or facts
                if different := difference(SERVERS[server].asked, expected, facts):
                    raise BenchmarkFailed(f"{work}: {server} does not answer what {first} does: {different}")
    return {server: Sizes(sorted(all_)[len(all_) // 2], min(all_) - _SLACK_BYTES) for server, all_ in sizes.items()}


def check_same_answers(stage: Stage, work: str, server: Server, served: Sequence[Served]) -> Sizes:
    """Send every request of a work once to each of several processes of one server, before databases of their own.

    Raises:
        BenchmarkFailed: An answer is not 200, has errors, or differs from the first one's.
    """
    sizes: list[int] = []
    with Client() as client:
        for request in stage.requests(server, work):
            bodies = [client.ask(at.port, request) for at in served]
            sizes += map(len, bodies)
            first, *others = (facts_of(SERVERS[server].asked, body) for body in bodies)
            if different := next(chain.from_iterable(_differences(first, one) for one in others), None):
                raise BenchmarkFailed(f"{work}: one {server} does not answer what another does: {different}")
    return Sizes(sorted(sizes)[len(sizes) // 2], min(sizes) - _SLACK_BYTES)


def difference(asked: Asked, expected: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    """Return where two answers differ, as a path without values, or None; one of generated tables by its facts."""
    if asked is Asked.TABLES:
        return next(_differences(plain_facts(expected), table_facts(facts)), None)
    return next(_differences(expected, facts), None)


def plain_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `Facts` says without ids, cursors and the ways of writing: what the tables themselves hold."""
    viewer = data["viewer"]
    return {
        "person": [viewer["person"][name] for name in ("familyName", "givenName", "patronymic", "birthDate", "source")],
        "region": viewer["policy"]["region"],
        "insurer": viewer["policy"]["insurer"]["name"],
        "appointments": [_appointment(one, one["slot"]) for one in viewer["appointments"]["nodes"]],
        "messages": [[one["kind"], one["severity"], one["seenAt"]] for one in viewer["inbox"]["nodes"]],
        "unread": viewer["unreadCount"],
    }


def table_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same of an answer of the generated schema (`postgraphile.graphql`)."""
    person, policy = data["person"], data["policy"]["data"]
    return {
        "person": [person[name] for name in ("familyName", "givenName", "patronymic", "birthDate", "source")],
        "region": policy["policy"]["region"],
        "insurer": policy["policy"]["insurer"]["name"],
        "appointments": [_appointment_of_tables(one) for one in data["appointments"]["nodes"]],
        "messages": [[one["kind"].upper(), one["severity"].upper(), one["seenAt"]] for one in data["inbox"]["nodes"]],
        "unread": sum(one["seenAt"] is None for one in data["inbox"]["nodes"]),
    }


def _appointment(one: Mapping[str, Any], slot: Mapping[str, Any]) -> list[Any]:
    clinic, doctor, specialty = slot["clinic"], slot["doctor"], slot["specialty"]
    place = [clinic[name] for name in ("name", "address", "town", "phone")]
    where = [clinic["coordinates"]["latitude"], clinic["coordinates"]["longitude"]]
    times = [datetime.fromisoformat(slot[name]) for name in ("startsAt", "endsAt")]
    return [
        *times,
        one["status"],
        one["channel"],
        slot["room"],
        doctor["fullName"],
        *specialty.values(),
        *place,
        *where,
    ]


def _appointment_of_tables(one: Mapping[str, Any]) -> list[Any]:
    slot = one["slot"]
    clinic, doctor = slot["clinic"], slot["doctor"]
    full_name = " ".join(filter(None, (doctor["familyName"], doctor["givenName"], doctor["patronymic"])))
    place = [clinic[name] for name in ("name", "address", "town", "phone", "latitude", "longitude")]
    states = [one["status"].upper(), one["channel"].upper()]
    times = [datetime.fromisoformat(slot[name]) for name in ("startsAt", "endsAt")]
    return [*times, *states, slot["room"], full_name, *slot["specialty"].values(), *place]


def _differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if one.keys() != other.keys():
            yield f"{path}: other fields, {sorted(one.keys() ^ other.keys())}"
        for name in one.keys() & other.keys():
            yield from _differences(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{path}: {len(one)} and {len(other)} items"
        for number, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            yield from _differences(mine, theirs, f"{path}[{number}]")
    elif one != other:
        yield path
