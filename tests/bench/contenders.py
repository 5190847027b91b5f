"""Many phones that want few slots, over real HTTP: what each did, when, and what it was told.

`python -m tests.bench.contenders <plan file>` writes the history beside the plan as JSON.
"""

import asyncio
import random
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import uvloop

from backend.booking.history_check import Kind, Operation, Told
from tests.bench.processes import BenchmarkFailed
from tests.bench.works import trusted_body, trusted_operation

OPERATIONS = {
    Kind.HOLD: "HoldSlot",
    Kind.BOOK: "BookAppointment",
    Kind.CANCEL: "CancelAppointment",
    Kind.LOOK: "SearchSlots",
}
LOOKS, KEEPS = 0.1, 0.2
"""How often a client looks instead of acting, and lets a booking stand instead of giving it up."""

LONGEST_ANSWER_SECONDS = 30
_TAKEN = "SLOT_TAKEN"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do.

    Attributes:
        port: Of the server, on 127.0.0.1.
        tokens: A bearer token for each client.
        slots: Global ids of the slots.
        filter: A `SlotFilter` that finds all of the slots first.
        steps: How often each client acts.
        pause_seconds: The longest pause between two acts; half of it on the average.
        cut: How many of the answers are cut off, after which their client is gone.
        seed: Of the dice.
    """

    port: int
    tokens: Sequence[str]
    slots: Sequence[str]
    filter: Mapping[str, Any]
    steps: int
    pause_seconds: float
    cut: float
    seed: int


class Gone(Exception):
    """The client has hung up before it was answered."""


class Contender:
    """One phone: holds and books a slot when it gets one, keeps it for a while or gives it up, begins again."""

    def __init__(self, plan: Plan, number: int) -> None:
        """Take the token of that number."""
        self._plan = plan
        self._client, self._token = number, plan.tokens[number]
        self._random = random.Random(plan.seed * 100_003 + number)  # noqa: S311 # dice
        self._booked: tuple[str, str] | None = None
        self._line: tuple[StreamReader, StreamWriter] | None = None
        self.told: list[Operation] = []
        self.retries = 0

    @property
    def booked_slot(self) -> str | None:
        """Return the slot that it was told to have, in the end."""
        return self._booked[1] if self._booked else None

    async def run(self) -> None:
        """Do all steps, or hang up in the middle."""
        try:
            for _ in range(self._plan.steps):
                await asyncio.sleep(self._random.random() * self._plan.pause_seconds)
                await self._step()
        except Gone:
            self._booked = None  # nobody knows
        finally:
            self._hang_up()

    async def _step(self) -> None:
        if self._random.random() < LOOKS:
            await self._look()
        elif self._booked is None:
            await self._book(self._random.choice(self._plan.slots))
        elif self._random.random() > KEEPS:
            appointment_id, slot = self._booked
            given = {"appointmentId": appointment_id, "reason": "PATIENT_DECLINE"}
            await self._act(Kind.CANCEL, slot, given)
            self._booked = None

    async def _book(self, slot: str) -> None:
        held = await self._act(Kind.HOLD, slot, {"slotId": slot})
        if held is not None:
            booked = await self._act(Kind.BOOK, slot, {"holdId": held["hold"]["id"]})
            assert booked is not None
            self._booked = booked["appointment"]["id"], slot

    async def _look(self) -> None:
        began = time.monotonic_ns()
        try:
            data = await self._ask(Kind.LOOK, {"filter": self._plan.filter, "first": 50})
        except Gone:
            self.told += [self._operation(Kind.LOOK, slot, began, None, Told.NOTHING) for slot in self._plan.slots]
            raise
        ended, free = time.monotonic_ns(), {one["id"] for one in data["slots"]["nodes"]}
        for slot in self._plan.slots:
            self.told.append(self._operation(Kind.LOOK, slot, began, ended, Told.YES if slot in free else Told.NO))

    async def _act(self, kind: Kind, slot: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Send a mutation; return its payload, None where somebody else has the slot.

        Raises:
            BenchmarkFailed: It was refused for another reason, which none of these clients can meet.
        """
        began = time.monotonic_ns()
        try:
            data = await self._ask(kind, {"input": {**given, "idempotencyKey": str(uuid4())}})
        except Gone:
            self.told.append(self._operation(kind, slot, began, None, Told.NOTHING))
            raise
        ended = time.monotonic_ns()
        payload: dict[str, Any] = next(iter(data.values()))
        codes = [one["code"] for one in payload["errors"]]
        if codes and (codes != [_TAKEN] or kind is not Kind.HOLD):
            raise BenchmarkFailed(f"{kind} was refused with {codes}")
        self.told.append(self._operation(kind, slot, began, ended, Told.NO if codes else Told.YES))
        return None if codes else payload

    def _operation(self, kind: Kind, slot: str, began: int, ended: int | None, told: Told) -> Operation:
        return Operation(kind, slot, self._client, began, ended, told)

    async def _ask(self, kind: Kind, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of an answer; what may pass is asked again as it was, key and all, as apps do.

        Raises:
            Gone: The dice said to hang up instead of reading it.
            BenchmarkFailed: The answer is none, or an error.
        """
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self._plan.port)
        reader, writer = self._line
        body = trusted_body(trusted_operation(OPERATIONS[kind]), variables)
        head = (
            "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
            f"content-type: application/json\r\nauthorization: Bearer {self._token}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        if self._random.random() < self._plan.cut:
            await asyncio.sleep(self._random.random() * 0.02)
            raise Gone
        async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
            status, content = await _read(reader)
        answer = orjson.loads(content)
        errors = answer.get("errors") or ()
        if status == 200 and any(one["extensions"].get("retryable") for one in errors):
            self.retries += 1
            await asyncio.sleep(max(one["extensions"].get("retryAfterMs", 0) for one in errors) / 1_000)
            return await self._ask(kind, variables)
        if status != 200 or errors:
            raise BenchmarkFailed(f"{kind} was answered with {status}: {content[:300].decode()}")
        data: dict[str, Any] = answer["data"]
        return data

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line[1].transport.abort()


async def _read(reader: StreamReader) -> tuple[int, bytes]:
    """Read one answer of HTTP/1.1 with a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status, *lines = head.split("\r\n")
    length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
    return int(status.split(" ")[1]), await reader.readexactly(length)


async def contend(plan: Plan) -> list[Contender]:
    """Let all clients run at once; return them with what they were told."""
    clients = [Contender(plan, number) for number in range(len(plan.tokens))]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.run())
    return clients


@dataclass(frozen=True, slots=True)
class Contended:
    """What the clients did: by slot those who were told to have it, and how often they asked again."""

    operations: Sequence[Operation]
    booked: Mapping[str, Sequence[int]]
    retries: int


def load_history(file: Path) -> Contended:
    """Read what `main` has written."""
    found = orjson.loads(file.read_bytes())
    operations = [
        Operation(Kind(one["kind"]), one["slot_id"], one["client"], one["began"], one["ended"], Told(one["told"]))
        for one in found["operations"]
    ]
    return Contended(operations, found["booked"], found["retries"])


def main(plan_file: Path) -> None:
    """Run the plan of a file and write the history."""
    plan = Plan(**orjson.loads(plan_file.read_bytes()))
    clients = uvloop.run(contend(plan))
    booked: dict[str, list[int]] = {}
    for number, client in enumerate(clients):
        if client.booked_slot is not None:
            booked.setdefault(client.booked_slot, []).append(number)
    found = {
        "operations": [asdict(one) for client in clients for one in client.told],
        "booked": booked,
        "retries": sum(client.retries for client in clients),
    }
    plan_file.with_suffix(".history").write_bytes(orjson.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
