"""What identity asks of the house: somebody who keeps the facts about people."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.principal import PersonId, SessionId


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a source told about a person.

    `snils` is 11 digits, `phone` is E.164; both and `email` only when the source has verified them.
    `source` names who told it ("esia"), `as_of` when we were told, aware UTC.
    """

    family_name: str
    given_name: str
    patronymic: str | None
    birth_date: date
    sex: Literal["male", "female"]
    snils: str | None
    phone: str | None
    email: str | None
    source: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Birth:
    """When a person was born, and by which clock they live: the day they come of age is decided there."""

    date: date
    time_zone: str


class People(Protocol):
    """Knows people by their ids; implemented by the profile."""

    async def birth_of(self, session: AsyncSession, person_id: PersonId) -> Birth | None:
        """Return when a person was born, in the caller's transaction; None for nobody."""


class PersonDirectory(Protocol):
    """Keeps the facts about people; implemented by the profile."""

    async def known_as(self, session: AsyncSession, facts: PersonFacts) -> PersonId | None:
        """Return whom these facts mean, where a parent or an officer has made them known before they ever signed in.

        Args:
            session: The open transaction; until it ends nobody else makes a person of this SNILS known.
            facts: What a source has proven of somebody who signs in.

        Returns:
            The one person of the SNILS and the birth date, never found by name; None for somebody new, and where
            more than one could be meant.
        """

    async def record(self, session: AsyncSession, person_id: PersonId, facts: PersonFacts) -> None:
        """Store what a source told, in the caller's transaction.

        Args:
            session: The open transaction; it is not committed here.
            person_id: Whose facts; the person may be new.
            facts: What was told, by whom and when.
        """


@dataclass(frozen=True, slots=True)
class BegunSession:
    """A sign-in that has just succeeded.

    `device_name` is what the app, or the kiosk's settings, call the device; `is_new_device` as
    `identity.seen_devices.note_device` says; `at` is aware UTC.
    """

    person_id: PersonId
    session_id: SessionId
    client_id: str
    device_name: str | None
    is_new_device: bool
    at: datetime


class SessionWatcher(Protocol):
    """Acts on sessions in the very transactions that begin, carry on and end them; implemented by the devices."""

    async def begun(self, session: AsyncSession, begun: BegunSession) -> None:
        """Hear of a sign-in."""

    async def went_on(self, session: AsyncSession, person_id: PersonId, session_id: SessionId, now: datetime) -> None:
        """Hear that a session is used; once an hour at most."""

    async def ended(self, session: AsyncSession, person_id: PersonId, now: datetime) -> None:
        """Hear that one session of the person, or several, cannot go on."""

    def signed_in(self, person_id: PersonId) -> None:
        """Hear, after the commit, that somebody signed in; never fails and never waits."""


class Unwatched:
    """Implements `SessionWatcher`: does nothing, where nobody need hear."""

    async def begun(self, _session: AsyncSession, _begun: BegunSession) -> None:
        """Do nothing."""

    async def went_on(
        self, _session: AsyncSession, _person_id: PersonId, _session_id: SessionId, _now: datetime
    ) -> None:
        """Do nothing."""

    async def ended(self, _session: AsyncSession, _person_id: PersonId, _now: datetime) -> None:
        """Do nothing."""

    def signed_in(self, _person_id: PersonId) -> None:
        """Do nothing."""
