"""The one decision about access: `require`, called first in every service method."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId, Principal


class Action(StrEnum):
    """Everything that can be done, one word a right."""

    READ_REFERENCE = "read_reference"
    READ_PROFILE = "read_profile"
    READ_POLICY = "read_policy"
    READ_APPOINTMENTS = "read_appointments"
    HOLD_SLOT = "hold_slot"
    BOOK_APPOINTMENT = "book_appointment"
    CANCEL_APPOINTMENT = "cancel_appointment"
    READ_INBOX = "read_inbox"
    MARK_NOTIFICATION_SEEN = "mark_notification_seen"
    READ_SESSIONS = "read_sessions"
    END_SESSION = "end_session"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action asks for; `public` asks for nothing at all."""

    public: bool = False
    confirmed: bool = True
    kinds: frozenset[ActorKind] = frozenset({ActorKind.CITIZEN})


RULES = MappingProxyType(
    {
        Action.READ_REFERENCE: Rule(public=True),
        Action.READ_PROFILE: Rule(confirmed=False, kinds=frozenset(ActorKind)),
        Action.READ_POLICY: Rule(),
        Action.READ_APPOINTMENTS: Rule(),
        Action.HOLD_SLOT: Rule(),
        Action.BOOK_APPOINTMENT: Rule(),
        Action.CANCEL_APPOINTMENT: Rule(),
        Action.READ_INBOX: Rule(),
        Action.MARK_NOTIFICATION_SEEN: Rule(),
        Action.READ_SESSIONS: Rule(confirmed=False, kinds=frozenset(ActorKind)),
        Action.END_SESSION: Rule(confirmed=False, kinds=frozenset(ActorKind)),
    }
)


def require(actor: Principal | None, action: Action, person_id: PersonId | None) -> None:
    """Refuse unless `actor` may do `action` for `person_id`.

    Args:
        actor: Who is signed in, or None.
        action: What is asked.
        person_id: Whose data it concerns; None only for public reference data.

    Raises:
        NotSignedIn: The action is not public and nobody is signed in.
        AccountNotConfirmed: Medical data asked by an account that is not confirmed.
        AccessRefused: Another person's data, or not in this capacity.
    """
    rule = RULES[action]
    if rule.public:
        return
    if actor is None:
        raise NotSignedIn
    if person_id is None or actor.person_id != person_id or actor.kind not in rule.kinds:
        raise AccessRefused
    if rule.confirmed and actor.assurance is not Assurance.CONFIRMED:
        raise AccountNotConfirmed


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
