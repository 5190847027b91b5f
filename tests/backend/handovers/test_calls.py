"""What an operator of 122 has begun, the patient finishes in their own app; and the patient is told of every act."""

from datetime import timedelta

import pytest
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.values import (
    AppointmentId,
    Channel,
    SlotHold,
    SlotId,
)
from backend.database import Database
from backend.handovers.errors import HandoverCodeInvalid, HandoverSubjectNotFound
from backend.handovers.service import HandoverService
from identity.call_rules import SaidToBe
from identity.capacities import Capacity, Mandate
from identity.errors import AccessRefused
from identity.handover_codes import HandoverCodes
from identity.names import FullName
from identity.principal import PersonId
from identity.settings import ThrottleSettings
from identity.throttling import Throttle
from notifications.tables import NotificationRow
from tests.factories.booking import Registry
from tests.factories.calls import BORN, CallHouse, add_insured
from tests.factories.people import NOW, make_principal

SOON = NOW + timedelta(hours=3)


class Desk:
    """An operator within a call of Anna's."""

    def __init__(self, database: Database) -> None:
        self.house = CallHouse(database)
        self.registry = Registry(database)
        self.ended: list[PersonId] = []
        self.handovers = HandoverService(
            database=database,
            access=self.house.access,
            clock=self.house.clock,
            codes=HandoverCodes(b"k" * 32),
            throttle=Throttle(ThrottleSettings()),
            page_url="https://zdorovye.example/handover",
            ended=self.ended.append,
        )

    async def serve(self) -> PersonId:
        """Open a call, verify Anna and choose her as the patient; return her id."""
        self.anna = await add_insured(self.house.database)
        self.call = await self.house.serve()
        place = await self.registry.add_place(await self.registry.add_clinic())
        starts = [SOON + timedelta(minutes=30 * one) for one in range(2)]
        self.slots = await self.registry.add_slots(place, starts)
        return self.anna

    async def hold(self, slot_id: SlotId, *, replaces: AppointmentId | None = None) -> AppointmentId:
        """Hold a slot for Anna."""
        held = await self.house.appointments.hold_slot(
            self.house.operator,
            person_id=self.anna,
            slot_id=slot_id,
            channel=Channel.CALL_122,
            replaces=replaces,
            idempotency_key=uuid7(),
        )
        return held.value.id

    async def code(self, about: AppointmentId, *, person_id: PersonId | None = None) -> str:
        """Ask for a code."""
        made = await self.handovers.create_from_call(
            self.house.operator, person_id=person_id or self.anna, about=about, idempotency_key=uuid7()
        )
        return made.value.code

    async def accept(self, person_id: PersonId, code: str) -> object:
        """Take over in a person's app; return what was begun."""
        accepted = await self.handovers.accept(
            make_principal(person_id), code=code, address="192.0.2.1", idempotency_key=uuid7()
        )
        return accepted.value.about


@pytest.fixture
async def desk(database: Database) -> Desk:
    desk = Desk(database)
    await desk.serve()
    return desk


async def test_the_patient_books_in_the_app_what_the_operator_holds(desk: Desk) -> None:
    hold_id = await desk.hold(desk.slots[0])
    code = await desk.code(hold_id)
    about = await desk.accept(desk.anna, code.lower().replace("-", " "))
    assert isinstance(about, SlotHold)
    assert about.id == hold_id
    booked = await desk.house.appointments.book_appointment(
        make_principal(desk.anna), person_id=desk.anna, hold_id=hold_id, idempotency_key=uuid7()
    )
    assert (booked.value.status, booked.value.channel) == (AppointmentStatus.CONFIRMED, Channel.CALL_122)
    assert [one.actions for one in await desk.house.entries(desk.anna)][-1] == "hand_over_call"


async def test_the_call_goes_on_after_a_handover(desk: Desk) -> None:
    await desk.accept(desk.anna, await desk.code(await desk.hold(desk.slots[0])))
    assert await desk.hold(desk.slots[1])


