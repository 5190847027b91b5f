"""What is true of each kind of message: how hard it presses, its topic, how long it is of use, and when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from notifications.messages import Message, MessageKind, Severity
from notifications.parameters import read_given
from notifications.topics import TOPICS, Statutory, Topic


@dataclass(frozen=True, slots=True)
class KindFacts:
    """One kind; `sent_when` is for docs/messages.md.

    It is of use until the instant or the end of the day that the parameter `until` tells, or for `lasts`, or without
    an end.
    """

    topic: Topic
    sent_when: str
    severity: Severity = Severity.TRANSACTIONAL
    until: str | None = None
    lasts: timedelta | None = None

    @property
    def statutory(self) -> Statutory | None:
        """Return why nobody can switch it off, or None when everybody can."""
        return TOPICS[self.topic].statutory


REGION_ZONE = "Europe/Moscow"
"""The demo region's; (config) with the region."""

_CODE_LASTS = timedelta(minutes=5)
_CREW_LASTS = timedelta(minutes=30)
_NEWS_LASTS = timedelta(days=3)

KINDS: Mapping[MessageKind, KindFacts] = MappingProxyType(
    {
        MessageKind.ACCESS_REVIEW_SETTLED: KindFacts(
            Topic.SECURITY, "an officer has settled what the person reported, or an emergency"
        ),
        MessageKind.AMBULANCE_ARRIVED: KindFacts(
            Topic.AMBULANCE, "the crew is on the scene", Severity.CRITICAL, lasts=_CREW_LASTS
        ),
        MessageKind.AMBULANCE_ASSIGNED: KindFacts(
            Topic.AMBULANCE,
            "a crew has accepted the call, or another one took it over",
            Severity.CRITICAL,
            lasts=_CREW_LASTS,
        ),
        MessageKind.AMBULANCE_NEAR: KindFacts(
            Topic.AMBULANCE, "the crew is a few minutes away", Severity.CRITICAL, lasts=timedelta(minutes=10)
        ),
        MessageKind.APPOINTMENT_BOOKED: KindFacts(Topic.APPOINTMENTS, "an appointment was booked", until="starts_at"),
        MessageKind.APPOINTMENT_CANCELLED: KindFacts(
            Topic.APPOINTMENTS, "an appointment was given up, by whomever", until="starts_at"
        ),
        MessageKind.APPOINTMENT_MOVED: KindFacts(
            Topic.APPOINTMENTS, "an appointment has another time or place", until="starts_at"
        ),
        MessageKind.APPOINTMENT_NOT_CONFIRMED: KindFacts(
            Topic.APPOINTMENTS, "a clinic that was asked has not booked the appointment", until="starts_at"
        ),
        MessageKind.APPOINTMENT_REMINDER: KindFacts(
            Topic.APPOINTMENTS, "an appointment comes near that was not booked within the last day", until="starts_at"
        ),
        MessageKind.APPOINTMENT_REPLACEMENT_OFFERED: KindFacts(
            Topic.APPOINTMENTS,
            "the clinic cancelled an appointment and keeps another slot for the person",
            until="deadline_at",
        ),
        MessageKind.CALLER_CODE: KindFacts(
            Topic.SECURITY, "an operator of 122 asks the caller for a code", Severity.CRITICAL, lasts=_CODE_LASTS
        ),
        MessageKind.CALL_BACK_REQUESTED: KindFacts(
            Topic.SERVICE,
            "somebody is to be called back by 122, at the person's wish or another's",
            until="deadline_at",
        ),
        MessageKind.CALL_BACK_UNREACHED: KindFacts(
            Topic.SERVICE, "122 will not call back: nobody answered, or nobody called in time", lasts=_NEWS_LASTS
        ),
        MessageKind.CHECKUP_DUE: KindFacts(Topic.CHECKUPS, "a check-up of this year is due", until="due_on"),
        MessageKind.CHECKUP_PLAN_READY: KindFacts(
            Topic.CHECKUPS, "the examinations of a check-up are planned", until="last_on"
        ),
        MessageKind.CHECKUP_RESULT_READY: KindFacts(Topic.CHECKUPS, "a check-up is complete"),
        MessageKind.COMPLAINT_ANSWERED: KindFacts(Topic.COMPLAINTS, "a complaint is answered"),
        MessageKind.COMPLAINT_EXTENDED: KindFacts(Topic.COMPLAINTS, "the term of an answer is extended, once"),
        MessageKind.COMPLAINT_REGISTERED: KindFacts(Topic.COMPLAINTS, "a complaint is registered, within three days"),
        MessageKind.DEVICE_MOVED: KindFacts(
            Topic.SECURITY,
            "a phone that got the person's messages was registered by another account",
            lasts=_NEWS_LASTS,
        ),
        MessageKind.DOCUMENT_ARRIVED: KindFacts(Topic.DOCUMENTS, "a medical document came in"),
        MessageKind.DOCUMENT_OPENED: KindFacts(
            Topic.DOCUMENTS, "somebody opened a document of the person", lasts=_NEWS_LASTS
        ),
        MessageKind.DOCUMENT_SHARED: KindFacts(
            Topic.DOCUMENTS, "the person gave somebody access to a document", until="ends_at"
        ),
        MessageKind.EMERGENCY_ACCESS: KindFacts(
            Topic.SECURITY, "somebody opened the person's data as an emergency", Severity.CRITICAL
        ),
        MessageKind.EMERGENCY_ACCESS_OF_WARD: KindFacts(
            Topic.SECURITY, "the same, to those who represent the person by law", Severity.CRITICAL
        ),
        MessageKind.ERASURE_CANCELLED: KindFacts(Topic.SERVICE, "a request for erasure was taken back"),
        MessageKind.ERASURE_REQUESTED: KindFacts(Topic.SERVICE, "a request for erasure waits"),
        MessageKind.EXPORT_FAILED: KindFacts(Topic.SERVICE, "a copy of one's data could not be made"),
        MessageKind.EXPORT_READY: KindFacts(Topic.SERVICE, "a copy of one's data can be downloaded"),
        MessageKind.GUARDIANSHIP_REFUSED: KindFacts(
            Topic.REPRESENTATION, "an officer did not accept a guardian's document"
        ),
        MessageKind.INVITATION_TO_CHECKUP: KindFacts(
            Topic.CAMPAIGNS, "an insurer informs of the first stage of the check-up", Severity.CAMPAIGN, until="due_on"
        ),
        MessageKind.INVITATION_TO_IN_DEPTH_CHECKUP: KindFacts(
            Topic.CAMPAIGNS, "an insurer informs of the in-depth check-up", Severity.CAMPAIGN, until="due_on"
        ),
        MessageKind.INVITATION_TO_OBSERVATION: KindFacts(
            Topic.CAMPAIGNS, "an insurer informs of a dispensary observation", Severity.CAMPAIGN, until="due_on"
        ),
        MessageKind.INVITATION_TO_PREVENTIVE_EXAM: KindFacts(
            Topic.CAMPAIGNS, "an insurer informs of the preventive exam", Severity.CAMPAIGN, until="due_on"
        ),
        MessageKind.POLICY_CHANGED: KindFacts(Topic.POLICY, "the register of insured people tells something new"),
        MessageKind.PRESCRIPTION_DEFERRED_DEADLINE: KindFacts(
            Topic.PRESCRIPTIONS, "a prescription came into deferred service, and near its end", until="due_on"
        ),
        MessageKind.PRESCRIPTION_EXPIRING: KindFacts(
            Topic.PRESCRIPTIONS, "a prescription ends in some days and is not dispensed", until="expires_on"
        ),
        MessageKind.PRESCRIPTION_IN_STOCK: KindFacts(
            Topic.PRESCRIPTIONS, "a pharmacy has what a person waits for", lasts=timedelta(days=1)
        ),
        MessageKind.PRESCRIPTION_ISSUED: KindFacts(
            Topic.PRESCRIPTIONS, "a prescription was issued", until="expires_on"
        ),
        MessageKind.RELEASE_QUEUE_OVER: KindFacts(
            Topic.APPOINTMENTS,
            "a queue for a doctor's times has ended, and nothing was left for the person",
            lasts=timedelta(hours=2),
        ),
        MessageKind.RELEASE_QUEUE_TURN: KindFacts(
            Topic.APPOINTMENTS,
            "it is the person's turn in a queue for a doctor's times; they asked for it, and it lasts three minutes",
            Severity.CRITICAL,
            until="deadline_at",
        ),
        MessageKind.REPRESENTATION_BEGUN: KindFacts(
            Topic.REPRESENTATION, "somebody acts for somebody from now on; both are told"
        ),
        MessageKind.REPRESENTATION_DECLINED: KindFacts(Topic.REPRESENTATION, "an invitation was declined"),
        MessageKind.REPRESENTATION_ENDED: KindFacts(
            Topic.REPRESENTATION, "somebody does not act for somebody any more; both are told"
        ),
        MessageKind.REPRESENTATION_EXPIRING: KindFacts(
            Topic.REPRESENTATION, "a representation ends within a week; both are told", until="starts_at"
        ),
        MessageKind.REPRESENTATION_OFFERED: KindFacts(
            Topic.REPRESENTATION, "somebody is invited to act for somebody; both are told"
        ),
        MessageKind.SIGN_IN_FROM_NEW_DEVICE: KindFacts(
            Topic.SECURITY, "somebody signed in on a device that the account did not have", lasts=_NEWS_LASTS
        ),
        MessageKind.WAITING_LIST_OFFERED: KindFacts(
            Topic.APPOINTMENTS,
            "a slot has become free and is kept for the first of a waiting list",
            until="deadline_at",
        ),
        MessageKind.WELCOME: KindFacts(Topic.SERVICE, "an inbox is opened"),
    }
)
"""By kind."""


