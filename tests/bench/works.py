"""The works that are measured: what each kind of server is sent for them, and the proof that the answers agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

import httpx2
import orjson

from backend.entrypoints.demo.region import SPECIALTIES
from mobile_contracts.manifest import Operation, active_operations
from tests.bench.load import Request
from tests.bench.processes import BenchmarkFailed

SLOTS, APPOINTMENTS, MESSAGES = 50, 5, 10
"""How many of each the works ask for; fewer would not be the work that is named."""

_TOWN = "Калуга"
_PEERS = Path(__file__).with_name("peers")


class Asked(StrEnum):
    """How a server is asked."""

    TRUSTED = "trusted"
    """`POST /graphql` with the id of a trusted document; with its text where no manifest holds it."""
    TEXT = "text"
    """`POST /graphql` with the text of the same operation."""
    REST = "rest"
    """`GET` of an endpoint written for the work."""
    PERSON = "person"
    """As TEXT, with the person's id for the token: the server checks nothing."""
    TABLES = "tables"
    """As PERSON, in the words of a schema that was generated from the tables."""


Requests = Mapping[Asked, tuple[Request, ...]]


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request, in turn for many people; its lists correspond one to one."""

    name: str
    requests: Requests

    def asked(self, how: Asked) -> tuple[Request, ...]:
        """Return what a server is sent that is asked in this way."""
        if how is Asked.TRUSTED and how not in self.requests:
            how = Asked.TEXT
        return self.requests[how]


def home_screen(tokens: Sequence[str]) -> Work:
    """Return the phone's home screen."""
    operation = trusted_operation("HomeScreen")
    return Work(
        "home",
        {
            Asked.TRUSTED: _posts(tokens, [trusted_body(operation, {})] * len(tokens)),
            Asked.TEXT: _posts(tokens, [_text(operation.body, {})] * len(tokens)),
            Asked.REST: tuple(Request("GET", "/home", token) for token in tokens),
        },
    )


def slot_search(tokens: Sequence[str], tomorrow: datetime) -> Work:
    """Return the search for fifty slots of each specialty in turn, every other one in one town."""
    operation = trusted_operation("SearchSlots")
    filters = []
    for number in range(len(tokens)):
        asked = {"specialty": SPECIALTIES[number % len(SPECIALTIES)].code, "from": tomorrow.isoformat()}
        filters.append(asked | {"town": _TOWN} if number // len(SPECIALTIES) % 2 else asked)
    variables = [{"filter": asked, "first": SLOTS} for asked in filters]
    paths = ["/slots?" + urlencode({**asked, "first": SLOTS}) for asked in filters]
    return Work(
        "slots",
        {
            Asked.TRUSTED: _posts(tokens, [trusted_body(operation, one) for one in variables]),
            Asked.TEXT: _posts(tokens, [_text(operation.body, one) for one in variables]),
            Asked.REST: tuple(Request("GET", path, token) for path, token in zip(paths, tokens, strict=True)),
        },
    )


def home_facts(tokens: Sequence[str], person_ids: Sequence[UUID]) -> Work:
    """Return the home screen without the texts of its messages and the time: what other languages answer too."""
    variables = {"appointments": APPOINTMENTS, "messages": MESSAGES}
    body = _text((_PEERS / "facts.graphql").read_text(), variables)
    tables = (_PEERS / "postgraphile.graphql").read_text()
    people = [str(one) for one in person_ids]
    return Work(
        "facts",
        {
            Asked.TEXT: _posts(tokens, [body] * len(tokens)),
            Asked.PERSON: _posts(people, [body] * len(people)),
            Asked.TABLES: _posts(people, [_text(tables, {**variables, "person": one}) for one in people]),
        },
    )


def for_floor(work: Work) -> tuple[Request, ...]:
    """Return the same bytes as our endpoint is sent, for the bare server's path of this work."""
    return tuple(Request(one.method, floor_path(work), one.token, one.body) for one in work.asked(Asked.TRUSTED))


def floor_path(work: Work) -> str:
    """Return where the bare server keeps a body of this work's size."""
    return f"/{work.name}"


class Client:
    """Asks servers one question at a time; to be closed by `with`."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._http = httpx2.Client(timeout=20, trust_env=False)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close every connection."""
        self._http.close()

    def ask(self, port: int, request: Request) -> bytes:
        """Return the body of an answer.

        Raises:
            BenchmarkFailed: The answer is not 200.
        """
        headers = {"authorization": f"Bearer {request.token}", "accept": "application/json"}
        if request.body:
            headers["content-type"] = "application/json"
        url = f"http://127.0.0.1:{port}{request.path}"
        answer = self._http.request(request.method, url, content=request.body or None, headers=headers)
        if answer.status_code != 200:
            path = request.path.partition("?")[0]
            raise BenchmarkFailed(f"{path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.content


def facts_of(asked: Asked, body: bytes) -> Mapping[str, Any]:
    """Return what an answer says, the server's time left aside.

    Raises:
        BenchmarkFailed: The answer has errors.
    """
    answer = orjson.loads(body)
    if asked is not Asked.REST:
        if answer.get("errors"):
            raise BenchmarkFailed(f"an answer has errors: {str(answer['errors'])[:500]}")
        answer = answer["data"]
    return {name: value for name, value in answer.items() if name != "serverTime"}


def trusted_operation(name: str) -> Operation:
    """Return a trusted operation, as an app of a published release sends it."""
    found = [one for one in active_operations().values() if one.name == name]
    if not found:
        raise BenchmarkFailed(f"no active manifest holds {name}")
    return found[-1]


def trusted_body(operation: Operation, variables: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"documentId": operation.id, "variables": variables})


def _text(text: str, variables: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"query": text, "variables": variables})


def _posts(tokens: Sequence[str], bodies: Sequence[bytes]) -> tuple[Request, ...]:
    return tuple(Request("POST", "/graphql", token, body) for token, body in zip(tokens, bodies, strict=True))
