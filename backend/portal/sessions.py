"""Opening the session in which a portal books: who is meant must be one person, beyond doubt."""

from datetime import timedelta
from uuid import UUID, uuid5

from backend.booking import clinic_queries, eligibility_queries
from backend.booking.eligibility import Referral
from backend.booking.errors import PatientNotFound, ReferralExpired
from backend.booking.values import Specialty
from backend.clock import Clock
from backend.database import Database
from backend.portal import queries
from backend.portal.errors import PortalSessionMisused, ReferralNotFound
from backend.portal.values import Opened, SaidPatient
from backend.profile.queries import find_by_snils
from backend.profile.values import Person
from identity.access import Action
from identity.access_control import AccessControl
from identity.names import FullName, is_same_name
from identity.principal import PersonId, Principal

SESSION_LASTS = timedelta(minutes=20)
"""After its last use. Source: ADR 0037; the interface only says that a session times out."""


class PortalSessions:
    """Knows people by what a portal says of them."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock) -> None:
        """Read and write in `database`; each opening is in the access log of whom it is about."""
        self._database = database
        self._access = access
        self._clock = clock

    async def open(
        self, portal: Principal, *, session_id: UUID, said: SaidPatient, referral_number: str | None = None
    ) -> Opened:
        """Open a session for a person, or open it anew.

        Args:
            portal: Who asks.
            session_id: As the portal chose it; for ever this person's.
            said: Who is meant.
            referral_number: Of the person's referral by which the visit is booked; None to have a fitting one taken.

        Returns:
            An id of the patient that means nothing outside the session, and their referrals that are not over; with
            `referral_number` that one alone.

        Raises:
            PatientNotFound: Nobody, or not one only; nothing is said of which word was wrong.
            PortalSessionMisused: The session is another person's.
            ReferralNotFound, ReferralExpired: Not one of theirs, or over; then the session is not open.
            AccessRefused: The system is no portal.
        """
        person_id = await self._find(said)
        known = await self._referrals(person_id)
        chosen = [one for one in known if one[0].number == referral_number]
        now = self._clock()
        async with self._database.transaction() as session:
            opened = await queries.open_session(
                session,
                person_id,
                system_id=portal.person_id,
                session_id=session_id,
                referral_id=chosen[0][0].id if chosen else None,
                now=now,
                until=now + SESSION_LASTS,
            )
        if not opened:
            raise PortalSessionMisused
        await self._access.admit(portal, Action.OPEN_PORTAL_SESSION, person_id)
        today = now.date()
        if referral_number is not None and (not chosen or chosen[0][0].expires_on < today):
            await self._end(portal, session_id)
            raise ReferralExpired if chosen else ReferralNotFound
        shown = chosen or [one for one in known if one[0].expires_on >= today]
        return Opened(uuid5(session_id, str(person_id)), shown)

    async def _find(self, said: SaidPatient) -> PersonId:
        found = await find_by_snils(self._database.read, said.snils)
        if len(found) != 1 or not _is_meant(found[0], said):
            raise PatientNotFound
        return found[0].id

    async def _referrals(self, person_id: PersonId) -> list[tuple[Referral, Specialty]]:
        found = await eligibility_queries.referrals_of(self._database.read, person_id)
        of_id = {one.id: one for one in await clinic_queries.specialties(self._database.read)} if found else {}
        pairs = [(one, of_id[one.specialty_id]) for one in found]
        return sorted(pairs, key=lambda pair: (pair[0].expires_on, pair[0].id))

    async def _end(self, portal: Principal, session_id: UUID) -> None:
        now = self._clock()
        async with self._database.transaction() as session:
            kept = await queries.find_session(session, system_id=portal.person_id, session_id=session_id, now=now)
            if kept is not None:
                await queries.renew(session, kept, system_id=portal.person_id, until=now)


def _is_meant(person: Person, said: SaidPatient) -> bool:
    kept = FullName(person.family_name, person.given_name, person.patronymic)
    return is_same_name(said.name, kept) and person.birth_date == said.birth_date and person.sex is said.sex
