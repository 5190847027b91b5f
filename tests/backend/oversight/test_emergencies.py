"""Breaking the glass is told of in its own transaction, or it did not happen (S40)."""

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from sqlmodel import func, select
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.errors import DatabaseBusy
from backend.idempotency import IdempotencyKeyReused
from identity.access import Action
from identity.audit_tables import AuditOutcome
from identity.capacities import Capacity
from identity.emergency_errors import (
    EmergencyLimitReached,
    EmergencyOfOneself,
    EmergencyReasonInvalid,
    EmergencyStillOpen,
)
from identity.emergency_tables import EmergencyCountRow, EmergencyRow, ReviewRow
from identity.emergency_values import EmergencyTerms
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import ActorKind, PersonId
from notifications.messages import MessageKind, Severity
from notifications.tables import NotificationRow
from notifications.templates import LANGUAGES, templates
from tests.factories.access import entries_of
from tests.factories.consents import clinician, staff
from tests.factories.oversight import REASON, Oversight
from tests.factories.people import NOW, add_person

ALL = (EmergencyRow, EmergencyCountRow, ReviewRow, NotificationRow)
NOTHING = [0, 0, 0, 0]


@pytest.fixture
def house(database: Database) -> Oversight:
    return Oversight(database)


async def rows(database: Database) -> list[int]:
    async with database.reading() as session:
        return [(await session.exec(select(func.count()).select_from(table))).one() for table in ALL]


@pytest.mark.parametrize(
    ("kind", "desk", "opened"),
    [
        (ActorKind.CLINICIAN, Capacity.CLINICIAN_DESK, Capacity.CLINICIAN_IN_EMERGENCY),
        (ActorKind.AMBULANCE_CREW, Capacity.CREW_DESK, Capacity.CREW_IN_EMERGENCY),
    ],
)
async def test_everything_about_it_is_written_together(
    house: Oversight, kind: ActorKind, desk: Capacity, opened: Capacity
) -> None:
    person, actor = await add_person(house.database), staff(kind)
    emergency = await house.break_glass(actor, person)
    assert await rows(house.database) == [1, 1, 1, 1]
    (message,) = await house.told()
    assert (message.person_id, message.kind, message.severity) == (
        person,
        MessageKind.EMERGENCY_ACCESS,
        Severity.CRITICAL,
    )
    assert message.created_at == NOW
    assert house.published == [person]
    (entry,) = await entries_of(house.database, person)
    assert (entry.actions, entry.capacity, entry.outcome) == ("break_glass", desk, AuditOutcome.ALLOWED)
    grounds = await house.access.admit(actor, Action.READ_APPOINTMENTS, person)
    assert grounds.mandate is not None
    assert (grounds.capacity, grounds.mandate.reference) == (opened, emergency.id)


async def test_it_ends_by_itself_in_the_middle_of_work(house: Oversight) -> None:
    person, doctor = await add_person(house.database), clinician()
    await house.break_glass(doctor, person)
    await house.access.admit(doctor, Action.READ_POLICY, person)
    house.clock.advance(timedelta(minutes=30))
    with pytest.raises(AccessRefused):
        await house.access.admit(doctor, Action.READ_POLICY, person)


async def test_who_represents_a_child_is_told_too(house: Oversight) -> None:
    child, mother = await add_person(house.database), PersonId(uuid7())
    house.representatives.known[child] = [mother]
    await house.break_glass(clinician(), child)
    assert {(one.person_id, one.kind, one.severity) for one in await house.told()} == {
        (child, MessageKind.EMERGENCY_ACCESS, Severity.CRITICAL),
        (mother, MessageKind.EMERGENCY_ACCESS_OF_WARD, Severity.CRITICAL),
    }
    assert house.published == [child, mother]


async def test_if_somebody_cannot_be_told_nothing_is_opened(house: Oversight) -> None:
    person, doctor = await add_person(house.database), clinician()
    house.representatives.failing = DatabaseBusy()
    with pytest.raises(DatabaseBusy):
        await house.break_glass(doctor, person)
    assert await rows(house.database) == NOTHING
    assert await entries_of(house.database, person) == []
    assert house.published == []
    with pytest.raises(AccessRefused):
        await house.access.admit(doctor, Action.READ_POLICY, person)


