"""R66: a filled database of before is upgraded with every row, or not at all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.devices.sessions import retire_signed_out
from backend.entrypoints.migrations.run import differences, downgrade, is_current, upgrade
from backend.entrypoints.migrations.tables import METADATA
from backend.settings import DatabaseSettings
from backend.sign_ins.service import SignInService
from identity.access import Action
from identity.audit_tables import OwnAccessRow
from identity.errors import AccessRefused
from identity.principal import ActorKind, Assurance, PersonId
from identity.representation_tables import (
    GuardianshipRow,
    GuardianshipState,
    RepresentationDocumentRow,
    RepresentationRow,
)
from identity.representation_values import DocumentKind, RepresentationKind
from identity.settings import IdentitySettings
from identity.tables import Account, AuthorizationCode, PendingSignIn, RefreshToken, Session
from tests.factories.access import access_control
from tests.factories.family import Household
from tests.factories.people import NOW, make_person, make_principal

T = TypeVar("T")

BEFORE_STAFF = "0007"
GUARDIAN, WARD, OFFICER = PersonId(uuid7()), PersonId(uuid7()), PersonId(uuid7())
TOUCHED = (
    "accounts",
    "authorization_codes",
    "guardianships",
    "own_accesses",
    "pending_sign_ins",
    "refresh_tokens",
    "representation_documents",
    "representations",
    "sessions",
)
"""What 0008 and what follows change, and what hangs on it by a foreign key."""


def account(person_id: PersonId, kind: ActorKind) -> Account:
    return Account(
        person_id=person_id,
        issuer="https://esia.example",
        subject=person_id.hex,
        kind=kind,
        assurance=Assurance.CONFIRMED,
        created_at=NOW,
    )


def session_of(client_id: str, **given: Any) -> Session:
    times: dict[str, Any] = {"authenticated_at": NOW, "created_at": NOW, "expires_at": NOW + timedelta(days=1)}
    return Session(person_id=GUARDIAN, id=uuid7(), client_id=client_id, **times, **given)


def sign_in_rows() -> list[SQLModel]:
    """Return a citizen who is signed in, is signing in, and has a code in the hand."""
    soon = NOW + timedelta(minutes=5)
    app: dict[str, Any] = {"client_id": "web", "redirect_uri": "https://app.example/in", "code_challenge": "c" * 43}
    signed_in = session_of("web", key_thumbprint="k" * 43, device_name="Телефон", last_seen_at=NOW)
    return [
        account(GUARDIAN, ActorKind.CITIZEN),
        PendingSignIn(state_hash="a" * 64, browser_hash="b" * 64, app_state="x", expires_at=soon, **app),
        signed_in,
        RefreshToken(person_id=GUARDIAN, token_hash="d" * 64, session_id=signed_in.id, issued_at=NOW, expires_at=soon),
        OwnAccessRow(
            person_id=GUARDIAN, session_id=signed_in.id, hour=NOW, actions=1, actor_kind=ActorKind.CITIZEN, times=2
        ),
        AuthorizationCode(person_id=GUARDIAN, code_hash="e" * 64, authenticated_at=NOW, expires_at=soon, **app),
    ]


def guardianship(state: GuardianshipState, settled_at: datetime | None, number: str) -> GuardianshipRow:
    return GuardianshipRow(
        person_id=GUARDIAN,
        state=state,
        family_name="Лисина",
        given_name="Вера",
        birth_date=date(2016, 3, 5),
        sex="female",
        snils="20613005900",
        document_kind=DocumentKind.GUARDIANSHIP_ACT,
        document_number=number,
        issued_by="Отдел опеки",
        first_day=date(2026, 1, 10),
        last_day=date(2028, 1, 9),
        requested_at=NOW - timedelta(days=3),
        settled_at=settled_at,
        settled_by=OFFICER if settled_at else None,
    )


def family_rows() -> list[SQLModel]:
    """Return a ward with a guardian by the second of three documents, and with a father."""
    confirmed_at = NOW - timedelta(days=1, microseconds=7)
    given = [
        RepresentationRow(
            person_id=WARD,
            representative_id=representative,
            kind=kind,
            begun_at=confirmed_at,
            first_day=date(2026, 1, 10),
            last_day=date(2028, 1, 9),
            expires_at=datetime(2028, 1, 9, 21, tzinfo=UTC),
        )
        for representative, kind in ((GUARDIAN, RepresentationKind.GUARDIAN), (uuid7(), RepresentationKind.PARENT))
    ]
    papers = [
        RepresentationDocumentRow(
            person_id=WARD,
            representation_id=row.id,
            kind=DocumentKind.GUARDIANSHIP_ACT,
            number="17-р",
            source="desk",
            checked_at=confirmed_at,
        )
        for row in given
    ]
    return [
        make_person(id=GUARDIAN, snils="11223344595"),
        make_person(id=WARD, snils="20613005900", birth_date=date(2016, 3, 5), given_name="Вера"),
        guardianship(GuardianshipState.WAITING_FOR_CHECK, None, "18-р"),
        guardianship(GuardianshipState.CONFIRMED, confirmed_at, "17-р"),
        guardianship(GuardianshipState.REFUSED, confirmed_at, "17-р"),
        *given,
        *papers,
    ]


def using(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with a database, on an event loop of its own."""

    async def run() -> T:
        database = Database(DatabaseSettings(url=url))
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


