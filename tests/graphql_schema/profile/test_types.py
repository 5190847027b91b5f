import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.profile import values
from graphql_schema.node import encode_id
from graphql_schema.profile.queries import load_person
from graphql_schema.profile.types import Sex
from identity.errors import NotSignedIn
from tests.factories.people import add_person, make_principal
from tests.graphql_schema.own_corner import OwnCorner

WHOLE = """{ viewer { person { id familyName givenName patronymic birthDate age sex snils phone email timeZone source
  asOf } } }"""


async def test_a_person_is_shown_whole(database: Database) -> None:
    person_id = await add_person(database)
    answer = await OwnCorner(database).ask(make_principal(person_id), WHOLE)
    assert answer.codes == {}
    assert answer.data["viewer"]["person"] == {
        "id": encode_id("Person", person_id),
        "familyName": "Соколова",
        "givenName": "Анна",
        "patronymic": "Петровна",
        "birthDate": "1984-05-17",
        "age": 42,
        "sex": "FEMALE",
        "snils": "11223344595",
        "phone": "+79105550117",
        "email": "anna@example.org",
        "timeZone": "Europe/Moscow",
        "source": "esia",
        "asOf": "2026-11-21T06:00:00+00:00",
    }


async def test_what_is_not_known_is_null(database: Database) -> None:
    person_id = await add_person(database, snils=None, phone=None, email=None, patronymic=None)
    answer = await OwnCorner(database).ask(make_principal(person_id), WHOLE)
    person = answer.data["viewer"]["person"]
    assert answer.codes == {}
    assert [person[name] for name in ("snils", "phone", "email", "patronymic")] == [None] * 4


async def test_a_stranger_and_a_missing_person_load_alike(database: Database) -> None:
    """S36."""
    corner = OwnCorner(database)
    anna, boris = [await add_person(database) for _ in range(2)]
    context = corner.context(make_principal(anna))
    assert await load_person(context, boris) is None
    assert await load_person(context, uuid7()) is None
    own = await load_person(context, anna)
    assert own is not None
    assert own.id == encode_id("Person", anna)
    with pytest.raises(NotSignedIn):
        await load_person(corner.context(None), anna)


def test_every_value_has_its_public_name() -> None:
    assert [Sex(member.value).name for member in values.Sex] == [member.name for member in values.Sex]
    assert len(Sex) == len(values.Sex)
