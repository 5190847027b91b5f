"""Asks the concentrator; implements `backend.booking.ports.OutsideRegistry`."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

import structlog

from backend.booking.errors import BookingRefusal, CancelTooLate, OutcomeUnknown, PatientNotFound, RegistryUnavailable
from backend.booking.ports import OutsideReferral, OutsideSchedule, OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from backend.clock import Clock
from backend.integrations.breaker import Breaker
from backend.integrations.fer_registry import wire
from backend.integrations.fer_registry.line import Line, NoAnswer
from backend.integrations.fer_registry.soap import Element, said
from backend.settings import FerRegistrySettings

_log = structlog.get_logger(__name__)
_QUIET = frozenset({"done", "none", *wire.REFUSALS})
_FOR_SOMEBODY = frozenset({"http_401", "http_403", "unsayable"})
"""What does not pass by itself."""
_OPENINGS = 2
"""A session that times out is opened once more within a call."""
_NOT_OPENED = frozenset({wire.PATIENT_NOT_FOUND, wire.REFERRAL_NOT_FOUND, "REFERRAL_EXPIRED"})


class FerRegistryClient:
    """Each call opens its session, under the booking's key; how it ended is logged once, by ids only."""

    def __init__(self, settings: FerRegistrySettings, *, clock: Clock, breaker: Breaker | None = None) -> None:
        """Build the pool; nothing connects until the first question."""
        self._clock = clock
        self._budget_seconds = settings.timeout_seconds
        self._longest_visit = timedelta(minutes=settings.visit_minutes)
        self._specialties: Mapping[str, str] = settings.specialties_by_post
        self._breaker = breaker or Breaker(failures_to_open=5, rest_seconds=10, monotonic=time.monotonic)
        self._line = Line(settings)

    async def __aenter__(self) -> Self:
        """Use as a context that closes the pool."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the pool."""
        await self.close()

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._line.close()

    async def schedule(self, resource: Resource, *, first: date, last: date) -> OutsideSchedule:
        """Return the free times of a resource; see the port. A schedule that does not exist has none.

        Raises:
            RegistryUnavailable: No usable answer within `timeout_seconds`.
        """
        session = uuid4()
        async with self._asking("schedule", session, RegistryUnavailable) as outcome:
            as_of = self._clock()
            answer = await self._line.read(session, wire.schedule_request(session, resource, first=first, last=last))
            if wire.error_code(answer) not in {None, wire.NO_DATA_FOUND}:
                raise NoAnswer("refused")
            slots = wire.read_slots(answer, longest=self._longest_visit)
            outcome.word = "done" if slots else "none"
            return OutsideSchedule(slots, as_of)

    async def referrals(self, patient: Patient) -> Sequence[OutsideReferral]:
        """Return the referrals of a person; see the port.

        Raises:
            RegistryUnavailable: No usable answer within `timeout_seconds`.
            PatientNotFound: It does not know the person.
        """
        session = uuid4()
        async with self._asking("referrals", session, RegistryUnavailable) as outcome:
            request = wire.patient_info_request(session, patient, with_referrals=True)
            answer = await self._line.read(session, request)
            code = wire.error_code(answer)
            if code == wire.PATIENT_NOT_FOUND:
                raise PatientNotFound
            if code is not None:
                raise NoAnswer("refused")
            outcome.word = "done"
            return wire.read_referrals(answer, specialties=self._specialties)

    async def book(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, referral_number: str | None
    ) -> None:
        """Book a time under the booking's key; see the port.

        What opens the session decides nothing: an earlier try may have booked. Only the answer to CreateAppointment
        does, so it is asked whatever became of the opening.

        Raises:
            BookingRefusal: The concentrator has refused.
            OutcomeUnknown: No answer that is one, within `timeout_seconds`.
        """
        async with self._asking("book", key, OutcomeUnknown) as outcome:
            try:
                opening = _opening(key, patient, referral_number)
            except wire.Unsayable as error:
                raise PatientNotFound from error  # so nobody was ever asked for under this name
            code = await self._settle(key, wire.create_request(key, slot, resource), opening)
            if code == wire.CANCEL_TOO_LATE:
                raise NoAnswer("refused")  # no answer to this question
            if code is not None:
                raise wire.REFUSALS[code]
            outcome.word = "done"

    async def cancel(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, reason: CancelReason
    ) -> None:
        """Give a booking up; see the port. A booking that is not there is given up, too.

        Raises:
            CancelTooLate: The clinic takes no change any more.
            OutcomeUnknown: No answer that is one, within `timeout_seconds`.
        """
        async with self._asking("cancel", key, OutcomeUnknown) as outcome:
            opening = _opening(key, patient, None)
            code = await self._settle(key, wire.cancel_request(key, slot, reason), opening)
            if code == wire.CANCEL_TOO_LATE:
                raise CancelTooLate
            if code not in {None, wire.NO_DATA_FOUND}:
                raise NoAnswer("refused")
            outcome.word = "none" if code else "done"

    async def _settle(self, key: UUID, request: Element, opening: Element) -> str | None:
        """Open the session and ask; return None for SUCCESS, else the code of the refusal.

        Raises:
            NoAnswer: Neither came.
        """
        for _ in range(_OPENINGS):
            not_opened = wire.error_code(await self._line.read(key, opening))
            answer = await self._line.call(key, request)
            code = wire.error_code(answer)
            if code == wire.SESSION_TIMED_OUT and not_opened in _NOT_OPENED:
                return not_opened  # there is no session, and so no outcome of an earlier try either
            if code != wire.SESSION_TIMED_OUT:
                return _decided(code, answer)
        raise NoAnswer("session_timed_out")

    @asynccontextmanager
    async def _asking(
        self, what: str, reference: UUID, unknown: type[RegistryUnavailable | OutcomeUnknown]
    ) -> AsyncIterator["_Outcome"]:
        """Give one call its time, tell the breaker, and log how it ended.

        Raises:
            RegistryUnavailable: As `unknown` says: the breaker rests, the time is over, or there is no answer.
            OutcomeUnknown: The same.
        """
        outcome, started_at = _Outcome(), time.monotonic()
        try:
            if not self._breaker.may_ask():
                outcome.word = "resting"
                raise unknown
            async with asyncio.timeout(self._budget_seconds):
                yield outcome
            self._breaker.note_success()
        except BookingRefusal as refusal:
            outcome.word = refusal.code
            self._breaker.note_success()
            raise
        except wire.Unsayable as error:
            outcome.word = "unsayable"
            raise unknown from error
        except (NoAnswer, TimeoutError, wire.NotAValue) as error:
            outcome.word = _word_for(error)
            self._breaker.note_failure()
            raise unknown from error
        finally:
            _note(what, outcome.word, reference, started_at)