async def test_a_code_is_good_once_for_its_own_person_and_the_last_one_only(desk: Desk) -> None:
    hold_id = await desk.hold(desk.slots[0])
    replaced, code = await desk.code(hold_id), await desk.code(hold_id)
    for person_id, wrong in ((PersonId(uuid7()), code), (desk.house.operator.person_id, code), (desk.anna, replaced)):
        with pytest.raises(HandoverCodeInvalid):
            await desk.accept(person_id, wrong)
    await desk.accept(desk.anna, code)
    with pytest.raises(HandoverCodeInvalid):
        await desk.accept(desk.anna, code)


async def test_a_repeated_request_gives_the_same_code(desk: Desk) -> None:
    given = {"person_id": desk.anna, "about": await desk.hold(desk.slots[0]), "idempotency_key": uuid7()}
    made = [await desk.handovers.create_from_call(desk.house.operator, **given) for _ in range(2)]  # type: ignore[arg-type] # by name
    assert [one.replayed for one in made] == [False, True]
    assert made[0].value == made[1].value


async def test_there_is_no_code_outside_the_call_for_others_or_about_nothing(desk: Desk) -> None:
    hold_id = await desk.hold(desk.slots[0])
    with pytest.raises(HandoverSubjectNotFound):
        await desk.code(AppointmentId(uuid7()))
    with pytest.raises(AccessRefused):
        await desk.code(hold_id, person_id=PersonId(uuid7()))
    with pytest.raises(AccessRefused):
        await desk.handovers.create_from_call(
            make_principal(), person_id=desk.anna, about=hold_id, idempotency_key=uuid7()
        )
    desk.house.clock.advance(timedelta(minutes=5))
    with pytest.raises(HandoverSubjectNotFound):
        await desk.code(hold_id)
    await desk.house.close(desk.call)
    with pytest.raises(AccessRefused):
        await desk.code(hold_id)


async def test_who_calls_for_somebody_else_gets_no_code(desk: Desk) -> None:
    """It would serve the patient's app alone, and the patient is not on the line."""
    child = await add_insured(desk.house.database, number=2, given_name="Дарья")
    desk.house.represented.mandates[desk.anna, child] = Mandate(Capacity.PARENT_OF_CHILD)
    said = SaidToBe(FullName("Соколова", "Дарья"), BORN)
    assert await desk.house.choose(desk.call, said) == "done"
    desk.anna = child
    hold_id = await desk.hold(desk.slots[0])
    with pytest.raises(AccessRefused):
        await desk.code(hold_id)


async def test_the_patient_is_told_of_every_act_of_an_operator(desk: Desk) -> None:
    operator, appointments, told = desk.house.operator, desk.house.appointments, desk.house.published
    hold_id = await desk.hold(desk.slots[0])
    assert await kinds(desk) == []  # a hold ends by itself in minutes
    given = {"person_id": desk.anna}
    await appointments.book_appointment(operator, **given, hold_id=hold_id, idempotency_key=uuid7())
    assert await kinds(desk) == ["appointment_booked"]
    other = await desk.hold(desk.slots[1], replaces=hold_id)
    await appointments.reschedule_appointment(
        operator, **given, appointment_id=hold_id, hold_id=other, idempotency_key=uuid7()
    )
    assert (await kinds(desk))[1:] == ["appointment_moved"]
    await appointments.cancel_appointment(
        operator, **given, appointment_id=hold_id, reason=CancelReason.PATIENT_DECLINE, idempotency_key=uuid7()
    )
    assert (await kinds(desk))[2:] == ["appointment_cancelled"]
    assert told.count(desk.anna) == 3


async def kinds(desk: Desk) -> list[str]:
    """Return the kinds of Anna's messages about appointments, in order."""
    wanted = select(col(NotificationRow.kind)).where(col(NotificationRow.person_id) == desk.anna)
    async with desk.house.database.reading() as session:
        found = await (await session.connection()).execute(wanted.order_by(col(NotificationRow.id)))
        return [kind.value for (kind,) in found]
