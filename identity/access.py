"""The one decision about access: `require`, over rules that are data (`RULES`; docs/access.md is made of them)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from identity.actions import Action as Action  # noqa: PLC0414 # rules and their words are asked for together
from identity.capacities import KIND_OF, OF_DESK, OF_OWN_ACCOUNT, PUBLIC_GROUNDS, Capacity, Grounds, Mandate
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import PRIVATE_KINDS, Assurance, PersonId, Principal
from identity.step_up import require_recent

FRESH_FOR = timedelta(minutes=10)
"""How long ago somebody may have proven who they are, for what asks for it: as long as an access token lives."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action asks for.

    Attributes:
        told: What it is, in words of the page; ends without a full stop.
        capacities: Who may; empty for what is public.
        public: Open to everybody, signed in or not.
        confirmed: Private persons need a confirmed account. Source: 152-ФЗ art. 10; domain reference, §1 "Levels".
        fresh: The person must have proven lately who they are (step-up). Source: RFC 9470; requirement S31.
    """

    told: str
    capacities: frozenset[Capacity] = frozenset()
    public: bool = False
    confirmed: bool = True
    fresh: bool = False


_PARENTS = (Capacity.PARENT_OF_CHILD, Capacity.PARENT_OF_TEENAGER, Capacity.GUARDIAN)
_FAMILY = (*_PARENTS, Capacity.TRUSTED_ADULT)
_CARE = (
    Capacity.CLINICIAN_BY_CONSENT,
    Capacity.CLINICIAN_IN_EMERGENCY,
    Capacity.CREW_BY_CONSENT,
    Capacity.CREW_IN_EMERGENCY,
)


def _of(*capacities: Capacity) -> frozenset[Capacity]:
    return frozenset(capacities)


_BOOKING = _of(Capacity.SELF, *_FAMILY, Capacity.OPERATOR_ON_CALL, Capacity.AT_KIOSK, Capacity.PORTAL)
_OWN = _of(Capacity.SELF)
_ACCOUNT = _of(Capacity.SELF, Capacity.STAFF_SELF, Capacity.AT_KIOSK)

RULES: Mapping[Action, Rule] = MappingProxyType(
    {
        Action.READ_REFERENCE: Rule("look at clinics, doctors and free slots", public=True),
        Action.READ_PROFILE: Rule(
            "see who a person is",
            _of(
                Capacity.SELF,
                Capacity.STAFF_SELF,
                Capacity.AT_KIOSK,
                Capacity.BY_DEVICE,
                *_FAMILY,
                Capacity.OPERATOR_ON_CALL,
                Capacity.INSURER_OF_PERSON,
                *_CARE,
            ),
            confirmed=False,
        ),
        Action.READ_POLICY: Rule(
            "see the policy",
            _of(
                Capacity.SELF,
                Capacity.AT_KIOSK,
                *_FAMILY,
                Capacity.OPERATOR_ON_CALL,
                Capacity.INSURER_OF_PERSON,
                *_CARE,
            ),
        ),
        Action.READ_APPOINTMENTS: Rule(
            "see appointments",
            _of(Capacity.SELF, Capacity.AT_KIOSK, *_FAMILY, Capacity.OPERATOR_ON_CALL, *_CARE),
        ),
        Action.HOLD_SLOT: Rule("keep a slot for a while", _BOOKING),
        Action.BOOK_APPOINTMENT: Rule("book an appointment", _BOOKING),
        Action.CANCEL_APPOINTMENT: Rule("give an appointment up", _BOOKING),
        Action.CHANGE_WAITING_LIST: Rule("wait for a free slot, or wait no more", _BOOKING),
        Action.MANAGE_SCHEDULES: Rule(
            "plan, close and cancel the receptions of one's own clinic", _of(Capacity.CLINICIAN_DESK)
        ),
        Action.CLOSE_VISIT: Rule(
            "say of a visit to one's own clinic whether the person came", _of(Capacity.CLINICIAN_DESK)
        ),
        Action.APPEAL_NO_SHOW: Rule("say that a visit was not missed", _of(Capacity.SELF, *_FAMILY)),
        Action.SETTLE_APPEAL: Rule(
            "answer who says that a visit was not missed", _of(Capacity.CLINICIAN_DESK, Capacity.AUDITOR_DESK)
        ),
        Action.READ_INBOX: Rule("read messages", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN)),
        Action.MARK_NOTIFICATION_SEEN: Rule(
            "mark messages as seen",
            _of(Capacity.SELF, Capacity.BY_DEVICE, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN),
        ),
        Action.ACKNOWLEDGE_NOTIFICATIONS: Rule(
            "tell what has become of messages on a device", _of(Capacity.SELF, Capacity.BY_DEVICE)
        ),
        Action.READ_DEVICES: Rule("see which devices are woken", _OWN, confirmed=False),
        Action.REGISTER_DEVICE: Rule("let a device be woken", _of(Capacity.SELF, Capacity.BY_DEVICE), confirmed=False),
        Action.UNREGISTER_DEVICE: Rule("let a device be woken no more", _OWN, confirmed=False),
        Action.READ_PREFERENCES: Rule(
            "see what a person wants to be told",
            _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN),
            confirmed=False,
        ),
        Action.CHANGE_PREFERENCES: Rule(
            "set what a person wants to be told",
            _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN),
            confirmed=False,
        ),
        Action.READ_SESSIONS: Rule("see where one is signed in", _ACCOUNT, confirmed=False),
        Action.END_SESSION: Rule("sign out, here or elsewhere", _ACCOUNT, confirmed=False),
        Action.READ_ACCESS_LOG: Rule(
            "see who looked", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN), confirmed=False
        ),
        Action.REPORT_ACCESS: Rule(
            "say that a look was not right", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN)
        ),
        Action.READ_REPRESENTATION: Rule("see who acts for whom", _OWN, confirmed=False),
        Action.CONFIRM_CHILD: Rule("begin to act for a child or a ward", _OWN, fresh=True),
        Action.GRANT_REPRESENTATION: Rule("let another adult act for oneself", _OWN, fresh=True),
        Action.ANSWER_REPRESENTATION: Rule("answer an invitation to act for another adult", _OWN),
        Action.END_REPRESENTATION: Rule("end that somebody acts for somebody", _OWN),
        Action.CHECK_REPRESENTATION: Rule(
            "check the documents of a guardian, or end that somebody acts by law", _of(Capacity.AUDITOR_DESK)
        ),
        Action.READ_CONSENTS: Rule(
            "see the consents given", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN), confirmed=False
        ),
        Action.GIVE_CONSENT: Rule(
            "give a consent", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN), fresh=True
        ),
        Action.WITHDRAW_CONSENT: Rule(
            "withdraw a consent", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN)
        ),
        Action.READ_EXPORTS: Rule(
            "see how the copies of a person's data stand",
            _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN),
        ),
        Action.EXPORT_DATA: Rule(
            "take everything held about a person",
            _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN),
            fresh=True,
        ),
        Action.DOWNLOAD_EXPORT: Rule(
            "download a copy by its link", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN)
        ),
        Action.DELETE_EXPORT: Rule(
            "delete a copy of a person's data", _of(Capacity.SELF, Capacity.PARENT_OF_CHILD, Capacity.GUARDIAN)
        ),
        Action.READ_ERASURE: Rule("see what an erasure takes and leaves", _OWN),
        Action.REQUEST_ERASURE: Rule("ask for erasure", _OWN, fresh=True),
        Action.CANCEL_ERASURE: Rule("take a request for erasure back", _OWN),
        Action.READ_CALENDAR_FEED: Rule(
            "see whether a calendar follows the appointments", _of(Capacity.SELF, *_PARENTS)
        ),
        Action.CHANGE_CALENDAR_FEED: Rule(
            "let a calendar follow the appointments, or no more", _of(Capacity.SELF, *_PARENTS)
        ),
        Action.FOLLOW_CALENDAR_FEED: Rule(
            "read the appointments from a calendar, by its feed's address", _of(Capacity.SELF, *_PARENTS)
        ),
        Action.CREATE_HANDOVER: Rule("hand over from a kiosk to one's phone", _of(Capacity.AT_KIOSK)),
        Action.ACCEPT_HANDOVER: Rule("go on at one's phone with what was begun at a kiosk", _OWN),
        Action.HANDLE_CALL: Rule("open, verify and end a call", _of(Capacity.OPERATOR_DESK)),
        Action.HAND_OVER_CALL: Rule(
            "let the caller go on in their app with what was begun in a call", _of(Capacity.OPERATOR_ON_CALL)
        ),
        Action.READ_CALL_BACKS: Rule(
            "see when somebody is to be called back", _of(Capacity.SELF, *_FAMILY, Capacity.OPERATOR_ON_CALL)
        ),
        Action.CHANGE_CALL_BACKS: Rule(
            "ask to be called back, or no more", _of(Capacity.SELF, *_FAMILY, Capacity.OPERATOR_ON_CALL)
        ),
        Action.HANDLE_CALL_BACKS: Rule(
            "take whoever is to be called back next, and say what came of it", _of(Capacity.OPERATOR_DESK)
        ),
        Action.OPEN_PORTAL_SESSION: Rule(
            "name a person to book for them, and be told their referrals", _of(Capacity.PORTAL)
        ),
        Action.BREAK_GLASS: Rule(
            "open data in an emergency, with a reason", _of(Capacity.CLINICIAN_DESK, Capacity.CREW_DESK)
        ),
        Action.READ_REVIEW_QUEUE: Rule("see what is to be reviewed", _of(Capacity.AUDITOR_DESK)),
        Action.SETTLE_REVIEW: Rule("settle a review", _of(Capacity.AUDITOR_DESK)),
    }
)
"""Who may do what."""


def require(
    actor: Principal | None,
    action: Action,
    person_id: PersonId | None,
    mandates: Iterable[Mandate] = (),
    *,
    now: datetime | None = None,
) -> Grounds:
    """Refuse unless `actor` may do `action` for `person_id`; pure, and all there is to decide.

    Args:
        actor: Who is signed in, or None.
        action: What is asked.
        person_id: Whose data it concerns; None for public reference data and for the work of a desk.
        mandates: What the actor is to this person, as read now; of no use for oneself.
        now: The present, aware: asked for where time decides (mandates that end, proofs that grow old).

    Returns:
        Why it is allowed; of several grounds the first mandate that suffices.

    Raises:
        NotSignedIn: The action is not public and nobody is signed in.
        AccountNotConfirmed: Medical data asked by a person, in an app, at a kiosk or by a device, whose account is not
            confirmed.
        AccessRefused: Another person's data, or not in this capacity.
        InsufficientUserAuthentication: The person proved who they are too long ago for this.
        ValueError: Time decides, and nobody said what time it is.
    """
    rule = RULES[action]
    if rule.public:
        return PUBLIC_GROUNDS
    if actor is None:
        raise NotSignedIn
    grounds = _grounds(actor, action, person_id, mandates, now)
    if rule.confirmed and actor.kind in PRIVATE_KINDS and actor.assurance is not Assurance.CONFIRMED:
        raise AccountNotConfirmed
    if rule.fresh:
        require_recent(actor, now=_present(now), max_age=FRESH_FOR)
    return grounds


def require_signed_in(actor: Principal | None, action: Action) -> Principal:
    """Refuse unless `actor` may do `action` for themselves; return the actor, now known.

    Raises:
        NotSignedIn: Nobody is signed in.
        AccountNotConfirmed: As for `require`.
        AccessRefused: Not in this capacity.
    """
    if actor is None:
        raise NotSignedIn
    require(actor, action, actor.person_id)
    return actor


def signed_in(actor: Principal | None) -> Principal:
    """Return the actor, whoever they are and whatever they may.

    Raises:
        NotSignedIn: Nobody is signed in.
    """
    if actor is None:
        raise NotSignedIn
    return actor


def _grounds(
    actor: Principal, action: Action, person_id: PersonId | None, mandates: Iterable[Mandate], now: datetime | None
) -> Grounds:
    allowed = RULES[action].capacities
    if (desk := OF_DESK.get(actor.kind)) in allowed and desk is not None:
        return Grounds(desk)
    if person_id is not None and actor.person_id == person_id:
        own = OF_OWN_ACCOUNT[actor.kind]
        if own in allowed:
            return Grounds(own)
        raise AccessRefused
    for mandate in mandates:
        if mandate.capacity in allowed and _holds(mandate, actor, action, now):
            return Grounds(mandate.capacity, mandate)
    raise AccessRefused


def _holds(mandate: Mandate, actor: Principal, action: Action, now: datetime | None) -> bool:
    if actor.kind not in KIND_OF[mandate.capacity] or (mandate.until is not None and _present(now) >= mandate.until):
        return False
    return mandate.rights is None or action in mandate.rights


def _present(now: datetime | None) -> datetime:
    if now is None:
        raise ValueError("time decides here, and nobody said what time it is")
    return now
