"""One bounded load on one server of this machine: by wrk, else by our own loader."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.processes import BenchmarkFailed, started_on

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a work; `body` is empty for GET."""

    method: str
    path: str
    token: str
    body: bytes = b""

    def line(self) -> str:
        """Return it as the load generators read it; nothing in it may hold a tab or a line's end."""
        return "\t".join((self.method, self.path, self.token, self.body.decode()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one load came to; `failures` counts answers that were wrong or never came."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failures: int


def generator_name() -> str:
    """Return which load generator this machine has."""
    return "wrk" if shutil.which("wrk") else "the Python loader"


def write_requests(requests: list[Request], file: Path) -> None:
    """Write the requests for the load generators."""
    file.write_text("".join(f"{request.line()}\n" for request in requests))


def load(
    file: Path,
    *,
    port: int,
    seconds: int,
    shortest: int,
    cores: frozenset[int],
    connections: int = CONNECTIONS,
    may_be_slow: bool = False,
) -> Outcome:
    """Send the requests of a file in turn to a loopback port.

    Args:
        file: As `write_requests` wrote it.
        port: On 127.0.0.1.
        seconds: For how long.
        shortest: A right answer has at least so many bytes.
        cores: Where the load generator runs.
        connections: How many there are, each with one request at a time.
        may_be_slow: No answer at all is no failure, as in a second of warming up.

    Raises:
        BenchmarkFailed: An answer was wrong or missing, or there was none.
    """
    with started_on(cores):
        done = subprocess.run(  # noqa: S603 # our own words
            _command(file, port=port, seconds=seconds, shortest=shortest, connections=connections),
            capture_output=True,
            timeout=seconds + 20,
            check=False,
        )
    if done.returncode != 0:
        raise BenchmarkFailed(f"the load generator failed:\n{done.stdout.decode()}{done.stderr.decode()}")
    outcome = Outcome(**orjson.loads(done.stdout.splitlines()[-1]))
    if outcome.failures or not (outcome.requests or may_be_slow):
        raise BenchmarkFailed(f"{outcome.failures} of {outcome.requests} answers were wrong or missing")
    return outcome


def _command(file: Path, *, port: int, seconds: int, shortest: int, connections: int) -> list[str]:
    wrk = shutil.which("wrk")
    if wrk is None:
        arguments = [str(port), str(file), str(shortest), str(seconds), str(connections)]
        return [sys.executable, "-m", "tests.bench.loader", *arguments]
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT)]
    return [wrk, *options, f"http://127.0.0.1:{port}", "--", str(file), str(shortest)]
