"""S34: the generated matrix. Every cell is a real operation over the services, compared with the rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLSchema
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from graphql_schema.node import encode_id
from graphql_schema.schema import build_schema
from identity.capacities import Mandate
from identity.grants import Scope, grant_of
from identity.principal import PRIVATE_KINDS, ActorKind, PersonId, Principal
from identity.settings import IdentitySettings
from identity.tables import Session
from tests.factories.identity import access_tokens
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.access_matrix import CODES, Asker, Row, Standing, askers, document, expected, rows
from tests.graphql_schema.own_corner import OwnCorner

SCHEMA: GraphQLSchema = build_schema()._schema
ROWS = tuple(rows(SCHEMA))
ASKERS = tuple(askers())
TOKENS = access_tokens(IdentitySettings(), SettableClock(NOW))
IDS = {
    "callId": encode_id("Call", uuid7()),
    "callBackId": encode_id("CallBack", uuid7()),
    "sessionId": encode_id("Session", uuid7()),
    "slotId": encode_id("Slot", uuid7()),
    "holdId": encode_id("SlotHold", uuid7()),
    "holdIds": encode_id("SlotHold", uuid7()),
    "appointmentId": encode_id("Appointment", uuid7()),
    "childId": encode_id("ChildCandidate", uuid7()),
    "invitationId": encode_id("RepresentationInvitation", uuid7()),
    "id": encode_id("Representation", uuid7()),
    "ids": encode_id("Notification", uuid7()),
    "consentId": encode_id("Consent", uuid7()),
    "clinicIds": encode_id("Clinic", uuid7()),
    "waitingListEntryId": encode_id("WaitingListEntry", uuid7()),
    "placeId": encode_id("ReleaseQueuePlace", uuid7()),
    "doctorId": encode_id("Doctor", uuid7()),
    "entryId": encode_id("AccessLogEntry", uuid7()),
    "guardianshipId": encode_id("Guardianship", uuid7()),
    "representationId": encode_id("Representation", uuid7()),
    "reviewId": encode_id("Review", uuid7()),
    "deviceId": encode_id("Device", uuid7()),
    "notificationId": encode_id("Notification", uuid7()),
    "exportId": encode_id("DataExport", uuid7()),
    "clinicId": encode_id("Clinic", uuid7()),
    "postId": encode_id("Post", uuid7()),
    "proposalId": encode_id("CancellationProposal", uuid7()),
    "templateId": encode_id("ScheduleTemplate", uuid7()),
    "about": encode_id("SlotHold", uuid7()),
}
OF_ROW: Mapping[str, Mapping[str, str]] = {
    "Query.cancellationProposal": {"id": encode_id("CancellationProposal", uuid7())},
    "Mutation.addScheduleTemplate": {"opens": "08:00", "closes": "12:00"},
}
"""Where a name means another type than elsewhere, and where a text has a form."""


@dataclass
class Told:
    """A source of mandates that says what the cell wants."""

    mandates: Sequence[Mandate] = ()
    kinds: frozenset[ActorKind] = field(default=frozenset(ActorKind))

    async def find(
        self, _session: AsyncSession, _actor: Principal, _person_id: PersonId, _now: datetime
    ) -> Sequence[Mandate]:
        return self.mandates


@dataclass
class Bench:
    """One house in which every cell is asked."""

    corner: OwnCorner
    told: Told
    person_id: PersonId

    async def outcome(self, row: Row, asker: Asker) -> str | None:
        """Ask one cell; return the code of access control, or None where it let the actor pass."""
        self.told.mandates = asker.mandates
        actor = None
        if asker.kind is not None:
            own_id = self.person_id if asker.is_own else PersonId(uuid7())
            actor = issued(
                make_principal(
                    own_id, kind=asker.kind, assurance=asker.assurance, authenticated_at=asker.authenticated_at
                )
            )
        about = None if asker.is_own or not row.is_about_a_person else encode_id("Person", self.person_id)
        given = {**IDS, **OF_ROW.get(str(row), {}), "personId": encode_id("Person", self.person_id)}
        text = document(row, SCHEMA, about=about, given=given)
        if row.parent == "Subscription":
            return await self.corner.first_code_of_stream(actor, text)
        answer = await self.corner.ask(actor, text)
        found = {*answer.codes.values(), *codes_in(answer.data)} & CODES
        assert len(found) <= 1, (text, found)
        return next(iter(found), None)


def issued(actor: Principal) -> Principal:
    """Return who a token proves that was really issued; of those that are no person's own, the actor as made up."""
    if actor.kind not in PRIVATE_KINDS:
        return actor
    family = Session(
        person_id=actor.person_id,
        id=actor.session_id,
        client_id="kiosk" if actor.kind is ActorKind.KIOSK else "ios",
        authenticated_at=min(actor.authenticated_at, NOW),
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=3),
        key_thumbprint="k" * 43,
        kind=ActorKind.KIOSK if actor.kind is ActorKind.KIOSK else ActorKind.CITIZEN,
    )
    scope = Scope.DEVICE if actor.kind is ActorKind.DEVICE else None
    grant = grant_of(family, TOKENS, assurance=actor.assurance, refresh_token=None, scope=scope)
    proven = TOKENS.verify(grant.access_token)
    assert proven.kind is actor.kind
    return proven


def codes_in(data: Any) -> set[str]:
    """Return the codes of the refusals that stand in payloads."""
    if isinstance(data, dict):
        own = {data["code"]} if isinstance(data.get("code"), str) else set()
        return own.union(*(codes_in(one) for one in data.values()))
    return set().union(*(codes_in(one) for one in data)) if isinstance(data, list) else set()


@pytest.fixture
async def bench(database: Database) -> Bench:
    told = Told()
    corner = OwnCorner(database, clock=SettableClock(NOW), sources=(told,))
    return Bench(corner, told, await add_person(database))


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_every_cell_of_a_field_is_as_the_rules_say(bench: Bench, row: Row) -> None:
    wrong, counted = [], Counter[str]()
    for asker in ASKERS:
        if not row.takes(asker):
            continue
        wanted, found = expected(row.action, asker), await bench.outcome(row, asker)
        counted[str(wanted)] += 1
        if wanted != found:
            wrong.append(f"{row} × {asker}: {found}, not {wanted}")
    assert wrong == []
    assert counted.total() >= len(ActorKind)


def test_the_matrix_is_as_large_as_the_schema_and_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    cells = sum(1 for row in ROWS for asker in ASKERS if row.takes(asker))
    with capsys.disabled():
        print(f"\naccess matrix: {len(ROWS)} fields x {len(ASKERS)} askers = {cells} cells an engine")  # noqa: T201 # asked for
    assert len({str(row) for row in ROWS}) == len(ROWS)
    assert {asker.standing for asker in ASKERS} == set(Standing)
    assert cells > 400
