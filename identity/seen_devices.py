"""Which devices a person has signed in on before, so that a stranger's is noticed.

A device is known by the key that its tokens are bound to. An app that binds none, as a browser, is known by the app
alone: two browsers cannot be told apart.
"""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.ports import BegunSession
from identity.principal import PersonId, SessionId
from identity.seen_tables import SeenDeviceRow
from identity.tables import Session


async def note_device(session: AsyncSession, family: Session, *, now: datetime) -> bool:
    """Remember the device of a session; return whether it is one more beside those that the person had.

    Args:
        session: A transaction.
        family: The session, bound to the device's key if it has one.
        now: When; aware.

    Returns:
        True for a device that was never seen, of a person who had others; a person's first one is nobody's surprise.
    """
    earlier = select(SeenDeviceRow.person_id).where(col(SeenDeviceRow.person_id) == family.person_id)
    had_others = (await session.exec(earlier.limit(1))).first() is not None
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = SeenDeviceRow(
        person_id=family.person_id,
        client_id=family.client_id,
        key_thumbprint=family.key_thumbprint or "",
        first_seen_at=now,
    )
    added = await session.exec(insert(SeenDeviceRow).values(row.model_dump()).on_conflict_do_nothing())
    return had_others and added.rowcount > 0


async def begin_on_device(session: AsyncSession, family: Session) -> BegunSession:
    """Remember the device of a session that begins, and return what is to be told of it."""
    return BegunSession(
        person_id=PersonId(family.person_id),
        session_id=SessionId(family.id),
        client_id=family.client_id,
        device_name=family.device_name,
        is_new_device=await note_device(session, family, now=family.created_at),
        at=family.created_at,
    )
