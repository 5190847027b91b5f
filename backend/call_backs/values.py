"""The words of calling back: ids, enums and frozen values. Instants are aware UTC."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import NewType
from uuid import UUID

from identity.call_views import Call
from identity.principal import PersonId

CallBackId = NewType("CallBackId", UUID)


class CallBackReason(StrEnum):
    """What about: enough for an operator to prepare, and nothing of anybody's health."""

    BOOKING = "booking"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    REMINDER = "reminder"
    CUT_OFF = "cut_off"
    OTHER = "other"


class CallBackState(StrEnum):
    """Where a request stands: the first two are open, the others final."""

    WAITING = "waiting"
    TAKEN = "taken"
    REACHED = "reached"
    UNREACHED = "unreached"
    WRONG_NUMBER = "wrong_number"
    NOT_NEEDED = "not_needed"
    CANCELLED = "cancelled"
    MISSED = "missed"


OPEN_STATES = (CallBackState.WAITING, CallBackState.TAKEN)
"""Those that are not final; a person has one such request of their own at a time, and those of clinics beside it."""


class CallBackOutcome(StrEnum):
    """What came of calling."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody wishes to be called, by their own clock; what is None is taken from the terms.

    Attributes:
        day: On this day; today when None.
        hours_from: Not before this time; at once, or from the first hour of the desk, when None.
        hours_until: Not after this time; to the last hour of the desk when None.
    """

    day: date | None = None
    hours_from: time | None = None
    hours_until: time | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `number` is E.164, the registered one when None; `hours` None is as soon as possible."""

    reason: CallBackReason
    number: str | None = field(default=None, repr=False)
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When somebody may be called: from one instant, inclusive, until another, exclusive."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom to call: the person it is about, a number, and the clock by which they live (IANA)."""

    person_id: PersonId
    number: str = field(repr=False)
    time_zone: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """A request as the person sees it; `state` is as it was written, `rules.state_now` says what the clock made of it.

    Attributes:
        id: Of the request.
        state: As it was written.
        reason: What about.
        window: When the person may be called.
        attempts: How often nobody answered.
        due_at: When they are called next, if an operator is free.
        requested_at: When it was asked for.
        ended_at: When it became final.
        is_held: Whether an operator has taken it and keeps it.
        time_zone: By which clock the hours were said (IANA).
        number: Which number is called, E.164.
    """

    id: CallBackId
    state: CallBackState
    reason: CallBackReason
    window: Window
    attempts: int
    due_at: datetime
    requested_at: datetime
    ended_at: datetime | None
    is_held: bool
    time_zone: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListedCallBack:
    """A request as it stands in the operators' list: nothing of it says whose it is."""

    id: CallBackId
    state: CallBackState
    reason: CallBackReason
    window: Window
    attempts: int
    due_at: datetime
    requested_at: datetime
    is_held: bool


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list, to go on from."""

    due_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class ListPage:
    """A part of the list, whoever has been due longest first."""

    items: Sequence[ListedCallBack]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that an operator's session has taken, with what they need to call.

    Attributes:
        listed: As it stands in the list.
        person_id: Whom it is about; never shown, for whoever picks up may be somebody else.
        call_id: The call that was opened with it.
        kept_until: Until when it is kept for this session at least; longer while the call is open.
        number: Whom to call, E.164.
        given_name: Whom to ask for; None where they are known no more.
    """

    listed: ListedCallBack
    person_id: PersonId
    call_id: UUID
    kept_until: datetime
    number: str = field(repr=False)
    given_name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakenWithCall:
    """What an operator works at: a request and the call that was opened for it, as both stand now."""

    taken: Taken
    call: Call
