"""An access control of its own for services under test."""

from sqlmodel import col, select

from backend.clock import Clock
from backend.database import Database
from backend.profile.directory import Directory
from identity.access_control import AccessControl, MandateSource
from identity.audit_tables import AuditEntryRow
from identity.own_accesses import OwnAccesses
from identity.principal import PersonId


def access_control(database: Database, clock: Clock, *sources: MandateSource) -> AccessControl:
    """Admit people to their own data, and others by what the sources say."""
    return AccessControl(
        transaction=database.transaction,
        clock=clock,
        own=OwnAccesses(clock),
        people=Directory(clock=clock),
        sources=sources,
    )


async def entries_of(database: Database, person_id: PersonId) -> list[AuditEntryRow]:
    """Return a person's chain, oldest entry first."""
    statement = select(AuditEntryRow).where(col(AuditEntryRow.person_id) == person_id)
    async with database.reading() as session:
        return list((await session.exec(statement.order_by(col(AuditEntryRow.sequence)))).all())