def usual_expiry(kind: MessageKind, parameters: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return after which instant a message is of no use any more and should not be sent.

    Args:
        kind: What it is about.
        parameters: Its parameters.
        now: The instant of the event, aware.
        zone: The person's, in which a last day ends.

    Returns:
        An aware instant, which may be past; None where it is always of use.

    Raises:
        ValueError: A parameter is missing or unreadable.
    """
    facts = KINDS[kind]
    if facts.until is None:
        return now + facts.lasts if facts.lasts else None
    match read_given(parameters).get(facts.until):
        case datetime() as last:
            return last
        case date() as last_day:
            return datetime.combine(last_day + timedelta(days=1), time(), zone)
    raise ValueError(f"{kind} has no {facts.until}")


def severity_of(message: Message) -> Severity:
    """Return how hard a message presses: its own word, or its kind's."""
    return message.severity or KINDS[message.kind].severity


def expiry_of(message: Message, *, now: datetime) -> datetime | None:
    """Return after which instant a message is not sent any more: its own word, or its kind's.

    A last day ends in the zone that the message names, else in the region's own.
    """
    if message.expires_at is not None:
        return message.expires_at
    zone = ZoneInfo(message.parameters.get("zone", REGION_ZONE))
    return usual_expiry(message.kind, message.parameters, now=now, zone=zone)
