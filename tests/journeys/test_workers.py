"""`zdorovye serve --workers N` as an operator meets it: several real processes on PostgreSQL and Redis."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.journeys.process import Service, environment, free_ports, run_command, serving_workers
from tests.plugins.engines import fresh_url
from tests.plugins.load import steady_load
from tests.plugins.waiting import until

LONGEST_END_SECONDS = 15.0
"""R63."""
DOCUMENT = "{ serverTime }"


@pytest.fixture
def env(tmp_path: Path, development_keys: Path, postgresql_url: str, redis_url: str) -> dict[str, str]:
    """The environment of several workers that lack nothing."""
    shutil.copytree(development_keys, tmp_path / "data" / "keys")
    return environment(
        tmp_path / "data",
        free_ports(),
        ZDOROVYE_DATABASE__URL=postgresql_url,
        ZDOROVYE_REDIS_URL=redis_url,
        ZDOROVYE_DRAIN_NOTICE_SECONDS="0.5",
        ZDOROVYE_GRAPHQL__DEADLINE_SECONDS="60",
    )


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def _replaced(service: Service, workers: set[int]) -> None:
    async def all_of_them() -> bool:
        return workers <= {one["old"] for one in service.events("worker_replaced")}

    await until(all_of_them, what="new workers in the place of the old ones", seconds=60)


async def _status(service: Service, path: str) -> int:
    async with httpx2.AsyncClient(timeout=10, trust_env=False) as http:
        return (await http.get(service.base_url + path)).status_code


class SlowRequest:
    """A request whose body is sent by halves, so that it runs for as long as a test wants."""

    BODY = b'{"query": "{ serverTime }"}'

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def begin(cls, service: Service) -> "SlowRequest":
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        head = b"POST /graphql HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n"
        writer.write(head + b"content-length: %d\r\n\r\n" % len(cls.BODY))
        await writer.drain()
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"  # the application reads it now
        return cls(reader, writer)

    async def finish(self) -> bytes:
        """Send the rest and return the whole answer."""
        self._writer.write(self.BODY)
        return await self.answer()

    async def answer(self) -> bytes:
        answer = await asyncio.wait_for(self._reader.read(), 20)
        self._writer.close()
        return answer


async def test_all_serve_and_one_that_is_killed_is_replaced_without_a_failed_request(env: dict[str, str]) -> None:
    async with serving_workers(2, env=env) as service, steady_load(f"{service.base_url}/graphql", DOCUMENT) as load:
        before = service.workers()
        assert len(before) == 2
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        await _replaced(service, {victim})
        after = service.workers()
    assert len(after) == 2
    assert victim not in after
    assert [(one["pid"], one["code"]) for one in service.events("worker_died")] == [(victim, -signal.SIGKILL)]
    lost = load.answers.total() - load.answers["200"]
    assert load.answers["200"] > 10
    assert lost <= 1, load.answers  # what the victim itself was answering


async def test_a_reload_replaces_every_worker_and_no_request_fails(env: dict[str, str]) -> None:
    async with serving_workers(2, env=env) as service:
        before = service.workers()
        async with steady_load(f"{service.base_url}/graphql", DOCUMENT) as load:
            service.process.send_signal(signal.SIGHUP)
            await _replaced(service, before)
        assert set(load.answers) == {"200"}, load.answers
        assert load.answers["200"] > 20
        assert await _status(service, "/health/ready") == 200
        after = service.workers()
        assert len(after) == 2
        assert not after & before


async def test_a_reload_to_something_broken_keeps_what_serves(env: dict[str, str], tmp_path: Path) -> None:
    async with serving_workers(2, env=env) as service:
        before = service.workers()
        key = tmp_path / "data" / "keys" / "tokens-signing.pem"
        key.write_text("not a key")
        service.process.send_signal(signal.SIGHUP)

        async def given_up() -> bool:
            return bool(service.events("reload_given_up"))

        await until(given_up, what="a reload that is given up")
        assert service.events("reload_given_up")[0]["kept"] == 2
        assert service.workers() == before
        assert await _status(service, "/health/ready") == 200


async def test_sigterm_drains_says_so_first_and_ends_in_time(env: dict[str, str]) -> None:
    """One request ends within the drain, one hangs for ever, one WebSocket and one idle connection are open."""
    env = {**env, "ZDOROVYE_DRAIN_SECONDS": "4", "ZDOROVYE_DRAIN_NOTICE_SECONDS": "1.5"}
    async with serving_workers(2, env=env) as service:
        slow, hanging = await SlowRequest.begin(service), await SlowRequest.begin(service)
        socket = await connect(f"ws://127.0.0.1:{service.port}/graphql", subprotocols=["graphql-transport-ws"])  # type: ignore[list-item] # a NewType of str
        await socket.send('{"type":"connection_init"}')
        assert "connection_ack" in str(await socket.recv())
        asked_at = time.monotonic()
        service.process.send_signal(signal.SIGTERM)

        async def says_not_ready() -> bool:
            return await _status(service, "/health/ready") == 503

        await until(says_not_ready, what="readiness to say no while connections are still taken", seconds=1.5)
        answer = await slow.finish()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" in answer.lower()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert await hanging.answer() == b""
        assert await service.end() == 0
        took = time.monotonic() - asked_at
    assert 5 < took < LONGEST_END_SECONDS
    assert sum(one["count"] for one in service.events("requests_cut")) == 1


async def test_a_second_signal_ends_everything_at_once(env: dict[str, str]) -> None:
    async with serving_workers(2, env=env) as service:
        workers = service.workers()
        hanging = await SlowRequest.begin(service)
        asked_at = time.monotonic()
        service.process.send_signal(signal.SIGINT)

        async def says_not_ready() -> bool:
            return await _status(service, "/health/ready") == 503

        await until(says_not_ready, what="the drain to begin")
        service.process.send_signal(signal.SIGINT)
        await service.end()
        assert time.monotonic() - asked_at < 5
        assert await hanging.answer() == b""
        assert not any(_alive(pid) for pid in workers)


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
    code, output, errors = await run_command("serve", "--workers", "2", env=env)
    assert (code, output) == (1, "")
    assert errors.strip().splitlines()[-1].endswith("cannot be used") or "key" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ZDOROVYE_DATABASE__URL": ""}, "SQLite is for one process, set ZDOROVYE_DATABASE__URL to a PostgreSQL"),
        (
            {"ZDOROVYE_REDIS_URL": ""},
            "they need Redis to wake each other's subscriptions, set ZDOROVYE_REDIS_URL",
        ),
        ({"ZDOROVYE_REDIS_URL": "redis://127.0.0.1:1/0"}, "the Redis of ZDOROVYE_REDIS_URL does not answer"),
        ({"ZDOROVYE_REDIS_URL": "not an address"}, "the Redis of ZDOROVYE_REDIS_URL does not answer"),
    ],
)
async def test_several_workers_refuse_what_only_one_can_do(
    env: dict[str, str], changes: dict[str, str], said: str
) -> None:
    code, output, errors = await run_command("serve", "--workers", "2", env={**env, **changes})
    assert (code, output) == (1, "")
    assert errors.strip() == f"2 workers cannot serve: {said}"


@pytest.fixture
def unmigrated_url(request: pytest.FixtureRequest) -> str:
    return fresh_url(request)


async def test_several_workers_refuse_a_database_that_is_not_migrated(env: dict[str, str], unmigrated_url: str) -> None:
    code, output, errors = await run_command(
        "serve", "--workers", "2", env={**env, "ZDOROVYE_DATABASE__URL": unmigrated_url}
    )
    assert (code, output) == (1, "")
    assert errors.strip() == "the database is not at the newest shape: run `zdorovye migrate`"
