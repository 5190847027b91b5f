"""Mutations of desks, consents and rights, each with a scene in which it goes well: its inputs are spoilt one by one.

What can be spoilt is read from the schema: every id and every text of an input must have its code here, or the test
fails that sends them. What scalars refuse by themselves (telephones, dates, keys) never reaches a mutation.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type
from sqlmodel import col, update
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.rights.tables import DataExportRow
from backend.rights.values import ExportState
from graphql_schema.node import encode_id
from identity.emergencies import EmergencyMandates
from identity.principal import ActorKind, Principal
from tests.factories.booking import Registry
from tests.factories.calls import DIGITS, NUMBER, add_insured, make_operator
from tests.factories.consents import CLINICIAN_ACCESS, OGRN, clinician, shipped, staff
from tests.factories.devices import DeviceKey
from tests.factories.family import WARD
from tests.factories.kiosks import stand_at_kiosk
from tests.factories.oversight import REASON
from tests.factories.people import NOW, add_person, make_principal
from tests.factories.reception import Reception
from tests.factories.sessions import add_account
from tests.graphql_schema import reception_inputs as desk
from tests.graphql_schema.own_corner import SCHEMA, OwnCorner

SAID: Mapping[str, str] = {"familyName": "Соколова", "givenName": "Анна", "birthDate": "1984-05-17"}
SPOILT = frozenset({"ID", "String"})
NESTED: Mapping[str, Mapping[str, Any]] = {"person": SAID, "recipient": {"ogrn": OGRN}, "window": {}}
"""What stands around a spoilt part of an input within an input."""


class Scene:
    """Everybody around one database."""

    def __init__(self, database: Database) -> None:
        self.corner = OwnCorner(database, sources=(EmergencyMandates(),))
        self.officer, self.doctor = staff(ActorKind.AUDITOR), clinician()
        self.is_anna_known = False
        self.reception = desk.make_reception(database)
        self.slots = 0
        self.registry = Registry(database)

    async def person(self) -> Principal:
        """Add a citizen."""
        return make_principal(await add_person(self.corner.database))

    async def act(self, actor: Principal, mutation: str, answer: str = "", **given: Any) -> dict[str, Any]:
        """Send a mutation under a new key unless one is given; return its payload."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        text = f"mutation ($input: {kind}) {{ {mutation}(input: $input) {{ {answer} errors {{ code path }} }} }}"
        said = {"idempotencyKey": str(uuid7()), **given}
        result = await self.corner.ask(actor, text, input=said)
        assert result.codes == {}, (mutation, given, result.codes)
        return dict(result.data[mutation])

    async def do(self, actor: Principal, mutation: str, answer: str, **given: Any) -> dict[str, Any]:
        """Send a mutation that must go well; return the part of its payload."""
        payload = await self.act(actor, mutation, answer, **given)
        assert payload["errors"] == [], (mutation, payload)
        return dict(payload[answer.partition(" ")[0]])

    async def ask(self, actor: Principal, text: str) -> Any:
        """Read something."""
        return (await self.corner.ask(actor, text)).data


