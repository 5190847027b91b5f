"""Reads of sessions, always by `person_id`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, exists
from sqlmodel import col

from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sign_ins.values import MOST_LISTED, SignedIn
from backend.sql_texts import among
from identity.live_sessions import SessionKey
from identity.principal import PersonId, SessionId
from identity.tables import RefreshToken, Session

_SIGNED_IN = Shape(
    SignedIn,
    col(Session.id),
    col(Session.client_id),
    col(Session.device_name),
    col(Session.created_at),
    col(Session.last_seen_at),
    col(Session.key_thumbprint),
)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_MAY_GO_ON = exists().where(
    col(RefreshToken.person_id) == col(Session.person_id),
    col(RefreshToken.session_id) == col(Session.id),
    col(RefreshToken.used_at).is_(None),
    col(RefreshToken.expires_at) > _NOW,
)
"""A session that rested for too long has no refresh token left that is good (S29)."""
_OWN = _SIGNED_IN.select().where(
    col(Session.person_id) == bindparam("person_id", type_=Uuid()),
    col(Session.revoked_at).is_(None),
    col(Session.expires_at) > _NOW,
    _MAY_GO_ON,
)
_LATEST_FIRST = Statement(
    _OWN.order_by(col(Session.created_at).desc(), col(Session.id).desc()).limit(MOST_LISTED), _SIGNED_IN
)


@dataclass(frozen=True, slots=True)
class _Standing:
    person_id: UUID
    id: UUID
    expires_at: datetime


_STANDING = Shape(_Standing, col(Session.person_id), col(Session.id), col(Session.expires_at))
_LIVE = Statement(
    _STANDING.select().where(
        among(col(Session.person_id), "person_ids"), among(col(Session.id), "ids"), col(Session.revoked_at).is_(None)
    ),
    _STANDING,
)


async def list_signed_in(rows: Rows, person_id: PersonId, *, now: datetime) -> list[SignedIn]:
    """Return the sessions of a person that stand, the latest first, at most `MOST_LISTED`."""
    return await rows.rows(_LATEST_FIRST, person_id=person_id, now=now)


async def read_live(rows: Rows, keys: Collection[SessionKey]) -> Mapping[SessionKey, datetime]:
    """Return, of these sessions, those that are not revoked, each with its absolute end, in one statement."""
    person_ids, ids = {person_id for person_id, _ in keys}, {session_id for _, session_id in keys}
    found = await rows.rows(_LIVE, person_ids=list(person_ids), ids=list(ids))
    return {(PersonId(one.person_id), SessionId(one.id)): one.expires_at for one in found}
