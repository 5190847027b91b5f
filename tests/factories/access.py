"""An access control of its own for services under test."""

from backend.clock import Clock
from backend.database import Database
from backend.profile.directory import Directory
from identity.access_control import AccessControl, MandateSource
from identity.own_accesses import OwnAccesses


def access_control(database: Database, clock: Clock, *sources: MandateSource) -> AccessControl:
    """Admit people to their own data, and others by what the sources say."""
    return AccessControl(
        transaction=database.transaction,
        clock=clock,
        own=OwnAccesses(clock),
        people=Directory(clock=clock),
        sources=sources,
    )
