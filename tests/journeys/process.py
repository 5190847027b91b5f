"""The real command line in processes of its own: started, killed, restarted."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.plugins.serving import free_listener

_START_SECONDS = 90


def free_ports() -> tuple[int, int]:
    """Return two ports that were free a moment ago."""
    listeners = [free_listener()[0] for _ in range(2)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports[0], ports[1]


def environment(folder: Path, ports: tuple[int, int], **changes: str) -> dict[str, str]:
    """Return the environment of a development machine of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZDOROVYE_")}
    return {
        **kept,
        "ZDOROVYE_DATA_DIR": str(folder),
        "ZDOROVYE_PORT": str(ports[0]),
        "ZDOROVYE_SIMULATORS_PORT": str(ports[1]),
        "ZDOROVYE_NOTIFICATIONS__SMTP__PORT": str(free_ports()[0]),
        **changes,
    }


def production_environment(folder: Path, ports: tuple[int, int], keys: Path) -> dict[str, str]:
    """Return the environment of a production machine that lacks nothing; its keys are those made for development."""
    esia, tokens, sent = "ZDOROVYE_IDENTITY__ESIA__", "ZDOROVYE_IDENTITY__TOKENS__", "ZDOROVYE_NOTIFICATIONS__"
    return environment(
        folder,
        ports,
        ZDOROVYE_ENVIRONMENT="production",
        ZDOROVYE_PUBLIC_URL="https://health.example",
        ZDOROVYE_DATABASE__URL=f"sqlite+aiosqlite:///{folder}/production.sqlite",
        ZDOROVYE_OMS_REGISTRY__BASE_URL="https://oms.example",
        ZDOROVYE_OMS_REGISTRY__TOKEN="a-token-of-the-register",
        ZDOROVYE_OMS_REGISTRY__IS_SIMULATOR="false",
        ZDOROVYE_FER_REGISTRY__BASE_URL="https://fer.example",
        ZDOROVYE_FER_REGISTRY__TOKEN="a-token-of-the-concentrator",
        ZDOROVYE_FER_REGISTRY__IS_SIMULATOR="false",
        **{
            f"{esia}BASE_URL": "https://esia.example",
            f"{esia}CLIENT_ID": "REGION40",
            f"{esia}IS_SIMULATOR": "false",
            f"{esia}SIGNER": "command",
            f"{esia}COMMAND__ARGV": '["sign-for-esia"]',
            f"{esia}CERTIFICATE_HASH": "0A" * 32,
            f"{esia}CERTIFICATE__PATH": str(keys / "esia-client-certificate.pem"),
            f"{esia}VERIFICATION_KEY__PATH": str(keys / "esia-simulator-public.pem"),
            f"{tokens}ISSUER": "https://health.example",
            f"{tokens}SIGNING_KEY__PATH": str(keys / "tokens-signing.pem"),
            f"{sent}PREFERENCES__SECRET": "a-secret-of-unsubscribe-links-0123",
            f"{sent}SMS__BASE_URL": "https://sms.example",
            f"{sent}SMS__TOKEN": "a-token-of-the-gateway",
            f"{sent}SMS__REPORT_SECRET": "a-secret-of-its-reports",
            f"{sent}SMS__IS_SIMULATOR": "false",
            f"{sent}FCM__ENABLED": "false",
            f"{sent}RUSTORE__ENABLED": "false",
            f"{sent}SMTP__ENABLED": "false",
        },
    )


@asynccontextmanager
async def running_command(
    *words: str, env: Mapping[str, str], ready: str = "http://127.0.0.1:"
) -> AsyncIterator[Process]:
    """Start a serving `zdorovye …`, wait for its line `ready: …`, and end it with SIGTERM unless it was killed."""
    process = await _start(*words, env=env)
    assert process.stdout is not None
    assert process.stderr is not None
    draining = asyncio.create_task(process.stderr.read())
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)).decode()
        assert line.startswith(f"ready: {ready}"), line + (await draining).decode()
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 20)
        await draining


class Service:
    """A serving `zdorovye serve` with workers, and what it wrote so far."""

    def __init__(self, process: Process, port: int) -> None:
        """Take a process whose output and errors are piped."""
        self.process = process
        self.base_url = f"http://127.0.0.1:{port}"
        self.port = port
        self.log = ""
        self._events: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    def workers(self) -> set[int]:
        """Return the process ids of its workers, starting and leaving ones among them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in children.split()}

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of its log about one event."""
        return [line for line in self._events if line["event"] == name]

    async def end(self) -> int:
        """Wait until it is gone, and return its exit code."""
        code = await asyncio.wait_for(self.process.wait(), 20)
        await self._reading
        return code

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.log += line.decode()
            if line.startswith(b"{") and line.endswith(b"}\n"):
                self._events.append(json.loads(line))


@asynccontextmanager
async def serving_workers(count: int, *, env: Mapping[str, str]) -> AsyncIterator[Service]:
    """Start `zdorovye serve --workers count`, wait until all serve, and see to it that nothing of it is left."""
    process = await _start("serve", "--workers", str(count), env=env)
    service = Service(process, int(env["ZDOROVYE_PORT"]))
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)).decode()
        assert line == f"ready: {service.base_url}\n", line + service.log
        yield service
    finally:
        if process.returncode is None:
            for _ in range(2):  # the second one ends it at once
                process.send_signal(signal.SIGTERM)
        await service.end()


async def _start(*words: str, env: Mapping[str, str]) -> Process:
    command = Path(sys.executable).parent / "zdorovye"
    return await asyncio.create_subprocess_exec(
        str(command), *words, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE
    )
