"""All SQL of portals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, delete, select, update
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import CLINIC, DOCTOR, SPECIALTY, fetch
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    SpecialtyRow,
)
from backend.booking.values import Clinic, Registry
from backend.inserts import insert_into
from backend.portal.tables import PortalOutcomeRow, PortalSessionRow
from backend.portal.values import PortalOutcome, PortalResource, PortalSession
from backend.reading import Rows, Statement
from backend.shapes import Shape, alone
from backend.sql_texts import among
from identity.principal import PersonId

KEPT_FOR = timedelta(days=90)
"""How long what a portal did is known again: longer than any channel books ahead (config)."""

_RESOURCE = Shape(PortalResource, col(PostRow.id), CLINIC, DOCTOR, SPECIALTY)
_RESOURCES = (
    _RESOURCE.select()
    .select_from(PostRow)
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .join(DoctorRow, col(DoctorRow.id) == col(PostRow.doctor_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .where(col(ClinicRow.kept_by) == Registry.OWN)
)
_RESOURCE_BY_ID = Statement(_RESOURCES.where(col(PostRow.id) == bindparam("id", type_=Uuid())), _RESOURCE)
_RESOURCES_AT = Statement(
    _RESOURCES.where(among(col(ClinicRow.oid), "clinic_oids"), among(col(SpecialtyRow.code), "specialties")).order_by(
        col(ClinicRow.name), col(DoctorRow.family_name), col(PostRow.id)
    ),
    _RESOURCE,
)
_CLINICS = Statement(
    CLINIC.select()
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .where(
        col(ClinicRow.kept_by) == Registry.OWN,
        select(col(PostRow.id))
        .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
        .where(col(PostRow.clinic_id) == col(ClinicRow.id), among(col(SpecialtyRow.code), "specialties"))
        .exists(),
    )
    .order_by(col(ClinicRow.name), col(ClinicRow.id)),
    CLINIC,
)
_SPECIALTY_CODE = alone(col(SpecialtyRow.code))
_SPECIALTIES_OF = Statement(
    _SPECIALTY_CODE.select()
    .distinct()
    .select_from(PostRow)
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .where(col(ClinicRow.kept_by) == Registry.OWN, col(ClinicRow.id) == bindparam("clinic_id", type_=Uuid()))
    .order_by(col(SpecialtyRow.code)),
    _SPECIALTY_CODE,
)


async def clinics(rows: Rows, specialties: Sequence[str]) -> list[Clinic]:
    """Return the clinics whose times we keep and that have one of the specialties, by name."""
    return await rows.rows(_CLINICS, specialties=specialties)


async def specialties_of(rows: Rows, clinic_id: UUID) -> list[str]:
    """Return the codes of the specialties of a clinic whose times we keep, sorted."""
    return await rows.rows(_SPECIALTIES_OF, clinic_id=clinic_id)


async def resources_at(rows: Rows, clinic_oids: Sequence[str], specialties: Sequence[str]) -> list[PortalResource]:
    """Return the doctors of specialties at clinics whose times we keep, by clinic and name."""
    return await rows.rows(_RESOURCES_AT, clinic_oids=clinic_oids, specialties=specialties)


async def find_resource(rows: Rows, resource_id: UUID) -> PortalResource | None:
    """Return one of them by its id."""
    return await rows.row(_RESOURCE_BY_ID, id=resource_id)


async def open_session(
    session: AsyncSession, person_id: PersonId, *, system_id: PersonId, session_id: UUID, referral_id: UUID | None,
    now: datetime, until: datetime,
) -> bool:  # fmt: skip
    """Open a session, or open it anew; False where it is another person's: the key says so, not a look beforehand."""
    key = {"person_id": person_id, "system_id": system_id, "id": session_id}
    await _insert(session, PortalSessionRow, {**key, "referral_id": referral_id, "opened_at": now, "expires_at": until})
    mine = [getattr(PortalSessionRow, name) == value for name, value in key.items()]
    renewed = update(PortalSessionRow).where(*mine).values(referral_id=referral_id, expires_at=until)
    return (await (await session.connection()).execute(renewed)).rowcount == 1


async def find_session(
    session: AsyncSession, *, system_id: PersonId, session_id: UUID, now: datetime
) -> PortalSession | None:
    """Return a session of a portal, open or over."""
    found = await fetch(
        session,
        select(
            col(PortalSessionRow.person_id), col(PortalSessionRow.referral_id), col(PortalSessionRow.expires_at)
        ).where(col(PortalSessionRow.system_id) == system_id, col(PortalSessionRow.id) == session_id),
    )
    if not found:
        return None
    person_id, referral_id, expires_at = found[0]
    return PortalSession(PersonId(person_id), session_id, referral_id, is_open=now < expires_at)


