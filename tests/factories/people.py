"""Made-up people; no number here is anybody's."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.profile.tables import PersonRow
from backend.profile.values import Sex
from identity.principal import ActorKind, Assurance, PersonId, Principal, SessionId

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
WHENEVER_ASKED = datetime(9000, 1, 1, tzinfo=UTC)
"""When somebody proved who they are whom no step-up stops, wherever the clock goes."""


def snils_for(number: int) -> str:
    """Return the 11 digits of a SNILS whose first nine are `number`; written apart from the rule under test."""
    digits = f"{number:09}"
    total = 0
    for position in range(1, 10):
        total += int(digits[position - 1]) * (10 - position)
    check = total % 101
    return digits + ("00" if check == 100 else f"{check:02}")


def checked_snils_numbers() -> st.SearchStrategy[int]:
    """First nine digits of numbers that carry a check number."""
    return st.integers(1_001_999, 999_999_999)


def make_person(**given: Any) -> PersonRow:
    """Return a row of a person, Anna unless told otherwise."""
    return PersonRow(
        **{
            "id": uuid7(),
            "family_name": "Соколова",
            "given_name": "Анна",
            "patronymic": "Петровна",
            "birth_date": date(1984, 5, 17),
            "sex": Sex.FEMALE,
            "snils": "11223344595",
            "phone": "+79105550117",
            "email": "anna@example.org",
            "source": "esia",
            "as_of": NOW - timedelta(days=1),
            "created_at": NOW - timedelta(days=1),
            **given,
        }
    )


async def add_person(database: Database, **given: Any) -> PersonId:
    """Store a person and return the id."""
    row = make_person(**given)
    async with database.transaction() as session:
        session.add(row)
    return PersonId(row.id)


def make_principal(
    person_id: PersonId | None = None,
    *,
    kind: ActorKind = ActorKind.CITIZEN,
    assurance: Assurance = Assurance.CONFIRMED,
    expires_at: datetime = NOW + timedelta(minutes=10),
    authenticated_at: datetime = WHENEVER_ASKED,
) -> Principal:
    """Return a signed-in, confirmed citizen unless told otherwise."""
    return Principal(
        kind=kind,
        person_id=person_id or PersonId(uuid7()),
        assurance=assurance,
        session_id=SessionId(uuid7()),
        expires_at=expires_at,
        authenticated_at=authenticated_at,
    )
