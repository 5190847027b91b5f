"""What time ends: announced a week before, closed when it is over, to both sides and once."""

from datetime import date, timedelta

from sqlmodel import select

from backend.family.endings import end_expired
from identity.ages import first_instant
from identity.representation_tables import RepresentationRow
from identity.representation_values import EndReason, GrantedRight
from notifications.tables import NotificationRow
from tests.factories.family import Household, make_child
from tests.factories.people import NOW

READ, DAY = GrantedRight.READ, timedelta(days=1)
BOTH = ["person", "representative"]


async def sweep(house: Household) -> int:
    async with house.database.transaction() as session:
        return await end_expired(session, house.clock())


async def sides_told(house: Household, kind: str) -> list[str]:
    return [side for _, told, side in await house.told() if told == kind]


async def the_row(house: Household) -> RepresentationRow:
    async with house.database.reading() as session:
        return (await session.exec(select(RepresentationRow))).one()


async def test_both_are_told_a_week_before_and_at_the_end_once(house: Household) -> None:
    await house.trust(await house.add(1), await house.add_grantee(), (READ, 30 * DAY))
    house.move_to(NOW + 23 * DAY - timedelta(seconds=1))
    assert await sweep(house) == 0
    house.move_to(NOW + 23 * DAY)
    assert [await sweep(house), await sweep(house)] == [1, 0]
    assert await sides_told(house, "representation_expiring") == BOTH
    assert await sides_told(house, "representation_ended") == []
    house.move_to(NOW + 30 * DAY)
    assert [await sweep(house), await sweep(house)] == [1, 0]
    assert await sides_told(house, "representation_ended") == BOTH
    row = await the_row(house)
    assert (row.ended_at, row.ended_by, row.end_reason) == (NOW + 30 * DAY, None, EndReason.EXPIRED)


async def test_what_lasts_less_than_a_week_is_not_announced(house: Household) -> None:
    await house.trust(await house.add(1), await house.add_grantee(), (READ, 2 * DAY))
    house.clock.advance(DAY)
    assert await sweep(house) == 0
    assert await sides_told(house, "representation_expiring") == []


async def test_coming_of_age_ends_it_by_the_childs_clock(house: Household) -> None:
    parent = await house.add(1)
    child = await house.add(2, birth_date=date(2010, 3, 5), snils=make_child().told.snils, time_zone="Asia/Kamchatka")
    await house.confirm(parent, make_child(birth_date=date(2010, 3, 5)))
    of_age = first_instant(date(2028, 3, 5), "Asia/Kamchatka")
    house.move_to(of_age - DAY)
    await sweep(house)
    async with house.database.reading() as session:
        announced = [row for row in (await session.exec(select(NotificationRow))).all() if "zone" in row.parameters]
    assert {row.parameters["zone"] for row in announced} == {"Asia/Kamchatka"}
    assert {row.person_id for row in announced} == {parent.person_id, child.person_id}
    house.move_to(of_age)
    await sweep(house)
    assert (await the_row(house)).end_reason is EndReason.EXPIRED


async def test_a_corrected_birth_date_moves_the_end(house: Household) -> None:
    parent = await house.add(1)
    await house.add(2, birth_date=date(2009, 3, 5), snils=make_child().told.snils)
    await house.confirm(parent, make_child(birth_date=date(2009, 3, 5)))
    row = await the_row(house)
    async with house.database.transaction() as session:
        row.expires_at = NOW
        session.add(row)
    house.clock.advance(timedelta(seconds=1))
    await sweep(house)
    moved = await the_row(house)
    assert (moved.ended_at, moved.expires_at) == (None, first_instant(date(2027, 3, 5), "Europe/Moscow"))


async def test_what_has_ended_gives_nothing_before_any_sweep(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    await house.trust(anna, boris, (READ, DAY))
    house.move_to(NOW + DAY)
    assert await house.family.relations.acted_for_by(anna, anna.person_id) == []
    assert (await the_row(house)).ended_at is None
