"""The clinic says who came; the person sees what it counts, can appeal, and books elsewhere meanwhile."""

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.booking.errors import AppealNotPossible, AppealTextRefused, AppointmentNotFound, NoShowBlocked
from backend.booking.states import AppointmentStatus
from backend.booking.values import AppointmentId, Channel
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import ActorKind, Principal
from tests.factories.booking import Place
from tests.factories.people import NOW, make_principal
from tests.factories.reception import OTHER_OGRN, Reception, make_staff


async def seen(reception: Reception, place: Place, anna: Principal, days: int) -> AppointmentId:
    """Let a day pass at which a visit has begun; return it."""
    slot_at = NOW + timedelta(days=days)
    (slot,) = await reception.booking.registry.add_slots(place, [slot_at])
    booked = await reception.booking.book(anna, slot)
    reception.booking.clock.set(slot_at + timedelta(minutes=30))
    return booked


async def close(reception: Reception, staff: Principal, booked: AppointmentId, *, attended: bool) -> AppointmentStatus:
    outcome = await reception.visits.close_visit(
        staff, appointment_id=booked, attended=attended, idempotency_key=uuid7()
    )
    return outcome.value.status


async def miss(reception: Reception, staff: Principal, anna: Principal, *, times: int = 3) -> list[AppointmentId]:
    place = await reception.own_place()
    visits = [await seen(reception, place, anna, day) for day in range(1, times + 1)]
    for booked in visits:
        assert await close(reception, staff, booked, attended=False) is AppointmentStatus.NO_SHOW
    return visits


async def appeal(reception: Reception, anna: Principal, visit: AppointmentId, words: str = "Я была на приёме") -> None:
    await reception.visits.appeal(
        anna, person_id=anna.person_id, appointment_id=visit, words=words, idempotency_key=uuid7()
    )


async def settle(reception: Reception, desk: Principal, visit: AppointmentId, *, accepted: bool) -> None:
    await reception.visits.settle_appeal(desk, appointment_id=visit, accepted=accepted, idempotency_key=uuid7())


async def test_the_clinics_word_can_be_corrected(reception: Reception, staff: Principal, anna: Principal) -> None:
    place = await reception.own_place()
    booked = await seen(reception, place, anna, 1)
    assert await close(reception, staff, booked, attended=False) is AppointmentStatus.NO_SHOW
    assert (await reception.visits.no_shows(anna, person_id=anna.person_id)).count == 1
    assert await close(reception, staff, booked, attended=True) is AppointmentStatus.ATTENDED
    assert (await reception.visits.no_shows(anna, person_id=anna.person_id)).missed == ()
    assert await reception.booking.events(anna, booked) == ["held", "booked", "no_show", "attended"]


async def test_three_missed_visits_close_the_app_and_no_other_door(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    visits = await miss(reception, staff, anna)
    rule = await reception.visits.no_shows(anna, person_id=anna.person_id)
    assert (rule.count, rule.blocked_until) == (3, NOW + timedelta(days=17))
    assert [one.appointment_id for one in rule.missed] == list(reversed(visits))
    slot = await reception.booking.one_slot(at=NOW + timedelta(days=5))
    for channel in (Channel.APP, Channel.EPGU):
        with pytest.raises(NoShowBlocked):
            await reception.booking.hold(anna, slot, channel=channel)
    assert AppointmentStatus.HELD not in await reception.booking.statuses()
    await reception.booking.hold(make_principal(), slot)


async def test_who_is_blocked_still_moves_what_they_have(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    later = await reception.booking.one_place(name="Другая", specialty="dentist")
    slots = await reception.booking.registry.add_slots(later, [NOW + timedelta(days=9), NOW + timedelta(days=10)])
    standing = await reception.booking.book(anna, slots[0])
    await miss(reception, staff, anna)
    assert (await reception.booking.move(anna, standing, slots[1])).slot.id == slots[1]


async def test_an_appealed_visit_does_not_count_until_it_is_settled(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    visits = await miss(reception, staff, anna)
    await appeal(reception, anna, visits[0])
    slot = await reception.booking.one_slot(at=NOW + timedelta(days=5))
    await reception.booking.hold(anna, slot)
    (waiting,) = await reception.visits.appeals(staff)
    assert (waiting.appointment_id, waiting.words) == (visits[0], "Я была на приёме")
    await settle(reception, staff, visits[0], accepted=False)
    with pytest.raises(NoShowBlocked):
        await reception.booking.hold(anna, await reception.booking.one_slot(at=NOW + timedelta(days=6)))
    assert await reception.visits.appeals(staff) == []
    assert (await reception.booking.events(anna, visits[0]))[-2:] == ["appealed", "appeal_settled"]


async def test_auditors_answer_appeals_against_any_clinic(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    visits = await miss(reception, staff, anna)
    await appeal(reception, anna, visits[2])
    auditor = make_staff(OTHER_OGRN, kind=ActorKind.AUDITOR)
    assert len(await reception.visits.appeals(auditor)) == 1
    await settle(reception, auditor, visits[2], accepted=True)
    assert (await reception.visits.no_shows(anna, person_id=anna.person_id)).blocked_until is None
    with pytest.raises(AppealNotPossible):
        await settle(reception, staff, visits[2], accepted=False)


@pytest.mark.parametrize("words", ["", "  \n", "я" * 1001])
async def test_an_appeal_says_something_and_not_too_much(
    words: str, reception: Reception, staff: Principal, anna: Principal
) -> None:
    visits = await miss(reception, staff, anna, times=1)
    with pytest.raises(AppealTextRefused):
        await appeal(reception, anna, visits[0], words)
    assert await reception.visits.appeals(staff) == []


async def test_one_appeals_once_and_only_against_a_missed_visit(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    place = await reception.own_place()
    booked = await seen(reception, place, anna, 1)
    with pytest.raises(AppealNotPossible):
        await appeal(reception, anna, booked)
    await close(reception, staff, booked, attended=False)
    with pytest.raises(AppointmentNotFound):
        await appeal(reception, make_principal(), booked)
    await appeal(reception, anna, booked)
    with pytest.raises(AppealNotPossible):
        await appeal(reception, anna, booked)


async def test_another_organisations_desk_closes_and_answers_nothing(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    visits = await miss(reception, staff, anna, times=1)
    await appeal(reception, anna, visits[0])
    stranger = make_staff(OTHER_OGRN)
    with pytest.raises(AppointmentNotFound):
        await close(reception, stranger, visits[0], attended=True)
    with pytest.raises(AppointmentNotFound):
        await settle(reception, stranger, visits[0], accepted=True)
    assert await reception.visits.appeals(stranger) == []
    for nobody in (anna, make_staff(kind=ActorKind.OPERATOR)):
        with pytest.raises(AccessRefused):
            await close(reception, nobody, visits[0], attended=True)
        with pytest.raises(AccessRefused):
            await settle(reception, nobody, visits[0], accepted=True)
    with pytest.raises(NotSignedIn):
        await reception.visits.appeals(None)
    with pytest.raises(AppointmentNotFound):
        await close(reception, staff, AppointmentId(uuid7()), attended=True)
    assert len(await reception.visits.appeals(staff)) == 1