Ready = tuple[Principal, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutation with its scene.

    Attributes:
        ready: Makes all ready; returns who sends what so that it goes well.
        codes: Of each part of the input that can be spoilt, with dots; None where it must not be told.
        again: What the same wish under another key is refused with, now that it is done; None where it is done again.
    """

    ready: Callable[[Scene], Awaitable[Ready]]
    codes: Mapping[str, str | None] = field(default_factory=dict)
    again: str | None = None


async def _calling(scene: Scene) -> Ready:
    if not scene.is_anna_known:  # two of one name and birth date would be nobody
        await add_insured(scene.corner.database)
        scene.is_anna_known = True
    return make_operator(), {"callerNumber": NUMBER}


async def _in_call(scene: Scene) -> Ready:
    operator, given = await _calling(scene)
    return operator, {"callId": (await scene.do(operator, "openCall", "call { id }", **given))["id"]}


async def _with_caller(scene: Scene) -> Ready:
    operator, call = await _in_call(scene)
    return operator, {**call, "person": SAID}


async def _answered(scene: Scene) -> Ready:
    operator, said = await _with_caller(scene)
    return operator, {**said, "policyDigits": DIGITS}


async def _verified(scene: Scene) -> Ready:
    operator, answer = await _answered(scene)
    await scene.do(operator, "verifyCaller", "call { id }", **answer)
    return operator, {"callId": answer["callId"]}


async def _holding(scene: Scene) -> Ready:
    operator, call = await _verified(scene)
    chosen = await scene.do(operator, "choosePatient", "call { patient { person { id } } }", **call)
    patient_id = chosen["patient"]["person"]["id"]
    registry = scene.registry
    place = await registry.add_place(await registry.add_clinic(), specialty=f"s{uuid7().hex[:20]}")
    scene.slots += 1
    [slot_id] = await registry.add_slots(place, [NOW + timedelta(hours=scene.slots)])
    wish = {"slotId": encode_id("Slot", slot_id), "personId": patient_id, "channel": "CALL_122"}
    held = await scene.do(operator, "holdSlot", "hold { id }", **wish)
    return operator, {"personId": patient_id, "about": held["id"]}


async def _busy(scene: Scene) -> Ready:
    return await scene.person(), {"reason": "BOOKING"}


async def _called_back(scene: Scene) -> Ready:
    person, wish = await _busy(scene)
    asked = await scene.do(person, "requestCallBack", "callBack { id }", **wish)
    return person, {"callBackId": asked["id"]}


async def _free(scene: Scene) -> Ready:
    await _called_back(scene)
    return make_operator(), {}


async def _calling_back(scene: Scene) -> Ready:
    operator, _ = await _free(scene)
    taken = await scene.do(operator, "takeCallBack", "callBack { id }")
    return operator, {"callBackId": taken["id"], "outcome": "REACHED"}


async def _wishing(scene: Scene) -> Ready:
    person, text = await scene.person(), shipped().wordings["ru"].hash
    return person, {"purpose": CLINICIAN_ACCESS, "textHash": text, "recipient": {"ogrn": OGRN}}


async def _consenting(scene: Scene) -> Ready:
    person, wish = await _wishing(scene)
    return person, {"consentId": (await scene.do(person, "giveConsent", "consent { id }", **wish))["id"]}


async def _hurt(scene: Scene) -> Ready:
    person_id = encode_id("Person", (await scene.person()).person_id)
    return scene.doctor, {"personId": person_id, "category": "UNCONSCIOUS", "reason": REASON}


async def _looked_at(scene: Scene) -> Ready:
    person = await scene.person()
    emergency = {"category": "UNCONSCIOUS", "reason": REASON, "personId": encode_id("Person", person.person_id)}
    await scene.do(scene.doctor, "openEmergencyAccess", "emergency { id }", **emergency)
    log = await scene.ask(person, "{ viewer { accessLog { nodes { id } } } }")
    return person, {"entryId": log["viewer"]["accessLog"]["nodes"][0]["id"], "comment": "Не знаю этого врача"}


async def _reviewing(scene: Scene) -> Ready:
    await _looked_at(scene)
    [*_, review] = (await scene.ask(scene.officer, "{ reviewQueue { nodes { id } } }"))["reviewQueue"]["nodes"]
    return scene.officer, {"reviewId": review["id"], "verdict": "JUSTIFIED", "note": "Вызов подтверждён"}


async def _alone(scene: Scene) -> Ready:
    return await scene.person(), {}


async def _copying(scene: Scene) -> Ready:
    person = await scene.person()
    copy = await scene.do(person, "requestExport", "export { id }")
    is_made = {"state": ExportState.READY, "data_key": b"k", "ready_at": NOW, "expires_at": NOW + timedelta(days=1)}
    async with scene.corner.database.transaction() as session:
        mine = col(DataExportRow.requested_by) == person.person_id
        await session.exec(update(DataExportRow).where(mine).values(**is_made))
    return person, {"exportId": copy["id"]}


async def _leaving(scene: Scene) -> Ready:
    person = await scene.person()
    await scene.do(person, "requestErasure", "erasure { state }")
    return person, {}


async def _checking(scene: Scene) -> Ready:
    told = await scene.do(await scene.person(), "registerGuardianship", "guardianship { id }", **WARD)
    return scene.officer, {"guardianshipId": told["id"], "verdict": "CONFIRMED", "note": "Подлинник предъявлен"}


async def _guarded(scene: Scene) -> Ready:
    officer, check = await _checking(scene)
    settled = await scene.do(officer, "settleGuardianship", "guardianship { representationId }", **check)
    return officer, {"representationId": settled["representationId"], "note": "Решение суда"}


async def _at_kiosk(scene: Scene) -> Ready:
    person_id = await add_account(scene.corner.database, now=NOW)
    key = DeviceKey(scene.corner.clock).thumbprint
    actor, _ = await stand_at_kiosk(scene.corner.database, person_id, key, now=NOW)
    return actor, {}


async def _handed_over(scene: Scene) -> Ready:
    actor, _ = await _at_kiosk(scene)
    made = await scene.do(actor, "createHandover", "handover { code }")
    return make_principal(actor.person_id), {"code": made["code"]}


async def _choosing(scene: Scene) -> Ready:
    return await scene.person(), {"changes": [{"topic": "CAMPAIGNS", "channel": "SMS", "isOn": False}]}


async def _sleeping(scene: Scene) -> Ready:
    return await scene.person(), {"isOn": True, "startsAt": "22:00", "endsAt": "08:00"}


async def _refused(scene: Scene) -> Ready:
    return await scene.person(), {"channel": "SMS"}


async def _followed(scene: Scene) -> Ready:
    actor = await scene.person()
    await scene.do(actor, "createCalendarFeed", "feed { detail }")
    return actor, {}


async def _telling_more(scene: Scene) -> Ready:
    actor, _ = await _followed(scene)
    return actor, {"detail": "FULL"}


def _at_desk(ready: Callable[[Reception], Awaitable[Ready]]) -> Callable[[Scene], Awaitable[Ready]]:
    return lambda scene: ready(scene.reception)


_OF_PERSON = {"personId": "ACCESS_REFUSED"}
_NAMES = ("person.familyName", "person.givenName", "person.patronymic")

TRIED: Mapping[str, Tried] = {
    "createHandover": Tried(_at_kiosk, {"about": "HANDOVER_SUBJECT_NOT_FOUND"}),
    "acceptHandover": Tried(_handed_over, {"code": "HANDOVER_CODE_INVALID"}, "HANDOVER_CODE_INVALID"),
    "createCallHandover": Tried(_holding, {**_OF_PERSON, "about": "HANDOVER_SUBJECT_NOT_FOUND"}),
    "openCall": Tried(_calling, {}, "CALL_ALREADY_OPEN"),
    "sendCallerCode": Tried(_with_caller, {"callId": "CALL_NOT_OPEN", **dict.fromkeys(_NAMES)}),  # never told
    "verifyCaller": Tried(
        _answered,
        {
            "callId": "CALL_NOT_OPEN",
            "code": "CALLER_ANSWER_INVALID",
            "policyDigits": "CALLER_ANSWER_INVALID",
            **dict.fromkeys(_NAMES, "CALLER_NOT_VERIFIED"),
        },
        "CALL_VERIFICATION_CLOSED",
    ),
    "choosePatient": Tried(_verified, {"callId": "CALL_NOT_OPEN", **dict.fromkeys(_NAMES, "PATIENT_NOT_REPRESENTED")}),
    "closeCall": Tried(_in_call, {"callId": "CALL_NOT_OPEN"}),
    "requestCallBack": Tried(
        _busy,
        {**_OF_PERSON, **dict.fromkeys(("window.hoursFrom", "window.hoursUntil"), "CALL_BACK_WINDOW_INVALID")},
        "CALL_BACK_EXISTS",
    ),
    "cancelCallBack": Tried(_called_back, {**_OF_PERSON, "callBackId": "CALL_BACK_NOT_FOUND"}, "CALL_BACK_OVER"),
    "takeCallBack": Tried(_free, {}, "CALL_BACK_UNSETTLED"),
    "settleCallBack": Tried(_calling_back, {"callBackId": "CALL_BACK_NOT_TAKEN"}, "CALL_BACK_NOT_TAKEN"),
    "giveConsent": Tried(
        _wishing,
        {
            **_OF_PERSON,
            "purpose": "CONSENT_TEXT_UNKNOWN",
            "textHash": "CONSENT_TEXT_UNKNOWN",
            "recipient.clinicianId": "CONSENT_RECIPIENT_INVALID",
            "recipient.ogrn": "CONSENT_RECIPIENT_INVALID",
        },
    ),
    "withdrawConsent": Tried(_consenting, {**_OF_PERSON, "consentId": "NOT_FOUND"}),
    "openEmergencyAccess": Tried(_hurt, {**_OF_PERSON, "reason": "EMERGENCY_REASON_INVALID"}, "EMERGENCY_STILL_OPEN"),
    "reportAccess": Tried(_looked_at, {**_OF_PERSON, "entryId": "NOT_FOUND", "comment": "COMMENT_REFUSED"}),
    "settleReview": Tried(_reviewing, {"reviewId": "NOT_FOUND", "note": "COMMENT_REFUSED"}, "REVIEW_ALREADY_SETTLED"),
    "requestExport": Tried(_alone, _OF_PERSON, "EXPORT_IN_PROGRESS"),
    "deleteExport": Tried(_copying, {**_OF_PERSON, "exportId": "EXPORT_NOT_FOUND"}, "EXPORT_NOT_READY"),
    "requestErasure": Tried(_alone, {}, "ERASURE_IN_PROGRESS"),
    "cancelErasure": Tried(_leaving, {}, "ERASURE_NOT_WAITING"),
    "setNotificationPreferences": Tried(_choosing, _OF_PERSON),
    "setQuietHours": Tried(
        _sleeping, {**_OF_PERSON, "startsAt": "QUIET_HOURS_INVALID", "endsAt": "QUIET_HOURS_INVALID"}
    ),
    "liftChannelRefusal": Tried(_refused, _OF_PERSON),
    "createCalendarFeed": Tried(_alone, _OF_PERSON),
    "changeCalendarFeed": Tried(_telling_more, _OF_PERSON),
    "revokeCalendarFeed": Tried(_followed, _OF_PERSON, "CALENDAR_FEED_NOT_FOUND"),
    "settleGuardianship": Tried(
        _checking,
        {"guardianshipId": "GUARDIANSHIP_NOT_FOUND", "note": "OFFICER_NOTE_REFUSED"},
        "GUARDIANSHIP_NOT_FOUND",
    ),
    "endRepresentationByLaw": Tried(
        _guarded,
        {"representationId": "REPRESENTATION_NOT_FOUND", "note": "OFFICER_NOTE_REFUSED"},
        "REPRESENTATION_ENDED",
    ),
    "addScheduleTemplate": Tried(
        _at_desk(desk.planning),
        {"postId": "NOT_FOUND", **dict.fromkeys(("opens", "closes", "releaseAt"), "SCHEDULE_TEMPLATE_REFUSED")},
        "SCHEDULE_TEMPLATE_OVERLAPS",
    ),
    "endScheduleTemplate": Tried(_at_desk(desk.ending), {"templateId": "NOT_FOUND"}),
    "publishSchedule": Tried(_at_desk(desk.publishing), {"postId": "NOT_FOUND"}),
    "closeReception": Tried(_at_desk(desk.closing), {"postId": "NOT_FOUND"}),
    "setReleaseQueue": Tried(_at_desk(desk.switching), {"postId": "NOT_FOUND"}),
    "proposeCancellation": Tried(_at_desk(desk.proposing), {"clinicId": "NOT_FOUND", "doctorId": "NOT_FOUND"}),
    "confirmCancellation": Tried(_at_desk(desk.confirming), {"proposalId": "NOT_FOUND"}),
    "closeVisit": Tried(_at_desk(desk.visited), {"appointmentId": "APPOINTMENT_NOT_FOUND"}),
    "appealNoShow": Tried(
        _at_desk(desk.missed),
        {**_OF_PERSON, "appointmentId": "APPOINTMENT_NOT_FOUND", "text": "APPEAL_TEXT_REFUSED"},
        "APPEAL_NOT_POSSIBLE",
    ),
    "settleNoShowAppeal": Tried(
        _at_desk(desk.appealed), {"appointmentId": "APPOINTMENT_NOT_FOUND"}, "APPEAL_NOT_POSSIBLE"
    ),
}


def spoilable(mutation: str) -> Iterator[tuple[str, str]]:
    """Yield every part of an input that can be spoilt, with dots, and its scalar."""
    yield from _parts(SCHEMA._schema.type_map[f"{mutation[0].upper()}{mutation[1:]}Input"], "")


def _parts(kind: Any, before: str) -> Iterator[tuple[str, str]]:
    for name, part in kind.fields.items():
        named = get_named_type(part.type)
        if isinstance(named, GraphQLInputObjectType):
            yield from _parts(named, f"{before}{name}.")
        elif named.name in SPOILT:
            yield f"{before}{name}", named.name


def spoil(right: Mapping[str, Any], part: str, wrong: str) -> dict[str, Any]:
    """Return an input with one part of it spoilt."""
    outer, _, inner = part.partition(".")
    return {**right, outer: {**NESTED[outer], **(right.get(outer) or {}), inner: wrong} if inner else wrong}
