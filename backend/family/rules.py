"""Pure decisions about acting for others."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from backend.family.errors import (
    ChildDocumentMismatch,
    ChildDocumentUnknown,
    ChildFactsIncomplete,
    GranteeUnclear,
    GrantRightsInvalid,
    GrantTermInvalid,
    GuardianshipDocumentInvalid,
    GuardianshipTermInvalid,
    OfficerNoteRefused,
    PersonFactsConflict,
)
from backend.family.values import Certificate, Grantee, GuardianshipDocument, Ward
from backend.profile.errors import SnilsInvalid
from backend.profile.values import Person, Snils
from identity.ages import birthday
from identity.known_children import BirthCertificate, KnownChild
from identity.opaque import digest
from identity.representation_values import LONGEST_NOTE, DocumentKind, GrantedRight

LONGEST_GRANT = timedelta(days=365)
"""How long one adult may let another act for them before they say so again. Source: issue "Identity", item 4."""

INVITATION_LIVES = timedelta(hours=72)
MOST_INVITATIONS = 20
MOST_WAITING = 10
MOST_MISMATCHES = 5
LOCKED_FOR = timedelta(hours=24)
NOTICE = timedelta(days=7)
"""How long before its end both sides are told."""

LONGEST_GUARDIANSHIP_YEARS = 18
"""(config) No minor is one for longer, and a document about an adult is to be shown again by then."""

GUARDIANSHIP_DOCUMENTS = frozenset({DocumentKind.GUARDIANSHIP_ACT, DocumentKind.COURT_DECISION})

_FIRST_BIRTH = date(1900, 1, 1)
_LONGEST_NAME = 100
_LONGEST_NUMBER = 64
_LONGEST_ISSUER = 200
_LATIN = str.maketrans("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")


def check_rights(rights: Sequence[tuple[GrantedRight, datetime]], now: datetime) -> dict[GrantedRight, datetime]:
    """Return the end of each right that is granted.

    Raises:
        GrantRightsInvalid: None, or one twice.
        GrantTermInvalid: An end that is not ahead, or more than `LONGEST_GRANT` ahead.
    """
    ends = dict(rights)
    if not rights or len(ends) != len(rights):
        raise GrantRightsInvalid
    if not all(now < end <= now + LONGEST_GRANT for end in ends.values()):
        raise GrantTermInvalid
    return ends


def check_note(note: str | None, *, is_needed: bool) -> str | None:
    """Return what an officer wrote without the spaces around it; None where nothing was.

    Raises:
        OfficerNoteRefused: Longer than `LONGEST_NOTE`, or nothing where it is needed.
    """
    said = (note or "").strip()
    if len(said) > LONGEST_NOTE or (is_needed and not said):
        raise OfficerNoteRefused
    return said or None


def check_grantee(grantee: Grantee) -> None:
    """Refuse a grantee named by both numbers or by none.

    Raises:
        GranteeUnclear: So it is.
    """
    if (grantee.phone is None) == (grantee.snils is None):
        raise GranteeUnclear


def code_hash(code: str, named_by: str, born: date) -> str:
    """Return what is kept of an invitation: who has the code but is somebody else finds nothing by it.

    Args:
        code: 256 random bits and the id of who invites, as `identity.opaque.mint_for` gives.
        named_by: The telephone in E.164, or the 11 digits of the SNILS.
        born: The birth date of the one invited.
    """
    return digest(f"{code}\n{named_by}\n{born.isoformat()}")


def hashes_of(code: str, person: Person) -> list[str]:
    """Return under which hashes an invitation for this person may be kept."""
    named_by = [person.phone.e164 if person.phone else None, person.snils.digits if person.snils else None]
    return [code_hash(code, one, person.birth_date) for one in named_by if one is not None]


def check_certificate(typed: Certificate, known: BirthCertificate | None) -> BirthCertificate:
    """Return the certificate that the source knows, once the typed one is the same.

    A record number is compared where the source has one. Letters are compared as they look: people type I for І.

    Raises:
        ChildDocumentUnknown: There is nothing to compare with.
        ChildDocumentMismatch: Series, number or record differ, or the record is left out.
    """
    if known is None:
        raise ChildDocumentUnknown
    pairs = [(typed.series, known.series or ""), (typed.number, known.number)]
    if known.act_record is not None:
        pairs.append((typed.act_record or "", known.act_record))
    if any(as_it_looks(one) != as_it_looks(other) for one, other in pairs):
        raise ChildDocumentMismatch
    return known


def as_it_looks(text: str) -> str:
    """Return a series or number in capitals, without spaces and hyphens, Cyrillic look-alikes as Latin letters."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LATIN)
    return "".join(sign for sign in plain if sign.isalnum())


def check_child(child: KnownChild) -> Snils:
    """Return the number of a child who is known well enough to be told from everybody else.

    Raises:
        ChildFactsIncomplete: SNILS, birth date or sex are not told, or the SNILS is none.
    """
    told = child.told
    if told.snils is None or told.birth_date is None or told.sex is None:
        raise ChildFactsIncomplete
    try:
        return Snils(told.snils)
    except SnilsInvalid as error:
        raise ChildFactsIncomplete from error


def same_person(found: Iterable[Person], born: date) -> Person | None:
    """Return the one person recorded under a SNILS, or None where there is none; never by name.

    Raises:
        PersonFactsConflict: There are several, or the birth date is another one.
    """
    people = list(found)
    if len(people) > 1 or any(person.birth_date != born for person in people):
        raise PersonFactsConflict
    return people[0] if people else None


def check_guardianship(ward: Ward, document: GuardianshipDocument, today: date) -> None:
    """Refuse a document that makes nobody a guardian today or later.

    Raises:
        GuardianshipDocumentInvalid: Of another kind, or with a part that is empty or too long.
        GuardianshipTermInvalid: Without days ahead, or longer than `LONGEST_GUARDIANSHIP_YEARS`.
    """
    parts = [
        (ward.family_name, _LONGEST_NAME),
        (ward.given_name, _LONGEST_NAME),
        (ward.patronymic if ward.patronymic is not None else "-", _LONGEST_NAME),
        (document.number, _LONGEST_NUMBER),
        (document.issued_by, _LONGEST_ISSUER),
    ]
    if document.kind not in GUARDIANSHIP_DOCUMENTS or not all(0 < len(text.strip()) <= most for text, most in parts):
        raise GuardianshipDocumentInvalid
    if not _FIRST_BIRTH <= ward.birth_date <= today:
        raise GuardianshipDocumentInvalid
    first, last = document.term.first, document.term.last
    if not ward.birth_date <= first <= last or not today <= last <= birthday(today, 2 * LONGEST_GUARDIANSHIP_YEARS):
        raise GuardianshipTermInvalid
    if last > birthday(first, LONGEST_GUARDIANSHIP_YEARS):
        raise GuardianshipTermInvalid
