"""Joins what portals may ask: who they are by the settings, and the endpoint that speaks the words of ФЭР."""

from backend.clock import Clock
from backend.database import Database
from backend.integrations.fer_registry.endpoint import FerEndpoint
from backend.integrations.fer_registry.endpoint_answers import PortalServices
from backend.portal.bookings import PortalBookings
from backend.portal.schedules import PortalSchedules
from backend.portal.sessions import PortalSessions
from backend.services import Services
from backend.settings import Settings
from identity.access_control import AccessControl
from identity.admission import Admission
from identity.principal import PersonId
from identity.system_sessions import person_id_of


def portals_of(settings: Settings) -> frozenset[PersonId]:
    """Return by which ids the systems stand that are registered as portals."""
    return frozenset(person_id_of(one.client_id) for one in settings.identity.systems if one.is_portal)


def build_fer_endpoint(
    settings: Settings,
    clock: Clock,
    database: Database,
    access: AccessControl,
    services: Services,
    *,
    admission: Admission,
    public_url: str,
) -> FerEndpoint:
    """Build the endpoint over the services of everybody; a specialty that is several posts is told as the first."""
    posts: dict[str, str] = {}
    for post_id, code in settings.fer_registry.specialties_by_post.items():
        posts.setdefault(code, post_id)
    return FerEndpoint(
        PortalServices(
            sessions=PortalSessions(database=database, access=access, clock=clock),
            bookings=PortalBookings(database=database, clock=clock, appointments=services.appointments),
            schedules=PortalSchedules(database=database, slots=services.slots),
            posts=posts,
        ),
        admit=admission.admit,
        portals=portals_of(settings),
        public_url=public_url,
    )
