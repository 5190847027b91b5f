"""What is sent about calling back."""

import re
from datetime import time
from uuid import UUID

import strawberry

from backend.call_backs.errors import CallBackWindowInvalid
from backend.call_backs.values import CallBackReason as ReasonValue
from backend.call_backs.values import Hours, Wish
from graphql_schema.call_backs.types import CallBackReason
from graphql_schema.scalars import Date, PhoneNumber

_KEY = "Made by the client for this intention; repeating it returns the first outcome."
_PERSON = "About whom; the signed-in person when left out."
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@strawberry.input(description="When somebody may be called, by their own clock: within a day, from 08:00 to 20:00.")
class CallBackWindowInput:
    """A day and hours of it."""

    day: Date | None = strawberry.field(
        default=None, description="Which day; today when left out, a week ahead at most."
    )
    hours_from: str | None = strawberry.field(
        default=None, description="Not before this time of the day, as 17:00; from 08:00 when left out."
    )
    hours_until: str | None = strawberry.field(
        default=None, description="Not after this time of the day, as 19:30; to 20:00 when left out."
    )

    def value(self) -> Hours:
        """Return it in words of the domain.

        Raises:
            CallBackWindowInvalid: A text is no time of the day.
        """
        return Hours(self.day, _hour(self.hours_from), _hour(self.hours_until))


@strawberry.input(description="About what, at which number and when.")
class RequestCallBackInput:
    """The input of `requestCallBack`."""

    reason: CallBackReason = strawberry.field(description="What about.")
    number: PhoneNumber | None = strawberry.field(
        default=None,
        description="A Russian number to call; the registered one of whoever asks when left out.",
    )
    window: CallBackWindowInput | None = strawberry.field(
        default=None, description="When; as soon as possible when left out."
    )
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)

    def value(self) -> Wish:
        """Return it in words of the domain.

        Raises:
            CallBackWindowInvalid: A text is no time of the day.
        """
        hours = self.window.value() if self.window else None
        return Wish(ReasonValue(str(self.reason.value)), self.number, hours)


@strawberry.input(description="Which request to give up.")
class CancelCallBackInput:
    """The input of `cancelCallBack`."""

    call_back_id: strawberry.ID = strawberry.field(description="Id of the person's own request.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)


def _hour(text: str | None) -> time | None:
    if text is None:
        return None
    if _HOUR.fullmatch(text) is None:
        raise CallBackWindowInvalid
    return time.fromisoformat(text)
