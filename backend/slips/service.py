"""A slip of a person's own appointment."""

import asyncio

from backend.booking.appointments import AppointmentService
from backend.booking.values import AppointmentId
from backend.profile.service import ProfileService
from backend.slips.errors import SlipNotFound
from backend.slips.printing import PRINTED, initials_of, print_slip
from identity.access import signed_in
from identity.language import Language
from identity.principal import Principal

_AT_ONCE = 2


class SlipService:
    """Prints slips for whoever is signed in, at a kiosk or at a phone; of oneself alone."""

    def __init__(self, *, appointments: AppointmentService, profile: ProfileService) -> None:
        """Ask those who know; each asks for its right."""
        self._appointments = appointments
        self._profile = profile
        self._presses = asyncio.Semaphore(_AT_ONCE)

    async def slip(
        self, actor: Principal | None, appointment_id: AppointmentId, *, reference: str, language: Language
    ) -> bytes:
        """Return the PDF of a slip.

        Args:
            actor: Who asks, for themselves.
            appointment_id: Their appointment.
            reference: What the QR code holds: opaque, worth nothing to whoever finds the slip.
            language: Of the words.

        Raises:
            SlipNotFound: No such appointment, another person's, or none to come to: given up, refused, over.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read appointments.
        """
        person_id = signed_in(actor).person_id
        found = await self._appointments.by_ids(actor, person_id=person_id, ids=[appointment_id])
        appointment = found.get(appointment_id)
        if appointment is None or appointment.status not in PRINTED:
            raise SlipNotFound
        person = await self._profile.get_person(actor, person_id)
        initials = initials_of(person.given_name, person.patronymic, person.family_name)
        async with self._presses:
            return await asyncio.to_thread(
                print_slip, appointment, reference=reference, initials=initials, language=language
            )
