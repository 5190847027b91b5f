"""Feeds over real databases: who may open one, what it shows, and when it is over."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import AppointmentStatus
from backend.booking.values import AppointmentId
from backend.calendars.errors import CalendarFeedNotFound, CalendarLinkInvalid
from backend.calendars.reading import CalendarReader
from backend.calendars.service import CalendarFeedService
from backend.calendars.tables import CalendarFeedRow
from backend.calendars.values import Detail
from backend.database import Database
from identity.access import Action
from identity.access_control import MandateSource
from identity.capacities import Capacity, Category, Mandate
from identity.errors import AccessRefused, AccountNotConfirmed
from identity.opaque import digest
from identity.principal import ActorKind, Assurance, PersonId, Principal
from tests.factories.access import access_control, entries_of
from tests.factories.booking import Booking
from tests.factories.people import NOW, add_person, make_principal
from tests.identity.test_access_control import Relations

URL = "https://zdorovye.example/calendar"


@dataclass
class House:
    """Booking and calendars over one database and one clock."""

    booking: Booking
    sources: tuple[MandateSource, ...] = ()
    feeds: CalendarFeedService = field(init=False)

    def __post_init__(self) -> None:
        database, clock = self.booking.database, self.booking.clock
        self.access = access_control(database, clock, *self.sources)
        self.feeds = CalendarFeedService(
            database=database, access=self.access, clock=clock, feed_url=URL, domain="zdorovye.example"
        )
        self.reader = CalendarReader(database=database, access=self.access, clock=clock, domain="zdorovye.example")

    async def open(self, actor: Principal, person_id: PersonId | None = None, *, detail: Detail = Detail.FULL) -> str:
        """Open a feed; return the token of its address."""
        opened = await self.feeds.create(
            actor, person_id or actor.person_id, detail=detail, language="ru", idempotency_key=uuid7()
        )
        assert opened.value.url is not None
        assert opened.value.url.startswith(f"{URL}/")
        return opened.value.url.removeprefix(f"{URL}/").removesuffix(".ics")

    async def events(self, token: str) -> list[Any]:
        """Read a feed as a calendar does."""
        calendar = Calendar.from_ical((await self.reader.read(token)).body)
        assert isinstance(calendar, Calendar)
        return calendar.events

    async def rows(self) -> list[CalendarFeedRow]:
        """Return every row, oldest first."""
        async with self.booking.database.reading() as session:
            return list(await session.exec(select(CalendarFeedRow).order_by(CalendarFeedRow.id)))  # type: ignore[arg-type] # a column


@pytest.fixture
def house(database: Database) -> House:
    return House(Booking(database))


@pytest.fixture
async def anna(database: Database) -> Principal:
    return make_principal(await add_person(database))


async def test_a_feed_shows_what_is_ahead_and_what_was_given_up(house: House, anna: Principal) -> None:
    place = await house.booking.one_place()
    starts = [NOW + timedelta(days=day) for day in (1, 2)]
    first, second = await house.booking.registry.add_slots(place, starts)
    given_up = await house.booking.book(anna, first)
    await house.booking.cancel(anna, given_up)
    kept = await house.booking.book(anna, second)
    events = await house.events(await house.open(anna))
    assert [(event["UID"].split("@")[0], str(event["STATUS"]), event["SEQUENCE"]) for event in events] == [
        (str(given_up), "CANCELLED", 1),
        (str(kept), "CONFIRMED", 0),
    ]
    assert events[1]["SUMMARY"] == "Запись: «therapist»"


async def test_a_feed_shows_thirty_days_of_the_past_and_no_hold(house: House, anna: Principal) -> None:
    place = await house.booking.one_place()
    slot, held = await house.booking.registry.add_slots(place, [NOW + timedelta(hours=3), NOW + timedelta(hours=5)])
    booked = await house.booking.book(anna, slot)
    token = await house.open(anna)
    house.booking.clock.advance(timedelta(days=30, hours=2))
    assert [event["UID"].split("@")[0] for event in await house.events(token)] == [str(booked)]
    house.booking.clock.advance(timedelta(hours=2))
    assert await house.events(token) == []
    assert held


async def test_another_persons_visits_are_in_no_feed_of_mine(house: House, anna: Principal) -> None:
    boris = make_principal(await add_person(house.booking.database, snils="20613059900", phone=None))
    await house.booking.book(boris, await house.booking.one_slot())
    assert await house.events(await house.open(anna)) == []


async def test_of_the_address_only_the_digest_is_kept(house: House, anna: Principal) -> None:
    token = await house.open(anna, detail=Detail.PLAIN)
    (row,) = await house.rows()
    assert len(token) == 43
    assert (row.token_hash, row.detail, row.language, row.last_read_at) == (digest(token), Detail.PLAIN, "ru", None)
    assert token not in repr(row)


async def test_a_new_address_makes_the_former_one_worthless(house: House, anna: Principal) -> None:
    former = await house.open(anna)
    newer = await house.open(anna)
    with pytest.raises(CalendarLinkInvalid):
        await house.reader.read(former)
    assert await house.events(newer) == []
    assert [row.revoked_at is None for row in await house.rows()] == [False, True]


async def test_an_address_is_shown_once_however_often_it_is_asked_for(house: House, anna: Principal) -> None:
    key = uuid7()

    async def ask() -> tuple[bool, bool]:
        opened = await house.feeds.create(anna, anna.person_id, detail=Detail.PLAIN, language="ru", idempotency_key=key)
        return opened.value.url is not None, opened.replayed

    assert [await ask(), await ask()] == [(True, False), (False, True)]
    assert len(await house.rows()) == 1


async def test_how_much_is_told_holds_from_the_next_reading_on(house: House, anna: Principal) -> None:
    await house.booking.book(anna, await house.booking.one_slot())
    token = await house.open(anna, detail=Detail.PLAIN)
    assert "LOCATION" not in (await house.events(token))[0]
    changed = await house.feeds.change(anna, anna.person_id, detail=Detail.FULL, language="en", idempotency_key=uuid7())
    assert changed.value.detail is Detail.FULL
    (event,) = await house.events(token)
    assert (event["SUMMARY"], "LOCATION" in event) == ("Appointment: therapist", True)


async def test_a_revoked_feed_answers_as_one_that_never_was(house: House, anna: Principal) -> None:
    token = await house.open(anna)
    await house.feeds.revoke(anna, anna.person_id, idempotency_key=uuid7())
    for wrong in (token, "x" * 43, "", "ж" * 43, "y" * 5_000):
        with pytest.raises(CalendarLinkInvalid):
            await house.reader.read(wrong)
    assert await house.feeds.get(anna, anna.person_id) is None
    with pytest.raises(CalendarFeedNotFound):
        await house.feeds.revoke(anna, anna.person_id, idempotency_key=uuid7())
    with pytest.raises(CalendarFeedNotFound):
        await house.feeds.change(anna, anna.person_id, detail=Detail.FULL, language="ru", idempotency_key=uuid7())


async def test_a_refusal_is_told_again_under_its_key(house: House, anna: Principal) -> None:
    key = uuid7()
    replays = []
    for _ in range(2):
        with pytest.raises(CalendarFeedNotFound) as refused:
            await house.feeds.revoke(anna, anna.person_id, idempotency_key=key)
        replays.append(refused.value.replayed)
    assert replays == [False, True]


async def test_the_last_reading_is_kept_to_the_hour(house: House, anna: Principal) -> None:
    token = await house.open(anna)
    seen = []
    for minutes in (0, 59, 1):
        house.booking.clock.advance(timedelta(minutes=minutes))
        await house.reader.read(token)
        found = await house.feeds.get(anna, anna.person_id)
        assert found is not None
        seen.append(found.last_read_at)
    assert seen == [NOW, NOW, NOW + timedelta(hours=1)]


async def test_a_parents_feed_is_judged_and_written_down_at_each_reading(database: Database) -> None:
    relations = Relations([Mandate(Capacity.PARENT_OF_CHILD)])
    house = House(Booking(database), sources=(relations,))
    child, parent = await add_person(database), make_principal()
    await house.booking.book(make_principal(child), await house.booking.one_slot())
    token = await house.open(parent, child)
    assert len(await house.events(token)) == 1
    relations.mandates.clear()
    with pytest.raises(CalendarLinkInvalid):
        await house.reader.read(token)
    assert [(one.actions, one.outcome.value) for one in await entries_of(database, child)] == [
        (Action.CHANGE_CALENDAR_FEED.value, "allowed"),
        (Action.FOLLOW_CALENDAR_FEED.value, "allowed"),
        (Action.FOLLOW_CALENDAR_FEED.value, "denied"),
    ]


@pytest.mark.parametrize(("specialty", "shown"), [("psychiatrist", 0), ("therapist", 1)])
async def test_what_is_withheld_from_a_parent_is_not_even_a_time(
    database: Database, specialty: str, shown: int
) -> None:
    withheld = frozenset({Category.PSYCHIATRY})
    relations = Relations([Mandate(Capacity.PARENT_OF_TEENAGER, withheld=withheld)])
    house = House(Booking(database), sources=(relations,))
    teenager, parent = await add_person(database), make_principal()
    await house.booking.book(make_principal(teenager), await house.booking.one_slot(specialty=specialty))
    token = await house.open(parent, teenager, detail=Detail.PLAIN)
    assert len(await house.events(token)) == shown
    assert len(await house.events(await house.open(make_principal(teenager)))) == 1
    assert len(await house.events(token)) == shown  # each has an address of their own


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (make_principal(kind=ActorKind.KIOSK), AccessRefused),
        (make_principal(kind=ActorKind.OPERATOR), AccessRefused),
        (make_principal(assurance=Assurance.STANDARD), AccountNotConfirmed),
    ],
)
async def test_only_a_confirmed_citizen_opens_a_feed(house: House, actor: Principal, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await house.open(actor)
    assert await house.rows() == []


async def test_a_stranger_opens_no_feed_of_mine(house: House, anna: Principal) -> None:
    with pytest.raises(AccessRefused):
        await house.open(make_principal(), anna.person_id)
    assert await house.rows() == []


async def test_states_of_outside_registries_are_in_the_feed(house: House, anna: Principal) -> None:
    visit = await house.booking.book(anna, await house.booking.one_slot())
    token = await house.open(anna)
    told = []
    for status in (AppointmentStatus.UNKNOWN, AppointmentStatus.REFUSED):
        await _set(house, visit, status)
        told.append(str((await house.events(token))[0]["STATUS"]))
    assert told == ["TENTATIVE", "CANCELLED"]


async def _set(house: House, visit: AppointmentId, status: AppointmentStatus) -> None:
    async with house.booking.database.transaction() as session:
        row = await session.get(AppointmentRow, visit)
        assert row is not None
        row.status = status
        session.add(row)