async def columns_of(database: Database) -> dict[str, list[str]]:
    """Return the columns that the tables have now."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: {name: [one["name"] for one in inspect(sync).get_columns(name)] for name in TOUCHED}
        )


async def contents(database: Database, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Return every row of the tables, in the given columns."""
    found = {}
    async with database.reading() as session:
        for name, known in columns.items():
            rows = await session.exec(select(*(METADATA.tables[name].c[one] for one in known)))
            found[name] = sorted(map(tuple, rows.all()), key=str)
    return found


async def fill(database: Database, rows: Iterable[SQLModel], columns: dict[str, list[str]]) -> None:
    """Write rows as the code of that time did: into the columns that there are."""
    async with database.engine.begin() as connection:
        for row in rows:
            table = METADATA.tables[str(row.__tablename__)]
            known = columns.get(table.name, [one.name for one in table.c])
            values = {name: value for name, value in row.model_dump().items() if name in known}
            await connection.execute(table.insert().values(values))


@pytest.fixture
def columns(url: str) -> dict[str, list[str]]:
    """Make a filled database of before staff signed in; return its columns."""
    upgrade(url, BEFORE_STAFF)
    found = using(url, columns_of)
    using(url, lambda database: fill(database, [*sign_in_rows(), *family_rows()], found))
    return found


def test_every_row_survives_an_upgrade_and_its_undoing(url: str, columns: dict[str, list[str]]) -> None:
    before = using(url, lambda database: contents(database, columns))
    assert min(map(len, before.values())) > 0
    upgrade(url)
    assert (is_current(url), differences(url)) == (True, [])
    assert using(url, lambda database: contents(database, columns)) == before
    new = {name: set(known) - set(columns[name]) for name, known in using(url, columns_of).items()}
    assert {name: added for name, added in new.items() if added} == {
        "authorization_codes": {"kind", "organization", "level"},
        "guardianships": {"note", "representation_id"},
        "own_accesses": {"reference"},
        "pending_sign_ins": {"organization"},
        "representations": {"end_note"},
        "sessions": {"kind", "organization", "level"},
    }
    staff = session_of("operator", kind=ActorKind.OPERATOR, organization="1027700132195")
    using(url, lambda database: fill(database, [staff], {}))
    downgrade(url, BEFORE_STAFF)
    assert using(url, columns_of) == columns
    assert using(url, lambda database: contents(database, columns)) == before  # and nobody of staff became a citizen


@pytest.mark.usefixtures("columns")
def test_what_was_written_before_is_served_after(url: str) -> None:
    upgrade(url)

    async def sessions_are_of_citizens(database: Database) -> None:
        clock, person = SettableClock(NOW), make_principal(GUARDIAN)
        service = SignInService(
            database=database,
            access=access_control(database, clock),
            clock=clock,
            apps=IdentitySettings().apps,
            ended=lambda _person_id: None,
            silence=retire_signed_out,
        )
        assert [one.device_name for one in await service.list_signed_in(person, GUARDIAN)] == ["Телефон"]
        async with database.reading() as session:
            [signed_in] = (await session.exec(select(Session))).all()
            [code] = (await session.exec(select(AuthorizationCode))).all()
        assert [signed_in.position.kind, code.position.kind] == [ActorKind.CITIZEN] * 2
        await fill(database, [account(PersonId(uuid7()), ActorKind.SERVICE)], {})
        with pytest.raises(DBAPIError):
            async with database.engine.begin() as connection:
                await connection.execute(text("UPDATE accounts SET kind = 'nobody'"))

    async def guardianships_are_found_and_ended(database: Database) -> None:
        house, officer = Household(database), make_principal(OFFICER, kind=ActorKind.AUDITOR)
        pages = [
            (await house.family.desk.list_queue(officer, state=state, limit=9)).items for state in GuardianshipState
        ]
        [[waiting], [confirmed], [refused]] = pages
        async with database.reading() as session:
            is_guardian = col(RepresentationRow.kind) == RepresentationKind.GUARDIAN
            given = (await session.exec(select(RepresentationRow.id).where(is_guardian))).one()
        assert [one.representation_id for one in (waiting, confirmed, refused)] == [None, given, None]
        guardian = make_principal(GUARDIAN)
        assert await house.may(guardian, Action.READ_INBOX, WARD)
        await house.family.desk.end(officer, representation_id=given, note="решение", idempotency_key=uuid4())
        with pytest.raises(AccessRefused):
            await house.access.admit(guardian, Action.READ_INBOX, WARD)

    using(url, sessions_are_of_citizens)
    using(url, guardianships_are_found_and_ended)


def test_what_cannot_be_upgraded_stays_whole_as_it_was(url: str, columns: dict[str, list[str]]) -> None:
    """The check that 0008 widens is not the one that was made: nothing of 0008 or of what follows is done."""
    before = using(url, lambda database: contents(database, columns))
    spoiling = (
        ["PRAGMA writable_schema = ON", "UPDATE sqlite_master SET sql = replace(sql, '''auditor''', '''other''')"]
        if url.startswith("sqlite")
        else ["ALTER TABLE accounts RENAME CONSTRAINT accounts_kind TO another"]
    )

    async def spoil(database: Database) -> None:
        async with database.engine.begin() as connection:
            for statement in spoiling:
                await connection.exec_driver_sql(statement)

    async def revision_of(database: Database) -> str:
        async with database.engine.connect() as connection:
            return str((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one())

    using(url, spoil)
    with pytest.raises((RuntimeError, DBAPIError)):
        upgrade(url)
    assert using(url, revision_of) == BEFORE_STAFF
    assert using(url, columns_of) == columns
    assert using(url, lambda database: contents(database, columns)) == before
