"""A few connections to the mail relay, each used for many letters one after another."""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException

from notifications.settings import SmtpSettings

_LONGEST_REST_SECONDS = 20.0
"""Relays cut who is silent for long; Postfix and Exim after 300 s, some after 30."""
_LETTERS_PER_CONNECTION = 100


@dataclass(slots=True)
class Connection:
    """One signed-in conversation."""

    smtp: SMTP
    letters: int = 0
    rests_since: float = 0.0
    is_amid_letter: bool = False
    """The relay remembers half a letter, and has to be told to forget it."""

    @property
    def is_used(self) -> bool:
        """Say whether letters went over it: then its other end may be gone without our knowing."""
        return self.letters > 0

    async def begin(self) -> None:
        """Be between two letters.

        Raises:
            aiosmtplib.SMTPException: The relay does not answer, or does not let us.
        """
        if self.is_amid_letter:
            await self.smtp.rset()
        self.is_amid_letter = True

    def drop(self) -> None:
        """End it at once: no farewell, and no waiting for the other end's."""
        transport = self.smtp.transport
        self.smtp.close()
        if isinstance(transport, asyncio.Transport):
            transport.abort()


class Connections:
    """The pool; for concurrent tasks of one event loop."""

    def __init__(self, settings: SmtpSettings, tls_context: ssl.SSLContext) -> None:
        """Begin without any."""
        self._settings = settings
        self._tls_context = tls_context
        self._free = asyncio.Semaphore(settings.connections)
        self._resting: deque[Connection] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait until one connection more may be in use."""
        async with self._free:
            yield

    async def take(self, *, is_new: bool = False) -> Connection:
        """Return a connection, within a `slot`; one that rests if there is any, unless it has to be new.

        Raises:
            aiosmtplib.SMTPException: None came about.
            OSError: As above.
        """
        while self._resting and not is_new:
            connection = self._resting.pop()
            rested_seconds = time.monotonic() - connection.rests_since
            if connection.smtp.is_connected and rested_seconds < _LONGEST_REST_SECONDS:
                return connection
            connection.drop()
        return await self._open()

    def put_back(self, connection: Connection, *, is_amid_letter: bool) -> None:
        """Let it rest until the next letter, or end it after a hundred."""
        connection.letters += 1
        connection.is_amid_letter = is_amid_letter
        if not connection.smtp.is_connected or connection.letters >= _LETTERS_PER_CONNECTION:
            connection.drop()
            return
        connection.rests_since = time.monotonic()
        self._resting.append(connection)

    async def close(self) -> None:
        """Say farewell where that is quick, and end every connection that rests."""
        while self._resting:
            connection = self._resting.pop()
            with suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await connection.smtp.quit()
            connection.drop()

    async def _open(self) -> Connection:
        settings = self._settings
        connection = Connection(
            SMTP(
                hostname=settings.host,
                port=settings.port,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                tls_context=self._tls_context if settings.security != "none" else None,
                username=settings.username,
                password=settings.password if settings.username is not None else None,
                local_hostname=settings.sender.rpartition("@")[2],
                timeout=settings.timeout_seconds,
            )
        )
        try:
            await connection.smtp.connect()
            await connection.smtp.ehlo()
        except BaseException:
            connection.drop()
            raise
        return connection
