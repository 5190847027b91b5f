"""What a push costs: the real SDK, our own client to RuStore, and a bare POST, to simulators in another process.

`python -m tests.notifications.channels.measure [messages]` prints a table; the floor is measured in the same run.
"""

import asyncio
import multiprocessing
import resource
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
import uvicorn
from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.routing import Mount

from notifications.channels import fcm_simulator, rustore_simulator
from notifications.channels.fcm import open_fcm
from notifications.channels.fcm_simulated_accounts import ServiceAccount, make_service_account
from notifications.channels.http import open_http
from notifications.channels.port import Verdict
from notifications.channels.rustore import RuStoreSender
from notifications.settings import FcmSettings, RuStoreSettings
from tests.notifications.channels.parcels import make_parcel

PROJECT = "zdorovye-tests"
TOKEN = "token-of-the-tests"
CONCURRENCY = 20


def _serve(listener: socket.socket, account: ServiceAccount) -> None:
    routes = [
        Mount("/fcm", fcm_simulator.create_simulator(account, project_id=PROJECT)),
        Mount("/rustore", rustore_simulator.create_simulator(project_id=PROJECT, token=TOKEN)),
    ]
    config = uvicorn.Config(Starlette(routes=routes), log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _measure(send: Callable[[], Awaitable[Any]], count: int) -> tuple[float, float]:
    """Return messages a second, and CPU in ms a message, of this process."""
    left = count

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await send()

    for _ in range(CONCURRENCY):
        await send()
    started_at, cpu = time.monotonic(), _cpu_seconds()
    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return count / (time.monotonic() - started_at), (_cpu_seconds() - cpu) / count * 1_000


async def _run(base_url: str, account: ServiceAccount, count: int) -> dict[str, tuple[float, float]]:
    fcm = await open_fcm(
        FcmSettings(project_id=PROJECT, service_account=account.json, simulator_url=HttpUrl(f"{base_url}/fcm"))
    )
    rustore = RuStoreSender(RuStoreSettings(base_url=HttpUrl(f"{base_url}/rustore"), project_id=PROJECT, token=TOKEN))
    parcel = make_parcel()

    async def by_fcm() -> None:
        outcome = await fcm.send(parcel)
        assert outcome.verdict is Verdict.ACCEPTED, outcome

    async def by_rustore() -> None:
        outcome = await rustore.send(parcel)
        assert outcome.verdict is Verdict.ACCEPTED, outcome

    body = b'{"message":{"token":"t","data":{"notification_id":"0194d7a0","kind":"welcome"},"android":{"ttl":"60s"}}}'
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}

    async with open_http(10) as http:

        async def bare() -> None:
            answer = await http.post(
                f"{base_url}/rustore/v1/projects/{PROJECT}/messages:send", content=body, headers=headers
            )
            assert answer.status_code == 200

        ways = {"firebase-admin": by_fcm, "rustore": by_rustore, "bare httpx2 POST": bare}
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(3):
            for name, way in ways.items():
                rounds[name].append(await _measure(way, count))
    await fcm.close()
    await rustore.close()
    return {name: sorted(results)[1] for name, results in rounds.items()}


def main() -> None:
    """Measure, and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    account = make_service_account(PROJECT, token_url=f"{base_url}/fcm/token")
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, account), daemon=True)
    server.start()
    try:
        for name, (rate, cpu) in asyncio.run(_run(base_url, account, count)).items():
            sys.stdout.write(f"{name:18} {rate:7.0f} messages/s {cpu:6.2f} ms CPU a message\n")
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
