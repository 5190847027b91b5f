"""The registry desk as one value: schedules, cancellations, visits, and whose desk it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.booking.acts import Ground
from backend.booking.appointments import AppointmentService
from backend.clock import Clock
from backend.database import Database
from backend.reception import desk_queries
from backend.reception.cancellations import CancellationDesk
from backend.reception.desk import Desk
from backend.reception.schedules import ScheduleDesk
from backend.reception.values import ListedPost
from backend.reception.visits import VisitDesk
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal


@dataclass(frozen=True, slots=True)
class ReceptionService:
    """Each part has its own use-cases."""

    desk: Desk
    schedules: ScheduleDesk
    cancellations: CancellationDesk
    visits: VisitDesk

    async def posts(self, actor: Principal | None) -> Sequence[ListedPost]:
        """Return the posts at every clinic of the actor's organisation, by clinic, specialty and doctor.

        Raises:
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self.desk.admit(actor)
        return await desk_queries.posts_of(self.desk.database.read, known.organization or "")


def build_reception(
    *,
    database: Database,
    access: AccessControl,
    clock: Clock,
    appointments: AppointmentService,
    published: Callable[[PersonId], None],
) -> ReceptionService:
    """Build the desk beside the appointments that it changes; `published` wakes who watches an inbox."""
    desk = Desk(database, access, clock)
    terms = appointments.terms
    return ReceptionService(
        desk=desk,
        schedules=ScheduleDesk(desk),
        cancellations=CancellationDesk(desk, booking=terms, published=published),
        visits=VisitDesk(Ground(database, access, clock, terms, appointments.outside, published)),
    )
