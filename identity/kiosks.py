"""Kiosks: which machine may ask for tokens, and one person at a machine at a time.

A kiosk is used by anybody who comes: what it got for one person must be worth nothing when the next one stands there.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.errors import KioskUnknown
from identity.kiosk_settings import KioskSettings
from identity.principal import ActorKind, PersonId
from identity.settings import AppSettings
from identity.tables import Session


def require_machine(kiosks: Iterable[KioskSettings], app: AppSettings, key: str | None) -> KioskSettings | None:
    """Return the machine that asks; None for an app that is no kiosk's.

    Args:
        kiosks: Those that are known.
        app: Which app asks.
        key: Thumbprint of the key that was shown or named; None where there was none.

    Raises:
        KioskUnknown: A kiosk's app with a key that is none of its machines', or another app with a machine's key: on a
            machine for everybody nobody is to be signed in for weeks.
    """
    machine = next((one for one in kiosks if one.thumbprint == key), None)
    is_kiosk = app.signs_in is ActorKind.KIOSK
    if is_kiosk and (machine is None or machine.client_id != app.client_id):
        raise KioskUnknown
    if not is_kiosk and machine is not None:
        raise KioskUnknown
    return machine


async def end_sessions_at(session: AsyncSession, key: str, *, now: datetime) -> set[PersonId]:
    """Revoke what the machine of this key still has, of whoever; return whose. The machine is the caller's until then.

    Two who sign in at one machine stand in line; a unique index sees to it, too.
    """
    if session.get_bind().dialect.name == "postgresql":  # on SQLite writers already follow one another
        name = func.hashtextextended(f"kiosk:{key}", 0)
        await session.exec(select(func.pg_advisory_xact_lock(name)))
    ended = (
        update(Session)
        .where(
            col(Session.kind) == ActorKind.KIOSK, col(Session.key_thumbprint) == key, col(Session.revoked_at).is_(None)
        )
        .values(revoked_at=now)
        .returning(col(Session.person_id))
        .execution_options(synchronize_session=False)
    )
    return {PersonId(person_id) for person_id in (await session.exec(ended)).scalars()}
