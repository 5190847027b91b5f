"""All reading of consents, always by `person_id`."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, tuple_
from sqlmodel import col

from backend.consents.values import ConsentPosition
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sql_texts import among
from identity.consent_tables import ConsentRow
from identity.consent_values import Consent, ConsentId, Recipient, Signature
from identity.principal import PersonId

_CONSENT = Shape(
    Consent,
    col(ConsentRow.id),
    col(ConsentRow.person_id),
    col(ConsentRow.purpose),
    col(ConsentRow.version),
    col(ConsentRow.language),
    col(ConsentRow.text_hash),
    Shape(Recipient, col(ConsentRow.recipient_kind), col(ConsentRow.recipient)),
    col(ConsentRow.given_at),
    col(ConsentRow.expires_at),
    Shape(
        Signature,
        col(ConsentRow.given_by),
        col(ConsentRow.given_as),
        col(ConsentRow.assurance),
        col(ConsentRow.session_id),
        col(ConsentRow.authenticated_at),
    ),
    col(ConsentRow.withdrawn_at),
    col(ConsentRow.withdrawn_by),
    col(ConsentRow.replaced_at),
)
_OWN = col(ConsentRow.person_id) == bindparam("person_id", type_=Uuid())
_AFTER = tuple_(bindparam("after", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
_NEWEST_FIRST = (
    _CONSENT.select()
    .where(_OWN)
    .order_by(col(ConsentRow.given_at).desc(), col(ConsentRow.id).desc())
    .limit(bindparam("limit", type_=Integer()))
)
_FIRST_PAGE = Statement(_NEWEST_FIRST, _CONSENT)
_LATER_PAGE = Statement(_NEWEST_FIRST.where(tuple_(col(ConsentRow.given_at), col(ConsentRow.id)) < _AFTER), _CONSENT)
_BY_IDS = Statement(_CONSENT.select().where(_OWN, among(col(ConsentRow.id), "ids")), _CONSENT)


async def list_newest(
    rows: Rows, person_id: PersonId, *, limit: int, after: ConsentPosition | None = None
) -> list[Consent]:
    """Return at most `limit` consents, newest first, from `after` on (exclusive)."""
    if after is None:
        return await rows.rows(_FIRST_PAGE, person_id=person_id, limit=limit)
    return await rows.rows(_LATER_PAGE, person_id=person_id, after=after.given_at, after_id=after.id, limit=limit)


async def find_consents(rows: Rows, person_id: PersonId, ids: Collection[UUID]) -> dict[ConsentId, Consent]:
    """Return those of the consents that exist and are this person's, by id."""
    return {one.id: one for one in await rows.rows(_BY_IDS, person_id=person_id, ids=ids)}
