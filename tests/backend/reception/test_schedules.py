"""Templates become slots, once; closing withdraws what nobody has; another organisation's desk sees nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import update
from uuid_utils.compat import uuid7

from backend.booking.errors import SlotNotReleased, SlotWithdrawn
from backend.booking.tables import ClinicRow
from backend.booking.values import Channel, Registry
from backend.errors import NotFound
from backend.reception.errors import DatesRefused, KeptElsewhere, TemplateOverlaps, TemplateRefused
from backend.reception.values import Closure, PostId, Publication, Release, TemplateId
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import ActorKind, Principal
from tests.factories.booking import Place
from tests.factories.people import NOW, make_principal
from tests.factories.reception import OTHER_OGRN, Reception, make_staff, make_template

MONDAY = date(2026, 11, 23)
FIRST = datetime(2026, 11, 23, 5, tzinfo=UTC)


async def planned(reception: Reception, staff: Principal, **template: object) -> tuple[Place, PostId]:
    place = await reception.own_place()
    post_id = await reception.post_of(place)
    await reception.schedules.add_template(
        staff, post_id=post_id, template=make_template(**template), idempotency_key=uuid7()
    )
    return place, post_id


async def publish(reception: Reception, staff: Principal, post_id: PostId, *, days: int = 7) -> Publication:
    outcome = await reception.schedules.publish(
        staff, post_id=post_id, first=MONDAY, last=MONDAY + timedelta(days=days - 1), idempotency_key=uuid7()
    )
    return outcome.value


async def test_publishing_makes_what_the_preview_shows_and_a_second_time_nothing(
    reception: Reception, staff: Principal
) -> None:
    release = Release(days_before=1, at=time(7))
    place, post_id = await planned(reception, staff, release=release, quotas={Channel.APP: 2})
    (plan,) = await reception.schedules.preview(staff, post_id=post_id, first=MONDAY, last=MONDAY)
    assert await reception.rows_of(place) == []
    assert await publish(reception, staff, post_id) == Publication(receptions=1, made=3, there=0, overlapping=0)
    rows = await reception.rows_of(place)
    assert tuple((row.starts_at, row.ends_at) for row in rows) == plan.made
    assert rows[0].starts_at == FIRST
    assert {row.released_at for row in rows} == {datetime(2026, 11, 22, 4, tzinfo=UTC)}
    assert await reception.quotas() == [(MONDAY, Channel.APP, 2)]
    assert await publish(reception, staff, post_id) == Publication(receptions=1, made=0, there=3, overlapping=0)
    assert [row.id for row in await reception.rows_of(place)] == [row.id for row in rows]


async def test_two_desks_that_publish_at_once_make_each_slot_once(reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    done = await asyncio.gather(*(publish(reception, staff, post_id) for _ in range(4)))
    assert sorted(one.made for one in done) == [0, 0, 0, 3]
    assert len(await reception.rows_of(place)) == 3


async def test_the_same_key_publishes_once(reception: Reception, staff: Principal) -> None:
    _, post_id = await planned(reception, staff)
    key = uuid7()
    first, second = [
        await reception.schedules.publish(staff, post_id=post_id, first=MONDAY, last=MONDAY, idempotency_key=key)
        for _ in range(2)
    ]
    assert (first.value, first.replayed, second.replayed) == (second.value, False, True)


async def test_a_changed_template_adds_only_what_shares_no_moment(reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    (template,) = await reception.schedules.templates(staff, post_id=post_id)
    await publish(reception, staff, post_id)
    await reception.schedules.end_template(
        staff, template_id=template.id, last=date(2026, 11, 22), idempotency_key=uuid7()
    )
    longer = make_template(closes=time(10), slot_minutes=30, valid_from=MONDAY)
    await reception.schedules.add_template(staff, post_id=post_id, template=longer, idempotency_key=uuid7())
    assert await publish(reception, staff, post_id) == Publication(receptions=1, made=2, there=1, overlapping=1)
    lengths = [row.ends_at - row.starts_at for row in await reception.rows_of(place)]
    assert lengths == [timedelta(minutes=20)] * 3 + [timedelta(minutes=30)] * 2


async def test_a_slot_is_not_given_out_before_its_release(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    place, post_id = await planned(reception, staff, release=Release(days_before=0, at=time(7)))
    await publish(reception, staff, post_id)
    slot_id = (await reception.rows_of(place))[0].id
    with pytest.raises(SlotNotReleased):
        await reception.booking.hold(anna, slot_id)  # type: ignore[arg-type] # the row's id
    reception.booking.clock.set(datetime(2026, 11, 23, 4, tzinfo=UTC))
    await reception.booking.hold(anna, slot_id)  # type: ignore[arg-type] # the row's id


async def test_closing_withdraws_what_is_free_and_leaves_what_people_have(
    reception: Reception, staff: Principal, anna: Principal
) -> None:
    place = await reception.own_place()
    post_id = await reception.post_of(place)
    starts = [NOW + timedelta(days=1, minutes=15 * number) for number in range(4)]
    slots = await reception.booking.registry.add_slots(place, starts)
    await reception.booking.book(anna, slots[0])
    other = make_principal()
    held = await reception.booking.hold(other, slots[1])
    outcome = await reception.schedules.close(
        staff, post_id=post_id, starts_from=starts[0], starts_before=starts[3], idempotency_key=uuid7()
    )
    assert outcome.value == Closure(withdrawn=1, claimed=2)
    assert [bool(row.channels) for row in await reception.rows_of(place)] == [True, True, False, True]
    with pytest.raises(SlotWithdrawn):
        await reception.booking.hold(make_principal(), slots[2])
    await reception.booking.book_held(other, held)


async def test_publishing_again_does_not_open_what_was_closed(reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    await publish(reception, staff, post_id)
    await reception.schedules.close(
        staff, post_id=post_id, starts_from=FIRST, starts_before=FIRST + timedelta(hours=1), idempotency_key=uuid7()
    )
    assert (await publish(reception, staff, post_id)).made == 0
    assert {row.channels for row in await reception.rows_of(place)} == {0}


async def test_refuses_what_cannot_be_and_writes_nothing(reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    schedules = reception.schedules
    with pytest.raises(TemplateRefused):
        await schedules.add_template(staff, post_id=post_id, template=make_template(weekday=9), idempotency_key=uuid7())
    with pytest.raises(TemplateOverlaps):
        await schedules.add_template(staff, post_id=post_id, template=make_template(), idempotency_key=uuid7())
    with pytest.raises(DatesRefused):
        await schedules.publish(staff, post_id=post_id, first=date(2026, 11, 1), last=MONDAY, idempotency_key=uuid7())
    with pytest.raises(DatesRefused):
        await schedules.close(staff, post_id=post_id, starts_from=NOW, starts_before=NOW, idempotency_key=uuid7())
    assert len(await schedules.templates(staff, post_id=post_id)) == 1
    assert await reception.rows_of(place) == []


async def test_slots_of_an_outside_registry_are_not_changed_here(reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    async with reception.booking.database.transaction() as session:
        await (await session.connection()).execute(update(ClinicRow).values(kept_by=Registry.FER))
    with pytest.raises(KeptElsewhere):
        await publish(reception, staff, post_id)
    assert await reception.rows_of(place) == []


Act = Callable[[Reception, Principal | None, PostId, TemplateId], Awaitable[object]]
ACTS: dict[str, Act] = {
    "templates": lambda desk, actor, post, _: desk.schedules.templates(actor, post_id=post),
    "preview": lambda desk, actor, post, _: desk.schedules.preview(actor, post_id=post, first=MONDAY, last=MONDAY),
    "add": lambda desk, actor, post, _: desk.schedules.add_template(
        actor, post_id=post, template=make_template(weekday=2), idempotency_key=uuid7()
    ),
    "end": lambda desk, actor, _, template: desk.schedules.end_template(
        actor, template_id=template, last=MONDAY, idempotency_key=uuid7()
    ),
    "publish": lambda desk, actor, post, _: desk.schedules.publish(
        actor, post_id=post, first=MONDAY, last=MONDAY, idempotency_key=uuid7()
    ),
    "close": lambda desk, actor, post, _: desk.schedules.close(
        actor, post_id=post, starts_from=FIRST, starts_before=FIRST + timedelta(hours=1), idempotency_key=uuid7()
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_another_organisations_desk_finds_nothing(act: Act, reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    (template,) = await reception.schedules.templates(staff, post_id=post_id)
    for stranger in (make_staff(OTHER_OGRN), make_staff("")):
        with pytest.raises(NotFound):
            await act(reception, stranger, post_id, template.id)
    for nobody in (make_principal(), make_staff(kind=ActorKind.OPERATOR), make_staff(kind=ActorKind.AUDITOR)):
        with pytest.raises(AccessRefused):
            await act(reception, nobody, post_id, template.id)
    with pytest.raises(NotSignedIn):
        await act(reception, None, post_id, template.id)
    assert await reception.rows_of(place) == []
    assert await reception.schedules.templates(staff, post_id=post_id) == [template]


async def test_the_desk_switches_the_queue_of_its_own_post_once(reception: Reception, staff: Principal) -> None:
    _, post_id = await planned(reception, staff)
    key = uuid7()
    for is_on, again in ((True, key), (True, key), (False, uuid7()), (True, uuid7())):
        done = await reception.schedules.set_release_queue(staff, post_id=post_id, is_on=is_on, idempotency_key=again)
        assert done.value == post_id
        assert await reception.releases_by_queue(post_id) is is_on
    other = make_staff(OTHER_OGRN)
    with pytest.raises(NotFound):
        await reception.schedules.set_release_queue(other, post_id=post_id, is_on=False, idempotency_key=uuid7())
    with pytest.raises(AccessRefused):
        await reception.schedules.set_release_queue(
            make_principal(), post_id=post_id, is_on=False, idempotency_key=uuid7()
        )
    assert await reception.releases_by_queue(post_id) is True


async def test_the_desk_switches_no_queue_of_times_that_others_keep(reception: Reception, staff: Principal) -> None:
    place, post_id = await planned(reception, staff)
    async with reception.booking.database.transaction() as session:
        kept = update(ClinicRow).where(ClinicRow.id == place.clinic_id).values(kept_by=Registry.FER)  # type: ignore[arg-type] # a column
        await (await session.connection()).execute(kept)
    with pytest.raises(KeptElsewhere):
        await reception.schedules.set_release_queue(staff, post_id=post_id, is_on=True, idempotency_key=uuid7())
    assert await reception.releases_by_queue(post_id) is False
