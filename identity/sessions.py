"""Sessions of apps: our code becomes tokens, a refresh token becomes the next one, reuse ends the session."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.errors import (
    AccountUnknown,
    AuthorizationCodeInvalid,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionEnded,
    SignInRefused,
)
from identity.opaque import digest, mint_for, owner_of
from identity.principal import PersonId, SessionId
from identity.queries import find_account, lock_chain, lock_code, lock_session, read_account
from identity.settings import TokenSettings
from identity.tables import AuthorizationCode, RefreshToken, Session
from identity.tokens import AccessTokens, TokenSubject
from identity.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Grant:
    """What an app receives; `refresh_token` is good for one use."""

    access_token: str
    refresh_token: str
    expires_in_seconds: int
    person_id: PersonId
    session_id: SessionId


class Sessions:
    """Gives and renews tokens.

    A refresh token is good once. Its second use, parallel ones included, revokes the whole session: until tokens
    are bound to a device key (DPoP, S27) a retry cannot be told from a theft, and a person who signs in once more
    is the smaller harm (RFC 9700 §4.14.2, S28).
    """

    def __init__(
        self,
        *,
        transaction: Transaction,
        tokens: AccessTokens,
        clock: Callable[[], datetime],
        settings: TokenSettings,
    ) -> None:
        """Take everything it works with."""
        self._transaction = transaction
        self._tokens = tokens
        self._clock = clock
        self._idle = timedelta(days=settings.session_idle_days)
        self._absolute = timedelta(days=settings.session_absolute_days)

    async def redeem_code(self, *, client_id: str, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Give tokens for our one-time code. The first try uses it up, whatever the outcome.

        Raises:
            AuthorizationCodeInvalid: Unknown, late, another app's or redirect's, a wrong verifier; or used
                before, and then what it gave is revoked.

        Source: RFC 6749 §4.1.3 and §10.5, RFC 7636 §4.6.
        """
        person_id = owner_of(code)
        if person_id is None:
            raise AuthorizationCodeInvalid
        async with self._transaction() as session:
            found = await lock_code(session, person_id, digest(code))
            if found is None:
                raise AuthorizationCodeInvalid
            outcome = await self._use_code(session, found, (client_id, redirect_uri, verifier))
        return _granted(outcome)

    async def refresh(self, *, client_id: str, refresh_token: str) -> Grant:
        """Give the next pair of tokens of a session.

        Raises:
            RefreshTokenInvalid: Unknown, or another app's.
            RefreshTokenReused: Used before; the session is revoked now.
            SessionEnded: Revoked, idle for too long, or past its absolute end (S29).

        Source: RFC 6749 §6, RFC 9700 §4.14.2 (S27, S28).
        """
        person_id = owner_of(refresh_token)
        if person_id is None:
            raise RefreshTokenInvalid
        async with self._transaction() as session:
            chain = await lock_chain(session, person_id, digest(refresh_token))
            if chain is None:
                raise RefreshTokenInvalid
            outcome = await self._use_token(session, chain, client_id)
        return _granted(outcome)

    async def open_for_development(self, *, issuer: str, subject: str, client_id: str) -> Grant:
        """Open a session for an existing account without any proof: the caller refuses this in production.

        Raises:
            AccountUnknown: No such account.
        """
        async with self._transaction() as session:
            account = await find_account(session, issuer=issuer, subject=subject)
            if account is None:
                raise AccountUnknown
            return await self._open(session, PersonId(account.person_id), client_id, self._clock())

    async def is_live(self, person_id: PersonId, session_id: SessionId) -> bool:
        """Whether the session still stands: neither revoked nor past its absolute end."""
        async with self._transaction() as session:
            family = await session.get(Session, (person_id, session_id))
        return family is not None and family.revoked_at is None and self._clock() < family.expires_at

    async def _use_code(
        self, session: AsyncSession, found: AuthorizationCode, presented: tuple[str, str, str]
    ) -> Grant | SignInRefused:
        now, person_id = self._clock(), PersonId(found.person_id)
        if found.used_at is not None:
            if found.session_id is not None:
                await self._revoke(session, await lock_session(session, person_id, SessionId(found.session_id)))
            return AuthorizationCodeInvalid()
        found.used_at = now
        session.add(found)
        client_id, redirect_uri, verifier = presented
        if (found.client_id, found.redirect_uri) != (client_id, redirect_uri) or now >= found.expires_at:
            return AuthorizationCodeInvalid()
        if not _matches(verifier, found.code_challenge):
            return AuthorizationCodeInvalid()
        grant = await self._open(session, person_id, client_id, found.authenticated_at)
        found.session_id = grant.session_id
        return grant

    async def _use_token(
        self, session: AsyncSession, chain: tuple[Session, RefreshToken], client_id: str
    ) -> Grant | SignInRefused:
        family, token = chain
        now = self._clock()
        if family.client_id != client_id:
            return RefreshTokenInvalid()
        if token.used_at is not None:
            await self._revoke(session, family)
            return RefreshTokenReused()
        if family.revoked_at is not None or now >= min(token.expires_at, family.expires_at):
            return SessionEnded()
        token.used_at = now
        session.add(token)
        return await self._grant(session, family)

    async def _open(
        self, session: AsyncSession, person_id: PersonId, client_id: str, authenticated_at: datetime
    ) -> Grant:
        now = self._clock()
        family = Session(
            person_id=person_id,
            id=uuid7(),
            client_id=client_id,
            authenticated_at=authenticated_at,
            created_at=now,
            expires_at=now + self._absolute,
        )
        session.add(family)
        await session.flush()
        return await self._grant(session, family)

    async def _grant(self, session: AsyncSession, family: Session) -> Grant:
        """Add the next refresh token of the family; the account's level of today stands in the access token."""
        now, person_id, session_id = self._clock(), PersonId(family.person_id), SessionId(family.id)
        account = await read_account(session, person_id)
        refresh_token = mint_for(person_id)
        session.add(
            RefreshToken(
                person_id=person_id,
                token_hash=digest(refresh_token),
                session_id=session_id,
                issued_at=now,
                expires_at=min(now + self._idle, family.expires_at),
            )
        )
        subject = TokenSubject(
            person_id=person_id,
            session_id=session_id,
            kind=account.kind,
            assurance=account.assurance,
            authenticated_at=family.authenticated_at,
        )
        return Grant(
            access_token=self._tokens.issue(subject),
            refresh_token=refresh_token,
            expires_in_seconds=int(self._tokens.lifetime.total_seconds()),
            person_id=person_id,
            session_id=session_id,
        )

    async def _revoke(self, session: AsyncSession, family: Session | None) -> None:
        if family is not None and family.revoked_at is None:
            family.revoked_at = self._clock()
            session.add(family)


def _granted(outcome: Grant | SignInRefused) -> Grant:
    """Raise a refusal only now, after the transaction has kept what it revoked or used up."""
    if isinstance(outcome, SignInRefused):
        raise outcome
    return outcome


def _matches(verifier: str, challenge: str) -> bool:
    if not CODE_VERIFIER_PATTERN.fullmatch(verifier):
        return False
    return hmac.compare_digest(str(create_s256_code_challenge(verifier)), challenge)