async def renew(session: AsyncSession, kept: PortalSession, *, system_id: PersonId, until: datetime) -> None:
    """Let a session end at another instant."""
    renewed = (
        update(PortalSessionRow)
        .where(
            col(PortalSessionRow.person_id) == kept.person_id,
            col(PortalSessionRow.system_id) == system_id,
            col(PortalSessionRow.id) == kept.id,
        )
        .values(expires_at=until)
    )
    await (await session.connection()).execute(renewed)


async def latest_open(
    session: AsyncSession, person_id: PersonId, *, system_id: PersonId, now: datetime
) -> tuple[UUID, datetime] | None:
    """Return id and end of the session of a portal and a person that is open longest."""
    found = await fetch(
        session,
        select(col(PortalSessionRow.id), col(PortalSessionRow.expires_at))
        .where(
            col(PortalSessionRow.person_id) == person_id,
            col(PortalSessionRow.system_id) == system_id,
            col(PortalSessionRow.expires_at) > now,
        )
        .order_by(col(PortalSessionRow.expires_at).desc(), col(PortalSessionRow.id))
        .limit(1),
    )
    return (found[0][0], found[0][1]) if found else None


async def begin(
    session: AsyncSession, kept: PortalSession, slot_id: UUID, *, system_id: PersonId, now: datetime,
    refused_with: str | None = None,
) -> tuple[PortalOutcome, bool]:  # fmt: skip
    """Note that a slot is asked for in a session, or never will be; return what there is, and whether it is new.

    `refused_with` is what a new one is settled with at once; None for one that is to be settled.
    """
    first = await _insert(
        session,
        PortalOutcomeRow,
        {
            **_key(kept, slot_id, system_id),
            "refused_with": refused_with,
            "created_at": now,
            "settled_at": now if refused_with else None,
            "expires_at": now + KEPT_FOR,
        },
    )
    columns = (PortalOutcomeRow.appointment_id, PortalOutcomeRow.refused_with, PortalOutcomeRow.withdrawn_at)
    found = await fetch(session, select(*map(col, columns)).where(*_of(kept, slot_id, system_id)))
    appointment_id, refused, withdrawn_at = found[0]
    return PortalOutcome(appointment_id, refused, is_withdrawn=withdrawn_at is not None), first


async def find_outcome(
    session: AsyncSession, kept: PortalSession, slot_id: UUID, *, system_id: PersonId
) -> PortalOutcome | None:
    """Return what came of a slot in a session; None where it was never asked for."""
    columns = (PortalOutcomeRow.appointment_id, PortalOutcomeRow.refused_with, PortalOutcomeRow.withdrawn_at)
    found = await fetch(session, select(*map(col, columns)).where(*_of(kept, slot_id, system_id)))
    return PortalOutcome(found[0][0], found[0][1], is_withdrawn=found[0][2] is not None) if found else None


async def write_outcome(
    session: AsyncSession, kept: PortalSession, slot_id: UUID, *, system_id: PersonId, now: datetime,
    appointment_id: UUID | None = None, refused_with: str | None = None,
) -> None:  # fmt: skip
    """Write how it ended; what is settled stays as it is."""
    settled = (
        update(PortalOutcomeRow)
        .where(*_of(kept, slot_id, system_id), col(PortalOutcomeRow.settled_at).is_(None))
        .values(appointment_id=appointment_id, refused_with=refused_with, settled_at=now)
    )
    await (await session.connection()).execute(settled)


async def withdraw(
    session: AsyncSession, kept: PortalSession, slot_id: UUID, *, system_id: PersonId, now: datetime
) -> None:
    """Note that what was booked is given up."""
    given_up = update(PortalOutcomeRow).where(*_of(kept, slot_id, system_id)).values(withdrawn_at=now)
    await (await session.connection()).execute(given_up)


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete what is known no more by `now`; return how much."""
    connection = await session.connection()
    over = delete(PortalSessionRow).where(col(PortalSessionRow.expires_at) <= now - KEPT_FOR)
    known = delete(PortalOutcomeRow).where(col(PortalOutcomeRow.expires_at) <= now)
    return (await connection.execute(over)).rowcount + (await connection.execute(known)).rowcount


def _key(kept: PortalSession, slot_id: UUID, system_id: PersonId) -> dict[str, UUID]:
    return {"person_id": kept.person_id, "system_id": system_id, "session_id": kept.id, "slot_id": slot_id}


def _of(kept: PortalSession, slot_id: UUID, system_id: PersonId) -> list[ColumnElement[bool]]:
    return [getattr(PortalOutcomeRow, name) == value for name, value in _key(kept, slot_id, system_id).items()]


async def _insert(session: AsyncSession, table: type[SQLModel], values: dict[str, object]) -> bool:
    """Insert a row unless one is in its way, by whatever key; return whether there was none."""
    statement = insert_into(session, table).values(values).on_conflict_do_nothing()
    return (await (await session.connection()).execute(statement)).rowcount == 1
