"""`zdorovye serve --workers N` as an operator meets it: several real processes on PostgreSQL and Redis."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.development import completed
from backend.entrypoints.tokens import build_tokens
from backend.settings import DatabaseSettings, Settings
from graphql_schema.node import encode_id
from identity.principal import ActorKind, Assurance, SessionId
from identity.tokens import TokenSubject
from notifications.outbox import enqueue
from tests.factories.messages import make_message
from tests.factories.sessions import add_account, add_session
from tests.journeys.process import Service, environment, free_ports, serving_workers
from tests.journeys.slow_request import SlowRequest
from tests.plugins.command_line import run_to_end
from tests.plugins.engines import fresh_url
from tests.plugins.http import http_client
from tests.plugins.load import steady_load
from tests.plugins.waiting import until

LONGEST_END_SECONDS = 15.0
"""R63."""
NOTICE_SECONDS = 3
"""Long enough to be seen by a probe on a busy machine."""
_ASKED_IN_A_ROW = 16
DRAIN_SECONDS = 4
DOCUMENT = "{ serverTime }"
PROTOCOL = Subprotocol("graphql-transport-ws")


pytestmark = pytest.mark.parametrize("database_settings", ["postgresql"], indirect=True)


@pytest.fixture
def env(tmp_path: Path, development_keys: Path, database_settings: DatabaseSettings, redis_url: str) -> dict[str, str]:
    """The environment of several workers that lack nothing; their database is empty."""
    shutil.copytree(development_keys, tmp_path / "data" / "keys")
    return environment(
        tmp_path / "data",
        free_ports(),
        ZDOROVYE_DATABASE__URL=database_settings.url,
        ZDOROVYE_REDIS_URL=redis_url,
        ZDOROVYE_DRAIN_NOTICE_SECONDS=str(NOTICE_SECONDS),
        ZDOROVYE_DRAIN_SECONDS=str(DRAIN_SECONDS),
        ZDOROVYE_GRAPHQL__DEADLINE_SECONDS="60",
        ZDOROVYE_GRAPHQL__PREPARE_AT_START="false",  # a service that prepares: test_processes.py
    )


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def _replaced(service: Service, workers: set[int]) -> None:
    async def all_of_them() -> bool:
        return workers <= {one["old"] for one in service.events("worker_replaced")}

    await until(all_of_them, what="new workers in the place of the old ones", seconds=90)


async def _status(service: Service, path: str) -> int:
    async with http_client(timeout=10) as http:
        return (await http.get(service.base_url + path)).status_code


async def _half_a_request(service: Service) -> SlowRequest:
    return await SlowRequest.begin(service.port, orjson.dumps({"query": DOCUMENT}))


async def _says_not_ready(service: Service) -> None:
    async def says_so() -> bool:
        """Each worker is told by itself, and who answers is chosen by the kernel: so many in a row are all of them."""
        return all([await _status(service, "/health/ready") == 503 for _ in range(_ASKED_IN_A_ROW)])

    await until(says_so, what="readiness to say no while connections are still taken", seconds=NOTICE_SECONDS)


async def _refuses_connections(service: Service) -> None:
    """Nobody is kept waiting by a listener at which nobody accepts."""

    async def refuses() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        except ConnectionRefusedError:
            return True
        writer.close()
        return False

    await until(refuses, what="connections to be refused", seconds=NOTICE_SECONDS + 3)


async def _somebody(env: dict[str, str], database: Database) -> tuple[UUID, str]:
    """Sign in a person nobody knew before; return who it is and the header that shows it."""
    settings = Settings(port=int(env["ZDOROVYE_PORT"]), data_dir=Path(env["ZDOROVYE_DATA_DIR"]))
    tokens = build_tokens(completed(settings, system_clock), system_clock)
    person_id = await add_account(database, now=system_clock())
    session = await add_session(database, person_id, now=system_clock())
    subject = TokenSubject(
        person_id=person_id,
        session_id=SessionId(session.id),
        kind=ActorKind.CITIZEN,
        assurance=Assurance.CONFIRMED,
        authenticated_at=system_clock(),
    )
    return person_id, f"Bearer {tokens.issue(subject)}"


async def _receive(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(await asyncio.wait_for(socket.recv(), 20))
    return message


@pytest.mark.timeout(300)  # it starts six processes
async def test_a_service_tells_its_workers_survives_a_death_reloads_and_ends_at_a_second_signal(
    env: dict[str, str], tmp_path: Path
) -> None:
    """One service for all of it: a worker takes three seconds of a core to start."""
    async with serving_workers(2, env=env) as service:
        await _a_message_seen_through_one_worker_reaches_a_subscription_on_the_other(service, env)
        await _a_death_is_made_good(service)
        await _a_reload_fails_no_request(service)
        (tmp_path / "data" / "keys" / "tokens-signing.pem").write_text("not a key")
        await _a_broken_reload_changes_nothing(service)
        await _a_second_signal_ends_everything_at_once(service)


async def _a_message_seen_through_one_worker_reaches_a_subscription_on_the_other(
    service: Service, env: dict[str, str]
) -> None:
    """While one worker is stopped, the other takes every connection: so each of the two is known."""
    database = Database(DatabaseSettings(url=env["ZDOROVYE_DATABASE__URL"]))
    person_id, authorization = await _somebody(env, database)
    async with database.transaction() as session:
        told = await enqueue(session, make_message(person_id), now=system_clock())
    await database.close()
    one, other = service.workers()
    os.kill(one, signal.SIGSTOP)
    async with connect(f"ws://127.0.0.1:{service.port}/graphql", subprotocols=[PROTOCOL]) as socket:
        await socket.send(
            orjson.dumps({"type": "connection_init", "payload": {"authorization": authorization}}).decode()
        )
        assert (await _receive(socket))["type"] == "connection_ack"
        query = {"query": "subscription { inboxChanged { unreadCount } }"}
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": query}).decode())
        assert (await _receive(socket))["payload"]["data"] == {"inboxChanged": {"unreadCount": 1}}
        os.kill(one, signal.SIGCONT)
        os.kill(other, signal.SIGSTOP)
        document = (
            "mutation($input: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $input) { unreadCount } }"
        )
        inputs = {"ids": [encode_id("Notification", told)], "idempotencyKey": str(uuid4())}
        async with http_client(timeout=30) as http:
            seen = await http.post(
                f"{service.base_url}/graphql",
                json={"query": document, "variables": {"input": inputs}},
                headers={"authorization": authorization},
            )
        assert seen.json()["data"] == {"markNotificationsSeen": {"unreadCount": 0}}
        os.kill(other, signal.SIGCONT)
        assert (await _receive(socket))["payload"]["data"] == {"inboxChanged": {"unreadCount": 0}}


async def _a_death_is_made_good(service: Service) -> None:
    before = service.workers()
    assert len(before) == 2
    victim = min(before)
    async with steady_load(f"{service.base_url}/graphql", DOCUMENT) as load:
        os.kill(victim, signal.SIGKILL)
        await _replaced(service, {victim})
    assert [(one["pid"], one["code"]) for one in service.events("worker_died")] == [(victim, -signal.SIGKILL)]
    assert load.answers["200"] > 10
    assert load.answers.total() - load.answers["200"] <= 1, load.answers  # what the victim itself was answering


async def _a_reload_fails_no_request(service: Service) -> None:
    old = service.workers()
    async with steady_load(f"{service.base_url}/graphql", DOCUMENT) as load:
        service.process.send_signal(signal.SIGHUP)
        await _replaced(service, old)
    assert set(load.answers) == {"200"}, load.answers
    assert load.answers["200"] > 20
    new = service.workers()
    assert len(new) == 2
    assert not new & old


async def _a_broken_reload_changes_nothing(service: Service) -> None:
    workers = service.workers()
    service.process.send_signal(signal.SIGHUP)

    async def given_up() -> bool:
        return bool(service.events("reload_given_up"))

    await until(given_up, what="a reload that is given up", seconds=90)
    assert service.events("reload_given_up")[0]["kept"] == 2
    assert service.workers() == workers
    assert await _status(service, "/health/ready") == 200


async def _a_second_signal_ends_everything_at_once(service: Service) -> None:
    workers = service.workers()
    hanging = await _half_a_request(service)
    service.process.send_signal(signal.SIGINT)
    await _says_not_ready(service)
    asked_at = time.monotonic()
    service.process.send_signal(signal.SIGINT)
    await service.end()
    assert time.monotonic() - asked_at < 5
    assert await hanging.answer() == b""
    assert not any(_alive(pid) for pid in workers)


async def test_sigterm_drains_says_so_first_and_ends_in_time(env: dict[str, str]) -> None:
    """One request ends within the drain, one hangs for ever, one WebSocket and one idle connection are open."""
    async with serving_workers(2, env=env) as service:
        slow, hanging = await _half_a_request(service), await _half_a_request(service)
        socket = await connect(f"ws://127.0.0.1:{service.port}/graphql", subprotocols=[PROTOCOL])
        await socket.send('{"type":"connection_init"}')
        assert "connection_ack" in str(await socket.recv())
        asked_at = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        await _says_not_ready(service)
        await slow.send_body()
        answer = await slow.answer()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" in answer.lower()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        await _refuses_connections(service)
        assert service.process.returncode is None
        assert await hanging.answer() == b""
        assert await service.end() == 0
        took = time.monotonic() - asked_at
    assert NOTICE_SECONDS + DRAIN_SECONDS < took < LONGEST_END_SECONDS
    assert sum(one["count"] for one in service.events("requests_cut")) == 1


async def test_the_death_of_the_parent_leaves_no_orphan(env: dict[str, str]) -> None:
    async with serving_workers(2, env=env) as service:
        workers = service.workers()
        service.process.kill()
        await service.process.wait()

        async def all_gone() -> bool:
            return not any(_alive(pid) for pid in workers)

        await until(all_gone, what="the workers to leave", seconds=LONGEST_END_SECONDS)


async def test_a_worker_that_cannot_start_ends_the_whole_with_one_reason(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data" / "keys" / "tokens-signing.pem").write_text("not a key")
    code, output, errors = await run_to_end("serve", "--workers", "2", env=env)
    assert (code, output) == (1, "")
    assert [line for line in errors.splitlines() if not line.startswith("{")] == ["not an unencrypted PEM private key"]
    assert "Traceback" not in errors


async def test_several_workers_refuse_what_only_one_can_do(env: dict[str, str]) -> None:
    """The other reasons: tests/backend/entrypoints/test_preflight.py."""
    code, output, errors = await run_to_end("serve", "--workers", "2", env={**env, "ZDOROVYE_REDIS_URL": ""})
    assert (code, output) == (1, "")
    said = "they need Redis to wake each other's subscriptions, set ZDOROVYE_REDIS_URL"
    assert errors.strip() == f"2 workers cannot serve: {said}"


@pytest.fixture
def unmigrated_url(request: pytest.FixtureRequest) -> str:
    return fresh_url(request)


async def test_several_workers_refuse_a_database_that_is_not_migrated(env: dict[str, str], unmigrated_url: str) -> None:
    code, output, errors = await run_to_end(
        "serve", "--workers", "2", env={**env, "ZDOROVYE_DATABASE__URL": unmigrated_url}
    )
    assert (code, output) == (1, "")
    assert errors.strip() == "the database is not at the newest shape: run `zdorovye migrate`"