async def test_a_repeated_key_opens_nothing_more_and_extends_nothing(house: Oversight) -> None:
    person, doctor, key = await add_person(house.database), clinician(), uuid7()
    first = await house.break_glass(doctor, person, key=key)
    house.clock.advance(timedelta(minutes=20))
    assert await house.break_glass(doctor, person, key=key) == first
    house.clock.advance(timedelta(minutes=20))
    assert await house.break_glass(doctor, person, key=key) == first
    assert await rows(house.database) == [1, 1, 1, 1]
    assert house.published == [person]
    with pytest.raises(AccessRefused):
        await house.access.admit(doctor, Action.READ_POLICY, person)
    with pytest.raises(IdempotencyKeyReused):
        await house.break_glass(doctor, person, reason="Другая причина для доступа", key=key)


async def test_a_second_one_while_the_first_is_open_is_denied_and_stands_in_the_log(house: Oversight) -> None:
    person, doctor = await add_person(house.database), clinician()
    await house.break_glass(doctor, person)
    with pytest.raises(EmergencyStillOpen):
        await house.break_glass(doctor, person)
    assert await rows(house.database) == [1, 1, 1, 1]
    outcomes = [(one.actions, one.outcome) for one in await entries_of(house.database, person)]
    assert outcomes == [("break_glass", AuditOutcome.ALLOWED), ("break_glass", AuditOutcome.DENIED)]


async def test_above_the_limit_of_a_day_it_is_denied_and_stands_in_the_log(database: Database) -> None:
    house = Oversight(database, terms=EmergencyTerms(most_a_day=1))
    doctor, first, second = clinician(), await add_person(database), await add_person(database)
    await house.break_glass(doctor, first)
    with pytest.raises(EmergencyLimitReached):
        await house.break_glass(doctor, second)
    assert await rows(database) == [1, 1, 1, 1]
    assert [one.outcome for one in await entries_of(database, second)] == [AuditOutcome.DENIED]


@pytest.mark.parametrize("kind", sorted(set(ActorKind) - {ActorKind.CLINICIAN, ActorKind.AMBULANCE_CREW}))
async def test_nobody_else_breaks_the_glass(house: Oversight, kind: ActorKind) -> None:
    person = await add_person(house.database)
    with pytest.raises(AccessRefused):
        await house.break_glass(staff(kind), person)
    assert await rows(house.database) == NOTHING
    assert [one.outcome for one in await entries_of(house.database, person)] == [AuditOutcome.DENIED]


async def test_of_nobody_and_of_oneself_nothing_is_opened(house: Oversight) -> None:
    nobody, own = PersonId(uuid7()), await add_person(house.database)
    doctor = replace(clinician(), person_id=own)
    refused = ((clinician(), nobody, AccessRefused), (doctor, own, EmergencyOfOneself))
    for actor, person, refusal in refused:
        with pytest.raises(refusal):
            await house.break_glass(actor, person)
        assert await entries_of(house.database, person) == []
    with pytest.raises(NotSignedIn):
        await house.break_glass(None, own)
    assert await rows(house.database) == NOTHING


@pytest.mark.parametrize("reason", ["", "срочно", "а" * 501, "1234567890", "текст с \x00 нулём"])
async def test_without_a_reason_nothing_is_opened(house: Oversight, reason: str) -> None:
    with pytest.raises(EmergencyReasonInvalid):
        await house.break_glass(clinician(), await add_person(house.database), reason=reason)
    assert await rows(house.database) == NOTHING


async def test_the_reason_is_in_no_log_and_in_no_message(house: Oversight) -> None:
    """S43."""
    with structlog.testing.capture_logs() as logs:
        emergency = await house.break_glass(clinician(), await add_person(house.database))
    assert REASON not in f"{logs}{emergency!r}"
    (message,) = await house.told()
    assert message.parameters == {}


@pytest.mark.parametrize(
    "kind",
    [MessageKind.EMERGENCY_ACCESS, MessageKind.EMERGENCY_ACCESS_OF_WARD, MessageKind.ACCESS_REVIEW_SETTLED],
)
def test_a_lock_screen_tells_no_fact_of_health(kind: MessageKind) -> None:
    """Not what, where or why; the person reads that in the access log, signed in."""
    for language in LANGUAGES:
        text = templates().render(kind, 1, {}, language=language)
        said = f"{text.title} {text.body}".lower()
        assert text.title
        for told in ("врач", "бригад", "скор", "клиник", "больниц", "сознан", "doctor", "crew", "ambulance", "clinic"):
            assert told not in said, told
