"""Letters through a mail relay; implements `notifications.channels.port.Sender`."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiosmtplib import (
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notifications.channels.attempt import attempt
from notifications.channels.http import tls_context
from notifications.channels.letter import Letter, LetterUnfit, write_letter
from notifications.channels.port import Outcome, Parcel, Provider, Verdict
from notifications.channels.smtp_answers import Stage, outcome_of_answer, outcome_of_silence
from notifications.channels.smtp_connections import Connection, Connections
from notifications.settings import SmtpSettings

_STEPS = 3
"""The whole may take so many times as long as one step: a relay that is slow at each of ten is no relay."""


@dataclass(slots=True)
class _Progress:
    stage: Stage = Stage.WAITING


class SmtpSender:
    """One relay, over a few connections."""

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Build it; nothing connects until the first letter.

        Args:
            settings: Enabled ones.
            trust: Whose certificates are good; by default the usual authorities'.
            clock: Dates letters.
        """
        self._settings = settings
        self._clock = clock
        self._connections = Connections(settings, trust or tls_context())

    @property
    def provider(self) -> Provider:
        """Return SMTP."""
        return Provider.SMTP

    async def send(self, parcel: Parcel) -> Outcome:
        """Try once; see the port. Takes three times `timeout_seconds` at most."""
        seconds = _STEPS * self._settings.timeout_seconds
        return await attempt(self.provider, parcel, seconds=seconds + 1, trying=self._try)

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()

    async def _try(self, parcel: Parcel) -> Outcome:
        progress = _Progress()
        try:
            letter = write_letter(parcel, self._settings, now=self._clock())
            async with asyncio.timeout(_STEPS * self._settings.timeout_seconds), self._connections.slot():
                return await self._deliver(letter, progress)
        except LetterUnfit as error:
            return error.outcome
        except TimeoutError:
            return outcome_of_silence(progress.stage, "timed_out")
        except (SMTPException, OSError) as error:
            return _outcome_of_error(error, progress.stage)

    async def _deliver(self, letter: Letter, progress: _Progress) -> Outcome:
        progress.stage = Stage.GREETING
        connection = await self._connections.take()
        try:
            return await self._converse(connection, letter, progress)
        except SMTPServerDisconnected:
            if not connection.is_used or progress.stage is Stage.CONTENT:
                raise
        progress.stage = Stage.GREETING  # it was cut while it rested, and nothing was sent: once more on a new one
        return await self._converse(await self._connections.take(is_new=True), letter, progress)

    async def _converse(self, connection: Connection, letter: Letter, progress: _Progress) -> Outcome:
        smtp = connection.smtp
        if letter.needs_utf8 and not smtp.supports_extension("smtputf8"):
            self._connections.put_back(connection, is_amid_letter=connection.is_amid_letter)
            return Outcome(Verdict.ADDRESS_DEAD, "smtputf8_not_offered")
        try:
            progress.stage = Stage.SENDER
            await connection.begin()
            await smtp.mail(self._settings.sender, options=["SMTPUTF8"] if letter.needs_utf8 else [])
            progress.stage = Stage.RECIPIENT
            await smtp.rcpt(letter.recipient, encoding="utf-8" if letter.needs_utf8 else "ascii")
            progress.stage = Stage.CONTENT
            await smtp.data(letter.content)
        except SMTPResponseException as error:
            if 400 <= error.code < 600:
                self._connections.put_back(connection, is_amid_letter=True)
            else:  # who knows what comes next over it
                connection.drop()
            return outcome_of_answer(progress.stage, error.code, error.message)
        except BaseException:
            connection.drop()
            raise
        self._connections.put_back(connection, is_amid_letter=False)
        return Outcome(Verdict.ACCEPTED)


def _outcome_of_error(error: SMTPException | OSError, stage: Stage) -> Outcome:
    if isinstance(error, SMTPResponseException):
        return outcome_of_answer(stage, error.code, error.message)
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Outcome(Verdict.PROVIDER_UNUSABLE, "tls_failed")
    if isinstance(error, SMTPTimeoutError):
        return outcome_of_silence(stage, "timed_out")
    if isinstance(error, SMTPServerDisconnected | SMTPConnectError | OSError):
        return outcome_of_silence(stage, "connection_lost")
    return Outcome(Verdict.PROVIDER_UNUSABLE, "tls_or_sign_in_not_offered")
