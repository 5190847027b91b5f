"""The access log, breaking the glass and the officer's queue through the graph."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.connections import encode_cursor
from graphql_schema.node import encode_id
from graphql_schema.oversight import words
from graphql_schema.oversight.words import IN_RUSSIAN, action_name
from identity.access import RULES, Action
from identity.audit_tables import AuditOutcome
from identity.capacities import Capacity, Purpose
from identity.emergencies import EmergencyMandates
from identity.emergency_values import EmergencyCategory
from identity.own_accesses import chain_hours
from identity.principal import ActorKind, PersonId, Principal
from identity.review_values import ReviewSource, ReviewState, Verdict
from tests.factories.consents import OGRN, clinician, staff
from tests.factories.oversight import REASON
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.own_corner import MACHINE, Answer, OwnCorner

ENTRY = """id at times outcome role purpose onBehalfOf actor { kind isSelf name } organization { ogrn name }
  actions { code name } report { reportedAt state verdict settledAt }"""
LOG = f"""query ($first: Int, $after: String, $filter: AccessLogFilter) {{ viewer {{
  accessLog(first: $first, after: $after, filter: $filter) {{
    nodes {{ {ENTRY} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on AccessLogEntry {{ {ENTRY} }} }} }}"
REVIEW = """id source state openedAt dueAt isOverdue personId actorId actorKind organization comment
  verdict note settledAt emergency { category reason openedAt expiresAt }
  entry { at role outcome times actions { code } }"""
QUEUE = f"""query ($first: Int, $after: String, $state: ReviewState! = OPEN) {{
  reviewQueue(first: $first, after: $after, state: $state) {{
    nodes {{ {REVIEW} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
OPEN = """mutation ($input: OpenEmergencyAccessInput!) { openEmergencyAccess(input: $input) {
  emergency { id category openedAt expiresAt } errors { code path } } }"""
REPORT = f"""mutation ($input: ReportAccessInput!) {{ reportAccess(input: $input) {{
  entry {{ {ENTRY} }} errors {{ code path }} }} }}"""
SETTLE = f"""mutation ($input: SettleReviewInput!) {{ settleReview(input: $input) {{
  review {{ {REVIEW} }} errors {{ code path }} }} }}"""
OFFICER = staff(ActorKind.AUDITOR)


class Face:
    """One person, one doctor, one officer."""

    def __init__(self, database: Database) -> None:
        self.corner = OwnCorner(database, sources=(EmergencyMandates(),))

    async def ask(self, actor: Principal | None, text: str, **variables: Any) -> Answer:
        return await self.corner.ask(actor, text, **variables)

    async def act(self, actor: Principal | None, text: str, **given: Any) -> dict[str, Any]:
        answer = await self.ask(actor, text, input={"idempotencyKey": str(uuid7()), **given})
        assert answer.codes == {}, answer.codes
        return dict(next(iter(answer.data.values())))

    async def open(self, actor: Principal, person_id: PersonId, **changes: Any) -> dict[str, Any]:
        given = {"personId": encode_id("Person", person_id), "category": "UNCONSCIOUS", "reason": REASON, **changes}
        return await self.act(actor, OPEN, **given)

    async def log(self, person: Principal, **variables: Any) -> list[dict[str, Any]]:
        answer = await self.ask(person, LOG, **variables)
        return list(answer.data["viewer"]["accessLog"]["nodes"])

    async def queue(self, **variables: Any) -> list[dict[str, Any]]:
        return list((await self.ask(OFFICER, QUEUE, **variables)).data["reviewQueue"]["nodes"])


@pytest.fixture
def face(database: Database) -> Face:
    return Face(database)


async def test_an_emergency_from_the_first_look_to_the_verdict(face: Face) -> None:
    """S40 and S42 in one story."""
    person, doctor = make_principal(await add_person(face.corner.database)), clinician()
    payload = await face.open(doctor, person.person_id)
    assert payload["errors"] == []
    assert {**payload["emergency"], "id": ""} == {
        "id": "",
        "category": "UNCONSCIOUS",
        "openedAt": "2026-11-22T06:00:00+00:00",
        "expiresAt": "2026-11-22T06:30:00+00:00",
    }
    person_gid = encode_id("Person", person.person_id)
    seen = await face.ask(doctor, f'{{ actingFor(personId: "{person_gid}") {{ person {{ givenName }} }} }}')
    assert seen.data == {"actingFor": {"person": {"givenName": "Анна"}}}
    inbox = await face.ask(person, "{ viewer { inbox { nodes { kind severity title } } } }")
    assert inbox.data["viewer"]["inbox"]["nodes"] == [
        {"kind": "EMERGENCY_ACCESS", "severity": "CRITICAL", "title": "Срочный доступ к вашим данным"}
    ]
    [*looks, broke] = await face.log(person)
    assert broke["actions"] == [{"code": "break_glass", "name": "открыть данные в экстренном порядке"}]
    assert {(one["role"], one["purpose"], one["outcome"]) for one in looks} == {
        ("CLINICIAN_IN_EMERGENCY", "EMERGENCY", "ALLOWED")
    }
    assert broke["organization"] == {"ogrn": OGRN, "name": None}
    [review] = await face.queue()
    assert review["emergency"] == {
        "category": "UNCONSCIOUS",
        "reason": REASON,
        "openedAt": "2026-11-22T06:00:00+00:00",
        "expiresAt": "2026-11-22T06:30:00+00:00",
    }
    assert (review["personId"], review["actorId"]) == (person_gid, encode_id("Person", doctor.person_id))
    assert (review["dueAt"], review["isOverdue"]) == ("2026-11-23T06:00:00+00:00", False)
    face.corner.clock.advance(timedelta(days=1))
    assert [one["isOverdue"] for one in await face.queue()] == [True]
    settled = await face.act(OFFICER, SETTLE, reviewId=review["id"], verdict="JUSTIFIED", note="Вызов подтверждён")
    assert settled["errors"] == []
    assert (settled["review"]["state"], settled["review"]["isOverdue"]) == ("SETTLED", False)
    assert await face.queue() == []


async def test_the_person_says_that_it_was_not_right_and_sees_the_verdict(face: Face) -> None:
    person = make_principal(await add_person(face.corner.database))
    doctor_id = await add_person(face.corner.database, family_name="Чужой", given_name="Врач", patronymic=None)
    doctor = make_principal(doctor_id, kind=ActorKind.CLINICIAN)
    person_gid = encode_id("Person", person.person_id)
    refused = await face.ask(doctor, f'{{ actingFor(personId: "{person_gid}") {{ person {{ givenName }} }} }}')
    assert refused.codes == {"actingFor": "ACCESS_REFUSED"}
    [entry] = await face.log(person)
    assert (entry["outcome"], entry["role"], entry["report"]) == ("DENIED", None, None)
    assert entry["actor"] == {"kind": "CLINICIAN", "isSelf": False, "name": "Чужой Врач"}
    payload = await face.act(person, REPORT, entryId=entry["id"], comment="Не знаю этого врача")
    assert payload["errors"] == []
    report = {"reportedAt": "2026-11-22T06:00:00+00:00", "state": "OPEN", "verdict": None, "settledAt": None}
    assert payload["entry"] == {**entry, "report": report}
    assert (await face.ask(person, NODE, id=entry["id"])).data["node"] == payload["entry"]
    [review] = await face.queue()
    assert (review["comment"], review["entry"]["actions"]) == ("Не знаю этого врача", [{"code": "read_profile"}])
    await face.act(OFFICER, SETTLE, reviewId=review["id"], verdict="UNJUSTIFIED", note="Нет основания")
    [shown] = [one for one in await face.log(person) if one["id"] == entry["id"]]
    assert shown["report"] == {
        "reportedAt": "2026-11-22T06:00:00+00:00",
        "state": "SETTLED",
        "verdict": "UNJUSTIFIED",
        "settledAt": "2026-11-22T06:00:00+00:00",
    }
    again = await face.act(OFFICER, SETTLE, reviewId=review["id"], verdict="JUSTIFIED", note="Всё же")
    assert again == {"review": None, "errors": [{"code": "REVIEW_ALREADY_SETTLED", "path": ["input", "reviewId"]}]}


async def test_the_log_is_paged_and_narrowed(face: Face) -> None:
    person = make_principal(await add_person(face.corner.database))
    await face.open(clinician(), person.person_id)
    for _ in range(2):
        await face.open(staff(ActorKind.OPERATOR), person.person_id)
    first = (await face.ask(person, LOG, first=2)).data["viewer"]["accessLog"]
    second = (await face.ask(person, LOG, first=2, after=first["pageInfo"]["endCursor"])).data["viewer"]["accessLog"]
    outcomes = [one["outcome"] for one in (*first["nodes"], *second["nodes"])]
    assert (outcomes, second["pageInfo"]["hasNextPage"]) == (["DENIED", "DENIED", "ALLOWED"], False)
    assert len(await face.log(person, filter={"outcome": "DENIED", "othersOnly": True})) == 2
    wrong = ("x", encode_cursor("0"), encode_cursor("-1"), encode_cursor("٣"), encode_cursor(str(2**62)))
    for cursor in (*wrong, encode_cursor("1", "2")):
        assert (await face.ask(person, LOG, after=cursor)).codes == {"viewer.accessLog": "BAD_CURSOR"}
    for cursor in ("x", encode_cursor("2026-11-22T06:00:00", uuid7().hex), encode_cursor("x", "y")):
        assert (await face.ask(OFFICER, QUEUE, after=cursor)).codes == {"reviewQueue": "BAD_CURSOR"}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"reason": "срочно"}, "EMERGENCY_REASON_INVALID", "reason"),
        ({"personId": "x"}, "ACCESS_REFUSED", None),
        ({"personId": encode_id("Person", uuid7())}, "ACCESS_REFUSED", None),
    ],
)
async def test_an_emergency_that_is_refused_says_why(
    face: Face, changes: dict[str, Any], code: str, field: str | None
) -> None:
    payload = await face.open(clinician(), await add_person(face.corner.database), **changes)
    assert payload == {"emergency": None, "errors": [{"code": code, "path": ["input", field] if field else None}]}
    assert await face.queue() == []


async def test_a_foreign_a_missing_and_a_malformed_entry_answer_alike(face: Face) -> None:
    """S36."""
    person, other = [make_principal(await add_person(face.corner.database)) for _ in range(2)]
    await face.open(clinician(), other.person_id)
    [foreign] = await face.log(other)
    for wrong in (foreign["id"], encode_id("AccessLogEntry", uuid7()), encode_id("Slot", uuid7()), "x"):
        payload = await face.act(person, REPORT, entryId=wrong)
        assert payload == {"entry": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "entryId"]}]}
        assert (await face.ask(person, NODE, id=wrong)).codes == {"node": "NOT_FOUND"}
    assert [one["source"] for one in await face.queue()] == ["EMERGENCY"]


async def test_own_use_of_this_hour_is_shown_with_its_names(face: Face) -> None:
    person = make_principal(await add_person(face.corner.database))
    own = face.corner.access._own
    await face.ask(person, "{ viewer { unreadCount } }")
    await own.flush(face.corner.database.transaction)
    answer = await face.ask(person, "{ viewer { ownAccesses { hour kind times actions { code name } } } }")
    [hour] = answer.data["viewer"]["ownAccesses"]
    assert (hour["hour"], hour["kind"]) == ("2026-11-22T06:00:00+00:00", "CITIZEN")
    assert {"code": "read_inbox", "name": "прочитать сообщения"} in hour["actions"]


async def test_what_was_done_at_a_kiosk_says_in_which_clinic(face: Face) -> None:
    person = make_principal(await add_person(face.corner.database))
    kiosk = replace(make_principal(person.person_id, kind=ActorKind.KIOSK), key_thumbprint=MACHINE)
    await face.ask(kiosk, "{ viewer { person { givenName } } }")
    await face.corner.access._own.flush(face.corner.database.transaction)
    answer = await face.ask(person, "{ viewer { ownAccesses { kind clinic } } }")
    assert answer.data["viewer"]["ownAccesses"] == [{"kind": "KIOSK", "clinic": "Поликлиника № 3"}]
    async with face.corner.database.transaction() as session:
        await chain_hours(session, NOW + timedelta(hours=2))
    answer = await face.ask(person, "{ viewer { accessLog { nodes { actor { kind } role clinic } } } }")
    [entry] = answer.data["viewer"]["accessLog"]["nodes"]
    assert entry == {"actor": {"kind": "KIOSK"}, "role": "AT_KIOSK", "clinic": "Поликлиника № 3"}


def test_the_words_of_the_log_are_whole() -> None:
    """What capacities, kinds and actions there are has its word; a new one cannot be forgotten."""
    for ours, shown in (
        (ActorKind, words.ActorKind),
        (Capacity, words.AccessRole),
        (Purpose, words.AccessPurpose),
        (AuditOutcome, words.AccessOutcome),
        (EmergencyCategory, words.EmergencyCategory),
        (ReviewSource, words.ReviewSource),
        (ReviewState, words.ReviewState),
        (Verdict, words.ReviewVerdict),
    ):
        assert {one.value for one in ours} == {getattr(one.value, "value", one.value) for one in shown}
    assert IN_RUSSIAN.keys() == set(Action)
    assert action_name("read_policy", "en") == RULES[Action.READ_POLICY].told
    assert action_name("a_word_of_old", "ru") == "a_word_of_old"
