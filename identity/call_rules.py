"""The decisions of a call of 122, pure: the time is a parameter."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from identity.access import RULES, Action
from identity.call_errors import CallerAnswerInvalid, CallerNumberInvalid
from identity.call_ports import KnownPerson
from identity.call_tables import CallTicketRow, Proof
from identity.capacities import Capacity, Mandate
from identity.names import FullName, is_same_name
from identity.principal import PersonId

IDLE_LIMIT = timedelta(minutes=15)
"""A call in which nobody's data are asked for ends by itself."""

ABSOLUTE_LIMIT = timedelta(minutes=60)
"""The longest call."""

MOST_WRONG = 3
"""Wrong answers after which nobody is verified in this call; wrong patients after which none is chosen."""

CODE_LASTS = timedelta(minutes=5)
MOST_CODES = 3
"""Codes sent in one call."""

THROTTLED_FOR = timedelta(hours=1)
MOST_WRONG_OF_OPERATOR = 15
MOST_CODES_OF_OPERATOR = 30
MOST_CALL_BACKS_OF_OPERATOR = 60
"""What one operator may do in the calls opened within `THROTTLED_FOR` (S33)."""

NUMBER_KEPT_FOR = timedelta(days=30)
"""How long a call keeps its number after its end. Source: ADR 0040."""

FOR_CALLER_ALONE = frozenset({Action.HAND_OVER_CALL})
"""What an operator may only where the caller is the patient: it serves an app of the patient's own, on the line."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_POLICY_DIGITS = re.compile(r"[0-9]{4}", re.ASCII)
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_NO_DIGITS = "----"
_NO_HASH = "-" * hashlib.sha256().digest_size * 2
_SCRYPT_COST = 2**12


@dataclass(frozen=True, slots=True)
class SaidToBe:
    """Who somebody says to be, or for whom they call: a name, and what tells them from their namesakes.

    Attributes:
        name: As it was said.
        birth_date: The day of birth; or
        phone: the registered number, E.164. Whoever is named by both has both.
    """

    name: FullName
    birth_date: date | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    def at_number(self, number: str | None) -> "SaidToBe":
        """Return them with the number of the line, where nothing but a name was said.

        It is a convenience and no proof: a number can be forged, so the caller is asked as by any other way.
        """
        return self if self.birth_date or self.phone else replace(self, phone=number)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller answers, one of the two: the last four digits of the policy's number, or the six of a code."""

    proof: Proof
    digits: str = field(repr=False)


def read_answer(*, policy_digits: str | None, code: str | None) -> Answer:
    """Return the one answer that was given.

    Raises:
        CallerAnswerInvalid: None or both, or of another form.
    """
    if policy_digits is not None and code is None and _POLICY_DIGITS.fullmatch(policy_digits):
        return Answer(Proof.POLICY_DIGITS, policy_digits)
    if code is not None and policy_digits is None and _CODE.fullmatch(code):
        return Answer(Proof.CODE, code)
    raise CallerAnswerInvalid


def check_number(number: str) -> None:
    """Refuse what is not E.164.

    Raises:
        CallerNumberInvalid: Anything else.
    """
    if not _E164.fullmatch(number):
        raise CallerNumberInvalid


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**6):06}"


def hash_code(code: str, call_id: UUID) -> str:
    """Return what the database keeps of a code: scrypt, salted by the call; it takes milliseconds, so use a thread."""
    return hashlib.scrypt(code.encode(), salt=call_id.bytes, n=_SCRYPT_COST, r=8, p=1, dklen=32).hex()


def ends_at(ticket: CallTicketRow) -> datetime:
    """Return when a call ends, if nobody asks for anything more; when it ended, if it was closed."""
    by_limits = min(ticket.used_at + IDLE_LIMIT, ticket.opened_at + ABSOLUTE_LIMIT)
    return by_limits if ticket.closed_at is None else min(ticket.closed_at, by_limits)


def of_name(name: FullName, known: Iterable[KnownPerson], *, but: PersonId) -> list[KnownPerson]:
    """Return the people of a name; never the operator, who serves nobody of their own in a call."""
    return [one for one in known if is_same_name(name, one.name) and one.person_id != but]


def proven(
    candidates: list[KnownPerson], ticket: CallTicketRow, answer: Answer, *, hashed: str, now: datetime
) -> KnownPerson | None:
    """Return the one whom the answer proves; None where it proves nobody, or more than one.

    Every candidate is compared in constant time, and somebody who is not there where there is none.

    Args:
        candidates: Those of the name and birth date, or number, said.
        ticket: The call, with the code that was sent in it.
        answer: What the caller said.
        hashed: Of the digits, by `hash_code`.
        now: The present, by which a code ends.
    """
    nobody = KnownPerson(PersonId(ticket.id), FullName("", ""))
    right = [one for one in [*candidates, nobody] if _is_right(one, ticket, answer, hashed, now)]
    return right[0] if len(right) == 1 and right[0] is not nobody else None


def rights_of_caller(own: Mandate | None) -> frozenset[Action]:
    """Return what an operator may do for a patient: their own rule, and of it what the caller may (S37).

    Args:
        own: What the caller is to the patient; None for the caller themself.
    """
    capacity = own.capacity if own else Capacity.SELF
    of_caller = {action for action, rule in RULES.items() if capacity in rule.capacities}
    of_operator = {action for action, rule in RULES.items() if Capacity.OPERATOR_ON_CALL in rule.capacities}
    granted = of_caller if own is None or own.rights is None else of_caller & own.rights
    only_for_caller = FOR_CALLER_ALONE if own is None else frozenset[Action]()
    return frozenset((granted & of_operator) | only_for_caller)


def mandate_of_call(ticket: CallTicketRow, caller_id: PersonId, own: Mandate | None) -> Mandate:
    """Return the operator's mandate for the patient of a call: never more, nor for longer, than the caller's own."""
    end = ends_at(ticket)
    return Mandate(
        Capacity.OPERATOR_ON_CALL,
        until=min(end, own.until) if own and own.until else end,
        rights=rights_of_caller(own),
        withheld=own.withheld if own else frozenset(),
        reference=ticket.id,
        on_behalf_of=caller_id,
    )


def _is_right(one: KnownPerson, ticket: CallTicketRow, answer: Answer, hashed: str, now: datetime) -> bool:
    if answer.proof is Proof.POLICY_DIGITS:
        return hmac.compare_digest(one.policy_digits or _NO_DIGITS, answer.digits)
    is_same = hmac.compare_digest(ticket.code_hash or _NO_HASH, hashed)
    is_theirs = ticket.code_person_id == one.person_id
    return is_same and is_theirs and ticket.code_expires_at is not None and now < ticket.code_expires_at
