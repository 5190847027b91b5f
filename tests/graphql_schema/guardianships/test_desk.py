"""The officer's desk through GraphQL: the queue, its verdicts, and the end of what the law gave."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.connections import encode_cursor
from graphql_schema.node import encode_id
from identity.principal import ActorKind, Principal
from tests.factories.family import WARD
from tests.factories.people import add_person, make_principal, snils_for
from tests.graphql_schema.booking.face import Face
from tests.graphql_schema.family.documents import REGISTER, act

CHECK = """id status guardian { id familyName } familyName givenName patronymic birthDate sex snils documentKind
  documentNumber issuedBy firstDay lastDay requestedAt settledAt note representationId endedAt"""
QUEUE = f"""query ($first: Int, $after: String, $status: GuardianshipStatus! = WAITING_FOR_CHECK) {{
  guardianshipQueue(first: $first, after: $after, status: $status) {{
    nodes {{ {CHECK} }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}"""
SETTLE = act("settleGuardianship", f"guardianship {{ {CHECK} }}")
END = act("endRepresentationByLaw", "endedId")
KINDS = "{ viewer { inbox { nodes { kind } } } }"
PAGE = "query ($id: ID!) { actingFor(personId: $id) { person { givenName } } }"
ACTS_FOR = "{ viewer { representation { actsFor { id person { id } capacity } } } }"
LOG = "{ viewer { accessLog { nodes { role outcome actions { code } } } } }"
WHY = "Подлинник предъявлен, печать на месте"


@dataclass
class Desk:
    """An officer, and people who tell of guardianships."""

    face: Face
    officer: Principal = field(default_factory=lambda: make_principal(kind=ActorKind.AUDITOR))

    async def guardian(self, number: int) -> Principal:
        facts = {"snils": snils_for(300_000_000 + number), "phone": f"+7911{number:07}"}
        return make_principal(await add_person(self.face.database, **facts))

    async def told(self, guardian: Principal) -> str:
        payload, _ = await self.face.change(guardian, REGISTER, **WARD)
        assert payload["errors"] == []
        told: str = payload["guardianship"]["id"]
        return told

    async def queue(self, **variables: Any) -> dict[str, Any]:
        answer = await self.face.ask(self.officer, QUEUE, **variables)
        assert answer.codes == {}
        found: dict[str, Any] = answer.data["guardianshipQueue"]
        return found

    async def refused(self, actor: Principal | None, mutation: str, **given: Any) -> tuple[str, str | None]:
        payload, answer = await self.face.change(actor, mutation, **given)
        assert answer.codes == {}
        [error] = payload["errors"]
        assert all(value is None for name, value in payload.items() if name != "errors")
        return error["code"], error["path"] and error["path"][-1]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(Face(database))


async def test_from_the_paper_to_the_end_of_what_it_gave(desk: Desk) -> None:
    guardian = await desk.guardian(1)
    told = await desk.told(guardian)
    [check] = (await desk.queue())["nodes"]
    assert check == {
        **WARD,
        "id": told,
        "snils": "20613005900",
        "status": "WAITING_FOR_CHECK",
        "guardian": {"id": encode_id("Person", guardian.person_id), "familyName": "Соколова"},
        "patronymic": None,
        "requestedAt": "2026-11-22T06:00:00+00:00",
        **dict.fromkeys(("settledAt", "note", "representationId", "endedAt")),
    }
    settled, _ = await desk.face.change(desk.officer, SETTLE, guardianshipId=told, verdict="CONFIRMED", note=WHY)
    assert settled["errors"] == []
    found = settled["guardianship"]
    assert (found["status"], found["note"], found["settledAt"]) == ("CONFIRMED", WHY, "2026-11-22T06:00:00+00:00")
    [stands] = (await desk.face.ask(guardian, ACTS_FOR)).data["viewer"]["representation"]["actsFor"]
    assert (stands["id"], stands["capacity"]) == (found["representationId"], "GUARDIAN")
    ward = {"id": stands["person"]["id"]}
    assert (await desk.face.ask(guardian, PAGE, **ward)).data["actingFor"]["person"] == {"givenName": "Вера"}
    assert (await desk.queue())["nodes"] == []
    assert (await desk.queue(status="CONFIRMED"))["nodes"] == [found]

    ended, _ = await desk.face.change(desk.officer, END, representationId=stands["id"], note="Решение суда 2-1/2026")
    assert (ended["endedId"], ended["errors"]) == (stands["id"], [])
    assert (await desk.face.ask(guardian, PAGE, **ward)).codes == {"actingFor": "ACCESS_REFUSED"}
    [check] = (await desk.queue(status="CONFIRMED"))["nodes"]
    assert check == {**found, "endedAt": "2026-11-22T06:00:00+00:00"}
    told_of = (await desk.face.ask(guardian, KINDS)).data["viewer"]["inbox"]["nodes"]
    assert [one["kind"] for one in told_of] == ["REPRESENTATION_ENDED", "REPRESENTATION_BEGUN"]
    log = (await desk.face.ask(guardian, LOG)).data["viewer"]["accessLog"]["nodes"]
    assert {(one["role"], one["outcome"], one["actions"][0]["code"]) for one in log} == {
        ("AUDITOR_DESK", "ALLOWED", "check_representation")
    }


async def test_what_is_refused_opens_nothing_and_says_why_to_officers_only(desk: Desk) -> None:
    guardian = await desk.guardian(1)
    told, key = await desk.told(guardian), uuid7()
    given: dict[str, Any] = {"guardianshipId": told, "verdict": "REFUSED", "note": WHY}
    first, once = await desk.face.change(desk.officer, SETTLE, key=key, **given)
    again, twice = await desk.face.change(desk.officer, SETTLE, key=key, **given)
    assert (first["guardianship"]["status"], first["guardianship"]["representationId"]) == ("REFUSED", None)
    assert (again, once.extensions, twice.extensions) == (first, {}, {"replayed": True})
    assert (await desk.face.ask(guardian, ACTS_FOR)).data["viewer"]["representation"]["actsFor"] == []
    told_of = (await desk.face.ask(guardian, KINDS)).data["viewer"]["inbox"]["nodes"]
    assert [one["kind"] for one in told_of] == ["GUARDIANSHIP_REFUSED"]


async def test_pages_follow_one_another_and_a_foreign_cursor_is_refused(desk: Desk) -> None:
    told = [await desk.told(await desk.guardian(number)) for number in range(3)]
    first = await desk.queue(first=2)
    second = await desk.queue(first=2, after=first["pageInfo"]["endCursor"])
    assert [one["id"] for one in (*first["nodes"], *second["nodes"])] == told
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert first["edges"][-1]["cursor"] == first["pageInfo"]["endCursor"]
    for wrong in ("x", encode_cursor("2026-11-22T06:00:00", uuid7().hex), encode_cursor("x", "y"), encode_cursor("1")):
        answer = await desk.face.ask(desk.officer, QUEUE, after=wrong)
        assert answer.codes == {"guardianshipQueue": "BAD_CURSOR"}


async def test_nobody_but_an_officer_has_the_desk_and_no_officer_their_own_family(desk: Desk) -> None:
    guardian = await desk.guardian(1)
    told = await desk.told(guardian)
    at_work = make_principal(guardian.person_id, kind=ActorKind.AUDITOR)
    for actor in (guardian, make_principal(kind=ActorKind.OPERATOR), at_work):
        refused = await desk.refused(actor, SETTLE, guardianshipId=told, verdict="CONFIRMED")
        assert refused == ("ACCESS_REFUSED", None)
    assert (await desk.face.ask(guardian, QUEUE)).codes == {"guardianshipQueue": "ACCESS_REFUSED"}
    settled, _ = await desk.face.change(desk.officer, SETTLE, guardianshipId=told, verdict="CONFIRMED")
    stands = {"representationId": settled["guardianship"]["representationId"], "note": WHY}
    for actor in (guardian, at_work):
        assert await desk.refused(actor, END, **stands) == ("ACCESS_REFUSED", None)
    _, answer = await desk.face.change(None, END, **stands)
    assert answer.codes == {"endRepresentationByLaw": "UNAUTHENTICATED"}
    [check] = (await desk.queue(status="CONFIRMED"))["nodes"]
    assert check["endedAt"] is None