class _Outcome:
    """A word for the log."""

    word = "cancelled"


def _opening(key: UUID, patient: Patient, referral_number: str | None) -> Element:
    if referral_number is None:
        return wire.patient_info_request(key, patient, with_referrals=False)
    return wire.referral_info_request(key, patient, referral_number)


def _word_for(error: NoAnswer | TimeoutError | wire.NotAValue) -> str:
    if isinstance(error, NoAnswer):
        return error.outcome
    return "timed_out" if isinstance(error, TimeoutError) else "unreadable"


def _decided(code: str | None, answer: Element) -> str | None:
    if code is not None and code not in wire.REFUSALS:
        raise NoAnswer("refused")
    if code is None and said(answer, "Status_Code") != wire.SUCCESS:
        raise NoAnswer("unknown_status")
    return code


def _note(what: str, outcome: str, reference: UUID, started_at: float) -> None:
    """Log a call once; a refusal of our credentials is for somebody to mend."""
    duration_ms = round((time.monotonic() - started_at) * 1000)
    level = logging.INFO if outcome in _QUIET else logging.ERROR if outcome in _FOR_SOMEBODY else logging.WARNING
    _log.log(level, "fer_registry_asked", what=what, outcome=outcome, reference=str(reference), duration_ms=duration_ms)
