"""Refusals of the family. A stranger's thing answers exactly as a missing one (S36)."""

from backend.errors import Refusal


class FamilyRefusal(Refusal):
    """A refusal about acting for others."""


class ChildNotFound(FamilyRefusal):
    """No such child on the account."""

    code = "CHILD_NOT_FOUND"


class ChildFactsIncomplete(FamilyRefusal):
    """The source does not tell the SNILS, the birth date or the sex: nobody could be told from another."""

    code = "CHILD_FACTS_INCOMPLETE"


class ChildDocumentUnknown(FamilyRefusal):
    """The source knows no certificate of birth to compare with."""

    code = "CHILD_DOCUMENT_UNKNOWN"


class ChildDocumentMismatch(FamilyRefusal):
    """The document is not the one that the source knows."""

    code = "CHILD_DOCUMENT_MISMATCH"


class ChildCheckLocked(FamilyRefusal):
    """Too many documents that were not the child's."""

    code = "CHILD_CHECK_LOCKED"


class ChildOfAge(FamilyRefusal):
    """The child is 18: nobody acts for them by law alone."""

    code = "CHILD_OF_AGE"


class PersonFactsConflict(FamilyRefusal):
    """Under this SNILS somebody else is known, or several are; identity is never guessed."""

    code = "PERSON_FACTS_CONFLICT"


class RepresentationExists(FamilyRefusal):
    """The one acts for the other already, on the same ground."""

    code = "REPRESENTATION_EXISTS"


class RepresentationNotFound(FamilyRefusal):
    """No such representation of which the actor is a side."""

    code = "REPRESENTATION_NOT_FOUND"


class RepresentationEnded(FamilyRefusal):
    """It is over already."""

    code = "REPRESENTATION_ENDED"


class RepresentationByLaw(FamilyRefusal):
    """A child or a ward cannot end what the law gives; the representative can, and an officer."""

    code = "REPRESENTATION_BY_LAW"


class GranteeUnclear(FamilyRefusal):
    """Who is invited is named by a telephone or by a SNILS: by one of them."""

    code = "GRANTEE_UNCLEAR"


class GrantRightsInvalid(FamilyRefusal):
    """No right is given, or one is given twice."""

    code = "GRANT_RIGHTS_INVALID"


class GrantTermInvalid(FamilyRefusal):
    """A right would end in the past, or later than a year from now."""

    code = "GRANT_TERM_INVALID"


class AdultsOnly(FamilyRefusal):
    """Only adults trust each other with this; who is younger is represented by law."""

    code = "ADULTS_ONLY"


class TooManyInvitations(FamilyRefusal):
    """More unanswered invitations than `MOST_INVITATIONS`."""

    code = "TOO_MANY_INVITATIONS"


class InvitationNotFound(FamilyRefusal):
    """No such invitation, not for this person, answered, or too old: all answer alike."""

    code = "INVITATION_NOT_FOUND"


class GuardianshipTermInvalid(FamilyRefusal):
    """The document's days are out of order, over already, or more than the longest there is."""

    code = "GUARDIANSHIP_TERM_INVALID"


class GuardianshipDocumentInvalid(FamilyRefusal):
    """Not a document that makes somebody a guardian, or a part of it or of the ward's name is empty or too long."""

    code = "GUARDIANSHIP_DOCUMENT_INVALID"


class GuardianshipNotFound(FamilyRefusal):
    """No such guardianship waits for a check."""

    code = "GUARDIANSHIP_NOT_FOUND"


class OfficerNoteRefused(FamilyRefusal):
    """The officer's note is longer than `LONGEST_NOTE`, or empty where somebody loses by what it is about."""

    code = "OFFICER_NOTE_REFUSED"


class TooManyGuardianships(FamilyRefusal):
    """More guardianships of one person wait than `MOST_WAITING`."""

    code = "TOO_MANY_GUARDIANSHIPS"


BY_CODE: dict[str, type[FamilyRefusal]] = {kind.code: kind for kind in FamilyRefusal.__subclasses__()}
"""The kinds by code, to give a recorded refusal again."""
