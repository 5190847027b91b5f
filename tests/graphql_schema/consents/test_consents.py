"""Consents through the graph."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.catalogue import Language
from graphql_schema.node import encode_id
from identity.consent_wordings import consent_texts
from identity.principal import Assurance, Principal
from tests.factories.consents import AMBULANCE_ACCESS, CLINICIAN_ACCESS, OGRN, shipped
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.own_corner import Answer, OwnCorner

TEXTS = """query ($purpose: String) { consentTexts(purpose: $purpose) {
  purpose version language title text hash recipientKinds longestDays sections { heading text } } }"""
CONSENT = """id state givenAt expiresAt withdrawnAt withdrawnBySelf replacedAt
  recipient { kind ogrn clinicianId } signature { byPersonId isBySelf assurance authenticatedAt }
  text { purpose version language hash }"""
REGISTER = f"""query ($first: Int, $after: String) {{ viewer {{ consents(first: $first, after: $after) {{
  nodes {{ {CONSENT} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
GIVE = f"""mutation ($input: GiveConsentInput!) {{ giveConsent(input: $input) {{
  consent {{ {CONSENT} }} errors {{ code path message }} }} }}"""
WITHDRAW = f"""mutation ($input: WithdrawConsentInput!) {{ withdrawConsent(input: $input) {{
  consent {{ {CONSENT} }} errors {{ code path }} }} }}"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on Consent {{ {CONSENT} }} }} }}"


class Face:
    """One person who looks at the texts and signs."""

    def __init__(self, database: Database) -> None:
        self.corner = OwnCorner(database)

    async def person(self) -> Principal:
        return make_principal(await add_person(self.corner.database))

    async def text(self, purpose: str = CLINICIAN_ACCESS, *, language: Language = "ru") -> dict[str, Any]:
        answer = await self.corner.ask(None, TEXTS, language=language, purpose=purpose)
        [text] = answer.data["consentTexts"]
        return dict(text)

    async def give(
        self, person: Principal | None, *, key: UUID | None = None, **changes: Any
    ) -> tuple[dict[str, Any], Answer]:
        text = await self.text(changes.get("purpose", CLINICIAN_ACCESS))
        said = {"purpose": text["purpose"], "textHash": text["hash"], "recipient": {"ogrn": OGRN}, **changes}
        answer = await self.corner.ask(person, GIVE, input={**said, "idempotencyKey": str(key or uuid7())})
        return (answer.data or {}).get("giveConsent") or {}, answer

    async def withdraw(self, person: Principal, consent_id: str) -> dict[str, Any]:
        answer = await self.corner.ask(
            person, WITHDRAW, input={"consentId": consent_id, "idempotencyKey": str(uuid7())}
        )
        return dict(answer.data["withdrawConsent"])


@pytest.fixture
def face(database: Database) -> Face:
    return Face(database)


@pytest.mark.parametrize(("language", "heading"), [("ru", "Субъект"), ("en", "Subject")])
async def test_the_text_is_shown_whole_with_its_seven_sections(face: Face, language: Language, heading: str) -> None:
    text = await face.text(language=language)
    wording = shipped().wordings[language]
    assert (text["hash"], text["text"], text["title"]) == (wording.hash, wording.text, wording.title)
    assert (text["language"], text["version"], text["longestDays"]) == (language, 1, 365)
    assert text["recipientKinds"] == ["CLINICIAN", "ORGANIZATION"]
    assert [one["text"] for one in text["sections"]] == list(wording.parts)
    assert text["sections"][0]["heading"] == heading


async def test_all_texts_are_shown_to_everybody(face: Face) -> None:
    answer = await face.corner.ask(None, TEXTS)
    assert [one["purpose"] for one in answer.data["consentTexts"]] == list(consent_texts().purposes)


async def test_a_consent_is_given_read_and_withdrawn(face: Face) -> None:
    person = await face.person()
    payload, _ = await face.give(person, expiresAt="2026-12-22T09:00:00+03:00")
    given = payload["consent"]
    assert payload["errors"] == []
    assert {name: value for name, value in given.items() if name != "id"} == {
        "state": "IN_FORCE",
        "givenAt": "2026-11-22T06:00:00+00:00",
        "expiresAt": "2026-12-22T06:00:00+00:00",
        "withdrawnAt": None,
        "withdrawnBySelf": None,
        "replacedAt": None,
        "recipient": {"kind": "ORGANIZATION", "ogrn": OGRN, "clinicianId": None},
        "signature": {
            "byPersonId": encode_id("Person", person.person_id),
            "isBySelf": True,
            "assurance": "confirmed",
            "authenticatedAt": None,
        },
        "text": {
            "purpose": CLINICIAN_ACCESS,
            "version": 1,
            "language": "ru",
            "hash": shipped().wordings["ru"].hash,
        },
    }
    assert (await face.corner.ask(person, REGISTER)).data["viewer"]["consents"]["nodes"] == [given]
    assert (await face.corner.ask(person, NODE, id=given["id"])).data["node"] == given
    withdrawn = (await face.withdraw(person, given["id"]))["consent"]
    changed = {"state": "WITHDRAWN", "withdrawnAt": "2026-11-22T06:00:00+00:00", "withdrawnBySelf": True}
    assert withdrawn == {**given, **changed}


async def test_the_register_says_what_became_of_each(face: Face) -> None:
    person, clinician_id = await face.person(), encode_id("Person", uuid7())
    await face.give(person)
    await face.give(person, recipient={"clinicianId": clinician_id}, expiresAt="2026-11-22T10:00:00+03:00")
    face.corner.clock.advance(timedelta(hours=2))
    await face.give(person)
    await face.give(person, purpose=AMBULANCE_ACCESS, recipient=None)
    first = await face.corner.ask(person, REGISTER, first=3)
    page = first.data["viewer"]["consents"]
    second = await face.corner.ask(person, REGISTER, first=3, after=page["pageInfo"]["endCursor"])
    nodes = [*page["nodes"], *second.data["viewer"]["consents"]["nodes"]]
    assert [(one["text"]["purpose"], one["recipient"]["kind"], one["state"]) for one in nodes] == [
        (AMBULANCE_ACCESS, "PURPOSE", "IN_FORCE"),
        (CLINICIAN_ACCESS, "ORGANIZATION", "IN_FORCE"),
        (CLINICIAN_ACCESS, "CLINICIAN", "EXPIRED"),
        (CLINICIAN_ACCESS, "ORGANIZATION", "REPLACED"),
    ]
    assert nodes[2]["recipient"]["clinicianId"] == clinician_id


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"textHash": "0" * 64}, "CONSENT_TEXT_UNKNOWN", "textHash"),
        ({"recipient": None}, "CONSENT_RECIPIENT_NOT_ALLOWED", "recipient"),
        ({"recipient": {}}, "CONSENT_RECIPIENT_NOT_ALLOWED", "recipient"),
        ({"recipient": {"ogrn": "1027700132196"}}, "CONSENT_RECIPIENT_INVALID", "recipient"),
        ({"recipient": {"ogrn": OGRN, "clinicianId": "x"}}, "CONSENT_RECIPIENT_INVALID", "recipient"),
        ({"recipient": {"clinicianId": "x"}}, "CONSENT_RECIPIENT_INVALID", "recipient"),
        ({"recipient": {"clinicianId": encode_id("Slot", uuid7())}}, "CONSENT_RECIPIENT_INVALID", "recipient"),
        ({"expiresAt": "2026-11-22T06:00:00+00:00"}, "CONSENT_TERM_INVALID", "expiresAt"),
        ({"personId": encode_id("Person", uuid7())}, "ACCESS_REFUSED", None),
        ({"personId": "x"}, "ACCESS_REFUSED", None),
    ],
)
async def test_a_refusal_names_what_was_refused(
    face: Face, changes: dict[str, Any], code: str, field: str | None
) -> None:
    person = await face.person()
    payload, _ = await face.give(person, **changes)
    assert payload["consent"] is None
    [error] = payload["errors"]
    assert (error["code"], error["path"]) == (code, ["input", field] if field else None)
    assert (await face.corner.ask(person, REGISTER)).data["viewer"]["consents"]["nodes"] == []


async def test_a_repeated_key_is_marked(face: Face) -> None:
    person, key = await face.person(), uuid7()
    first, _ = await face.give(person, key=key)
    again, answer = await face.give(person, key=key)
    assert (again, answer.extensions) == (first, {"replayed": True})
    other, _ = await face.give(person, key=key, expiresAt="2026-11-30T06:00:00+00:00")
    assert (other["errors"][0]["code"], other["errors"][0]["path"]) == (
        "IDEMPOTENCY_KEY_REUSED",
        ["input", "idempotencyKey"],
    )


async def test_a_foreign_a_missing_and_a_malformed_consent_answer_alike(face: Face) -> None:
    """S36."""
    person, other = await face.person(), await face.person()
    foreign = (await face.give(other))[0]["consent"]["id"]
    for wrong in (foreign, encode_id("Consent", uuid7()), encode_id("Slot", uuid7()), "x"):
        payload = await face.withdraw(person, wrong)
        assert payload == {"consent": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "consentId"]}]}
        assert (await face.corner.ask(person, NODE, id=wrong)).codes == {"node": "NOT_FOUND"}
    nodes = (await face.corner.ask(other, REGISTER)).data["viewer"]["consents"]["nodes"]
    assert [one["state"] for one in nodes] == ["IN_FORCE"]


async def test_nobody_and_the_unconfirmed_sign_nothing(face: Face) -> None:
    person = await face.person()
    _, answer = await face.give(None)
    assert answer.codes == {"giveConsent": "UNAUTHENTICATED"}
    payload, _ = await face.give(make_principal(person.person_id, assurance=Assurance.STANDARD))
    assert payload["errors"][0]["code"] == "ACCOUNT_NOT_CONFIRMED"
    answer = await face.corner.ask(person, REGISTER, after="x")
    assert answer.codes == {"viewer.consents": "BAD_CURSOR"}
    assert face.corner.clock() == NOW
