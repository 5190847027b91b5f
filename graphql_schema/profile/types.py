"""A person as clients see one."""

from enum import Enum

import strawberry

from backend.profile.values import Person as PersonValue
from graphql_schema.node import Node, encode_id
from graphql_schema.scalars import Date, DateTime, PhoneNumber, Snils


@strawberry.enum(description="Sex as the state's registers keep it.")
class Sex(Enum):
    """Sex."""

    FEMALE = strawberry.enum_value("female", description="Female.")
    MALE = strawberry.enum_value("male", description="Male.")


@strawberry.type(description="A person, as one source knew them at one time.")
class Person(Node):
    """The own profile."""

    family_name: str = strawberry.field(description="Family name.")
    given_name: str = strawberry.field(description="Given name.")
    patronymic: str | None = strawberry.field(description="Patronymic; null for people who have none.")
    birth_date: Date = strawberry.field(description="Day of birth.")
    age: int = strawberry.field(description="Full years today, in the person's own time zone.")
    sex: Sex = strawberry.field(description="Sex as the state's registers keep it.")
    snils: Snils | None = strawberry.field(description="Number of the pension account; shown to its owner only.")
    phone: PhoneNumber | None = strawberry.field(description="Telephone that the source has verified.")
    email: str | None = strawberry.field(description="E-mail address that the source has verified.")
    time_zone: str = strawberry.field(description="IANA name of the zone the person lives in, as Europe/Moscow.")
    source: str = strawberry.field(description="Who told these facts, as esia.")
    as_of: DateTime = strawberry.field(description="When the source told them.")


def to_person(person: PersonValue, *, age: int) -> Person:
    """Show a person to themselves."""
    return Person(
        id=encode_id("Person", person.id),
        family_name=person.family_name,
        given_name=person.given_name,
        patronymic=person.patronymic,
        birth_date=person.birth_date,
        age=age,
        sex=Sex(person.sex.value),
        snils=Snils(person.snils.digits) if person.snils else None,
        phone=PhoneNumber(person.phone.e164) if person.phone else None,
        email=person.email,
        time_zone=person.time_zone,
        source=person.source,
        as_of=person.as_of,
    )
