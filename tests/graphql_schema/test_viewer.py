import asyncio

import pytest

from backend.database import Database
from identity.capacities import OF_DESK
from identity.principal import ActorKind, Assurance
from tests.factories.people import add_person, make_principal
from tests.graphql_schema.own_corner import OwnCorner

HOME = """{ viewer { person { givenName } policy { isStale } unreadCount inbox(first: 1) { nodes { title } }
  appointments { nodes { status } } } }"""
NONE_BOOKED: dict[str, list[str]] = {"nodes": []}
PERSON = {"givenName": "Анна"}
INBOX = {"nodes": [{"title": "Вы записаны: терапевт"}]}


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def test_the_home_screen_is_whole(corner: OwnCorner) -> None:
    person_id = await add_person(corner.database)
    await corner.tell(person_id)
    answer = await corner.ask(make_principal(person_id), HOME)
    assert answer.codes == {}
    assert answer.data["viewer"] == {
        "person": PERSON,
        "policy": {"isStale": False},
        "unreadCount": 1,
        "inbox": INBOX,
        "appointments": NONE_BOOKED,
    }


async def test_a_dead_register_leaves_the_rest_standing(corner: OwnCorner) -> None:
    """R61."""
    person_id = await add_person(corner.database)
    await corner.tell(person_id)
    corner.register.is_down = True
    answer = await corner.ask(make_principal(person_id), HOME)
    assert answer.codes == {"viewer.policy": "POLICY_SOURCE_UNAVAILABLE"}
    assert answer.data["viewer"] == {
        "person": PERSON,
        "policy": None,
        "unreadCount": 1,
        "inbox": INBOX,
        "appointments": NONE_BOOKED,
    }


async def test_the_other_sections_do_not_wait_for_the_register(corner: OwnCorner) -> None:
    person_id = await add_person(corner.database)
    corner.register.gate = asyncio.Event()
    slow = asyncio.create_task(corner.ask(make_principal(person_id), HOME))
    await corner.register.was_asked.wait()
    quick = await corner.ask(make_principal(person_id), "{ viewer { person { givenName } unreadCount } }")
    assert quick.data["viewer"] == {"person": PERSON, "unreadCount": 0}
    assert not slow.done()
    corner.register.gate.set()
    assert (await slow).codes == {}


async def test_two_aliases_of_the_policy_ask_the_register_once(corner: OwnCorner) -> None:
    person_id = await add_person(corner.database)
    answer = await corner.ask(make_principal(person_id), "{ viewer { a: policy { isStale } b: policy { isStale } } }")
    assert answer.codes == {}
    assert len(corner.register.asked) == 1


async def test_nobody_signed_in_is_told_to_sign_in(corner: OwnCorner) -> None:
    answer = await corner.ask(None, HOME)
    assert (answer.data, answer.codes) == ({"viewer": None}, {"viewer": "UNAUTHENTICATED"})


async def test_an_unconfirmed_account_sees_the_person_and_no_medical_data(corner: OwnCorner) -> None:
    person_id = await add_person(corner.database)
    await corner.tell(person_id)
    answer = await corner.ask(make_principal(person_id, assurance=Assurance.STANDARD), HOME)
    assert answer.data["viewer"] == {
        "person": PERSON,
        "policy": None,
        "unreadCount": None,
        "inbox": None,
        "appointments": None,
    }
    assert answer.codes == dict.fromkeys(
        ("viewer.policy", "viewer.unreadCount", "viewer.inbox", "viewer.appointments"), "ACCOUNT_NOT_CONFIRMED"
    )
    assert corner.register.asked == []


@pytest.mark.parametrize("kind", sorted(OF_DESK))
async def test_those_at_work_see_who_they_are_and_nothing_medical(corner: OwnCorner, kind: ActorKind) -> None:
    person_id = await add_person(corner.database)
    answer = await corner.ask(make_principal(person_id, kind=kind), HOME)
    assert answer.data["viewer"] == {
        "person": PERSON,
        "policy": None,
        "unreadCount": None,
        "inbox": None,
        "appointments": None,
    }
    assert set(answer.codes.values()) == {"ACCESS_REFUSED"}


async def test_a_person_nobody_recorded_is_a_null_with_its_code(corner: OwnCorner) -> None:
    answer = await corner.ask(make_principal(), "{ viewer { person { givenName } unreadCount } }")
    assert answer.data["viewer"] == {"person": None, "unreadCount": 0}
    assert answer.codes == {"viewer.person": "NOT_FOUND"}
