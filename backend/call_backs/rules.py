"""The decisions of calling back, pure: the time is a parameter."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.call_backs.errors import CallBackWindowInvalid
from backend.call_backs.terms import CallBackTerms
from backend.call_backs.values import CallBackOutcome, CallBackState, Hours, Window
from backend.profile.errors import PhoneInvalid

_CALLED = re.compile(r"\+7(?:[3489][0-9]{9})", re.ASCII)
_DEAR = re.compile(r"\+7(?:803|809)", re.ASCII)
"""Numbers whose calls cost extra. Source: Минцифры, plan of numbering, codes 803 and 809."""

_DAY = timedelta(days=1)
_FINAL = {
    CallBackOutcome.REACHED: CallBackState.REACHED,
    CallBackOutcome.WRONG_NUMBER: CallBackState.WRONG_NUMBER,
    CallBackOutcome.NOT_NEEDED: CallBackState.NOT_NEEDED,
}


@dataclass(frozen=True, slots=True)
class After:
    """What a request becomes once somebody was called; `due_at` is None where it is final."""

    state: CallBackState
    attempts: int
    due_at: datetime | None


def check_called_number(number: str) -> None:
    """Refuse what operators do not call: whoever may name a number could name any.

    Args:
        number: As it was said.

    Raises:
        PhoneInvalid: Not E.164, of another country (Kazakhstan's +76 and +77 too), or one whose calls cost extra.
    """
    if not _CALLED.fullmatch(number) or _DEAR.match(number):
        raise PhoneInvalid


def is_called(number: str) -> bool:
    """Return whether it is a number that operators call."""
    try:
        check_called_number(number)
    except PhoneInvalid:
        return False
    return True


def window_of(
    hours: Hours | None, *, zone: str, now: datetime, terms: CallBackTerms, room: timedelta = timedelta(0)
) -> Window:
    """Return when somebody is called who wishes these hours; one that has begun begins now.

    Args:
        hours: As it was said, by the person's clock. None is as soon as possible: today while there is time left,
            tomorrow otherwise.
        zone: The person's (IANA).
        now: The present, aware.
        terms: The figures.
        room: How much time has to be left today for `hours` None; never less than `least`.

    Raises:
        CallBackWindowInvalid: It ends before it begins, is over, is shorter than `least`, lies more than `most_days`
            ahead or outside the hours of the desk.
    """
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    if hours is None:
        soonest = _window(today, terms.opens, terms.closes, clock, now)
        if _fits(soonest, max(terms.least, room)):
            return soonest
        return _window(today + _DAY, terms.opens, terms.closes, clock, now)
    day = today if hours.day is None else hours.day
    begins = terms.opens if hours.hours_from is None else hours.hours_from
    ends = terms.closes if hours.hours_until is None else hours.hours_until
    if not (terms.opens <= begins < ends <= terms.closes and today <= day <= today + terms.most_days * _DAY):
        raise CallBackWindowInvalid
    window = _window(day, begins, ends, clock, now)
    if not _fits(window, terms.least):
        raise CallBackWindowInvalid
    return window


def after(outcome: CallBackOutcome, *, attempts: int, ends_at: datetime, now: datetime, terms: CallBackTerms) -> After:
    """Return what a request becomes by the outcome of a call.

    Nobody answers: they are called again after a pause, as long as that is within the window and there were not too
    many calls; else it is UNREACHED. Every other outcome is final.

    Args:
        outcome: What came of calling.
        attempts: How often nobody had answered before.
        ends_at: When the window ends.
        now: The present.
        terms: The figures.
    """
    if outcome is not CallBackOutcome.NO_ANSWER:
        return After(_FINAL[outcome], attempts, None)
    tried = attempts + 1
    if tried >= terms.most_attempts:
        return After(CallBackState.UNREACHED, tried, None)
    again = now + terms.pauses[tried - 1]
    if again >= ends_at:
        return After(CallBackState.UNREACHED, tried, None)
    return After(CallBackState.WAITING, tried, again)


def state_at_end(attempts: int) -> CallBackState:
    """Return what a request is whose window has passed: nobody answered, or nobody called."""
    return CallBackState.UNREACHED if attempts else CallBackState.MISSED


def state_now(state: CallBackState, *, is_held: bool, attempts: int, ends_at: datetime, now: datetime) -> CallBackState:
    """Return where a request stands by the clock, whatever is written yet.

    Args:
        state: As it was written.
        is_held: Whether a session keeps it: then it stays TAKEN even beyond its window.
        attempts: How often nobody answered.
        ends_at: When the window ends.
        now: The present.
    """
    if state not in {CallBackState.WAITING, CallBackState.TAKEN} or is_held:
        return state
    return state_at_end(attempts) if now >= ends_at else CallBackState.WAITING


def _window(day: date, begins: time, ends: time, clock: ZoneInfo, now: datetime) -> Window:
    first, last = datetime.combine(day, begins, clock), datetime.combine(day, ends, clock)
    return Window(max(now, first.astimezone(UTC)), last.astimezone(UTC))


def _fits(window: Window, room: timedelta) -> bool:
    return window.ends_at - window.begins_at >= room
