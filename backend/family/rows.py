"""Rows of the family as values."""

from backend.family.values import Guardianship, GuardianshipDocument, Invitation, Ward
from backend.profile.values import Person, Sex, Snils
from identity.representation_queries import ends_of
from identity.representation_tables import GuardianshipRow, InvitationRow
from identity.representation_values import Term


def invitation_of(row: InvitationRow, person: Person | None) -> Invitation:
    """Return an invitation as its reader sees it; `person` where the reader is the one invited."""
    return Invitation(
        id=row.id,
        state=row.state,
        rights=ends_of(row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        person=person,
    )


def guardianship_of(row: GuardianshipRow) -> Guardianship:
    """Return a guardianship as it was told and stands."""
    return Guardianship(
        id=row.id,
        guardian_id=row.person_id,
        state=row.state,
        ward=Ward(
            family_name=row.family_name,
            given_name=row.given_name,
            patronymic=row.patronymic,
            birth_date=row.birth_date,
            sex=Sex(row.sex),
            snils=Snils(row.snils),
        ),
        document=GuardianshipDocument(
            kind=row.document_kind,
            number=row.document_number,
            issued_by=row.issued_by,
            term=Term(row.first_day, row.last_day),
        ),
        requested_at=row.requested_at,
        settled_at=row.settled_at,
    )
