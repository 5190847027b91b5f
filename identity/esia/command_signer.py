"""The signer of production: an external tool (CryptoPro, `openssl cms` with a GOST engine) that holds the key.

The text goes to its standard input, the signature comes from its standard output. Nothing it says on standard error is
read, so that no secret of it can reach a log.
"""

import asyncio
import os
import signal
from contextlib import suppress

import structlog

from identity.esia.errors import EsiaSignerUnavailable
from identity.esia_settings import SignCommandSettings

MAX_SIGNATURE_BYTES = 16_384
_AT_ONCE = 4
_log = structlog.get_logger("identity")


class CommandSigner:
    """Runs the tool once a signature, at most four at once, each in a process group of its own that ends in time."""

    def __init__(self, *, command: SignCommandSettings, certificate_hash: str) -> None:
        """Take the command and the hash that the certificate is known by at ESIA.

        Args:
            command: Program, arguments, time-out and the names of environment variables it may see.
            certificate_hash: Hex GOST R 34.11-2012-256 over the certificate's DER; "" where the dialect sends none.
        """
        self._command = command
        self._certificate_hash = certificate_hash
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def certificate_hash(self) -> str:
        """The hash given by the settings: we cannot compute a GOST hash ourselves."""
        return self._certificate_hash

    async def sign(self, text: bytes) -> bytes:
        """Return what the tool makes of `text`.

        Raises:
            EsiaSignerUnavailable: It did not start, failed, was too slow, or gave nothing or too much.
        """
        try:
            async with asyncio.timeout(self._command.timeout_seconds), self._turns:
                return await self._run(text)
        except TimeoutError as error:
            raise _failed("timeout") from error

    async def _run(self, text: bytes) -> bytes:
        seen = {name: os.environ[name] for name in self._command.environment if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=seen,
                start_new_session=True,
            )
        except (OSError, ValueError):
            # Its text names paths of the key store.
            raise _failed("not started") from None
        try:
            signature = await _converse(process, text)
            exit_code = await process.wait()
        finally:
            await _end(process)
        if exit_code != 0:
            raise _failed("exit", exit_code=exit_code)
        if not 0 < len(signature) <= MAX_SIGNATURE_BYTES:
            raise _failed("too long" if signature else "empty")
        return signature


async def _converse(process: asyncio.subprocess.Process, text: bytes) -> bytes:
    """Write the text while reading the answer, which stops one byte after what we take."""
    if process.stdin is None or process.stdout is None:
        raise _failed("not started")
    with suppress(BrokenPipeError, ConnectionResetError):  # a tool that does not read: its exit code tells
        process.stdin.write(text)
        await process.stdin.drain()
    process.stdin.close()
    answer = bytearray()
    while part := await process.stdout.read(MAX_SIGNATURE_BYTES + 1 - len(answer)):
        answer += part
        if len(answer) > MAX_SIGNATURE_BYTES:
            raise _failed("too long")
    return bytes(answer)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the tool with everything it started, if it still runs."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout is not None:
            while await process.stdout.read(MAX_SIGNATURE_BYTES):  # asyncio tells of an end when its pipe is read out
                pass
        await process.wait()


def _failed(reason: str, **more: int) -> EsiaSignerUnavailable:
    _log.warning("esia.signer_failed", reason=reason, **more)
    return EsiaSignerUnavailable()
