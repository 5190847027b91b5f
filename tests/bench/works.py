"""The two works that are measured: their requests to each server, and the proof that the answers are the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson

from backend.entrypoints.demo.region import SPECIALTIES
from mobile_contracts.manifest import active_operations
from tests.bench.load import Request
from tests.bench.processes import BenchmarkFailed

SLOTS = 50
"""How many slots a search asks for; fewer would not be the work that is named."""

_TOWN = "Калуга"


class Server(StrEnum):
    """What is measured, in the order of a round."""

    GRAPHQL = "graphql"
    REST = "rest"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request, in turn for many people; the lists are of one length and correspond."""

    name: str
    graphql: tuple[Request, ...]
    rest: tuple[Request, ...]

    @property
    def floor_path(self) -> str:
        """Return where the bare server keeps a body of this work's size."""
        return f"/{self.name}"

    def requests(self, server: Server) -> list[Request]:
        """Return what one server is sent; the bare one gets the same bytes as our endpoint, elsewhere."""
        if server is Server.REST:
            return list(self.rest)
        if server is Server.GRAPHQL:
            return list(self.graphql)
        return [Request(one.method, self.floor_path, one.token, one.body) for one in self.graphql]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the answers of one work: the median one, and by server the shortest that was right."""

    median: int
    shortest: Mapping[Server, int]


def home_screen(tokens: Sequence[str]) -> Work:
    """Return the phone's home screen."""
    body = _body("HomeScreen", {})
    return Work(
        "home",
        graphql=tuple(Request("POST", "/graphql", token, body) for token in tokens),
        rest=tuple(Request("GET", "/home", token) for token in tokens),
    )


def slot_search(tokens: Sequence[str], tomorrow: datetime) -> Work:
    """Return the search for fifty slots of each specialty in turn, every other one in one town."""
    graphql, rest = [], []
    for number, token in enumerate(tokens):
        asked = {"specialty": SPECIALTIES[number % len(SPECIALTIES)].code, "from": tomorrow.isoformat()}
        if number // len(SPECIALTIES) % 2:
            asked["town"] = _TOWN
        graphql.append(Request("POST", "/graphql", token, _body("SearchSlots", {"filter": asked, "first": SLOTS})))
        rest.append(Request("GET", "/slots?" + urlencode({**asked, "first": SLOTS}), token))
    return Work("slots", tuple(graphql), tuple(rest))


def check_same_facts(work: Work, *, graphql: str, rest: str) -> Sizes:
    """Send every request of a work once to both servers and compare the answers; this also warms what they keep.

    Args:
        work: What to ask.
        graphql: Base URL of our endpoint.
        rest: Base URL of the REST peer.

    Raises:
        BenchmarkFailed: An answer is not 200, has errors, or differs.
    """
    sizes: dict[Server, list[int]] = {Server.GRAPHQL: [], Server.REST: []}
    with httpx2.Client(timeout=10, trust_env=False) as client:
        for ours, theirs in zip(work.graphql, work.rest, strict=True):
            mine, other = _ask(client, graphql, ours), _ask(client, rest, theirs)
            if different := difference(orjson.loads(mine), orjson.loads(other)):
                raise BenchmarkFailed(f"{work.name}: {different}")
            sizes[Server.GRAPHQL].append(len(mine))
            sizes[Server.REST].append(len(other))
    median = sorted(sizes[Server.GRAPHQL])[len(work.graphql) // 2]
    # an instant without microseconds and a cost with fewer digits make a right answer a little shorter
    shortest = {server: min(found) - 40 for server, found in sizes.items()}
    return Sizes(median, {**shortest, Server.FLOOR: median})


def difference(answer: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    """Return how an answer of GraphQL differs from the facts of REST, the server's time left aside."""
    if "errors" in answer:
        return f"an answer has errors: {answer['errors']}"
    data = {name: value for name, value in answer["data"].items() if name != "serverTime"}
    if data != {name: value for name, value in facts.items() if name != "serverTime"}:
        return "GraphQL and REST do not answer the same facts"
    return None


def _body(operation: str, variables: Mapping[str, Any]) -> bytes:
    """Return the request for a trusted operation, as an app of a published release sends it."""
    found = [one for one in active_operations().values() if one.name == operation]
    if not found:
        raise BenchmarkFailed(f"no active manifest holds {operation}")
    return orjson.dumps({"documentId": found[-1].id, "variables": variables})


def _ask(client: httpx2.Client, base_url: str, request: Request) -> bytes:
    headers = {"authorization": f"Bearer {request.token}", "accept": "application/json"}
    if request.body:
        headers["content-type"] = "application/json"
    answer = client.request(request.method, base_url + request.path, content=request.body or None, headers=headers)
    if answer.status_code != 200:
        raise BenchmarkFailed(f"{request.path.partition('?')[0]} answered {answer.status_code}: {answer.text[:500]}")
    return answer.content
