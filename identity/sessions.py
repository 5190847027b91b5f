"""Sessions of apps: our code becomes tokens, a refresh token becomes the next one, reuse ends the session."""

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.errors import (
    AccountUnknown,
    AuthorizationCodeInvalid,
    DpopProofInvalid,
    RefreshTokenInvalid,
    RefreshTokenReused,
    ScopeUnknown,
    SessionEnded,
    SignInRefused,
    TokenRefused,
)
from identity.grants import NO_DEVICE, Device, Grant, Scope, grant_of, may_narrow
from identity.kiosks import end_sessions_at
from identity.lifetimes import next_token, shown
from identity.opaque import digest, mint_for, mint_salt, owner_of, successor_of
from identity.ports import SessionWatcher, Unwatched
from identity.positions import AS_CITIZEN, Position
from identity.principal import ActorKind, PersonId, SessionId
from identity.queries import end_sessions, find_account, lock_chain, lock_code, lock_session, read_account
from identity.rotation import Verdict, judge
from identity.seen_devices import begin_on_device, note_device
from identity.settings import TokenSettings
from identity.tables import AuthorizationCode, RefreshToken, Session
from identity.tokens import AccessTokens
from identity.transactions import Transaction

Ended = Callable[[PersonId], None]
"""Is told, after the commit, whose sessions may have ended."""

_NOTED_EVERY = timedelta(hours=1)

_REVOKING = (RefreshTokenReused, AuthorizationCodeInvalid)


class Sessions:
    """Gives and renews tokens.

    A refresh token is good once. Whoever shows it again ends the session, unless it is the same device, by its key,
    within 30 s: then it gets the same successor again (S27, S28). Without a key a retry cannot be told from a theft,
    and a person who signs in once more is the smaller harm (RFC 9700 §4.14.2).
    """

    def __init__(
        self,
        *,
        transaction: Transaction,
        tokens: AccessTokens,
        clock: Callable[[], datetime],
        settings: TokenSettings,
        ended: Ended = lambda _person_id: None,
        watcher: SessionWatcher = Unwatched(),  # noqa: B008 # it has no state
    ) -> None:
        """Take everything it works with; `watcher` acts in our transactions."""
        self._transaction = transaction
        self._watcher = watcher
        self._tokens = tokens
        self._clock = clock
        self._settings = settings
        self._ended = ended

    async def redeem_code(
        self, *, client_id: str, code: str, redirect_uri: str, verifier: str, device: Device = NO_DEVICE
    ) -> Grant:
        """Give tokens for our one-time code. The first try uses it up, whatever the outcome.

        A device that signs in again with the same key replaces its session; a kiosk that of whoever was there before.

        Raises:
            AuthorizationCodeInvalid: Unknown, late, another app's, redirect's or key's, a wrong verifier; or used
                before, and then what it gave is revoked.

        Source: RFC 6749 §4.1.3 and §10.5, RFC 7636 §4.6, RFC 9449 §10.
        """
        person_id = owner_of(code)
        if person_id is None:
            raise AuthorizationCodeInvalid
        async with self._transaction() as session:
            found = await lock_code(session, person_id, digest(code))
            if found is None:
                raise AuthorizationCodeInvalid
            replaced: set[PersonId] = set()
            outcome = await self._use_code(session, found, (client_id, redirect_uri, verifier), device, replaced)
        grant = self._told(outcome, person_id, replaced)
        self._watcher.signed_in(person_id)
        return grant

    async def refresh(
        self, *, client_id: str, refresh_token: str, key: str | None = None, scope: Scope | None = None
    ) -> Grant:
        """Give the next pair of tokens of a session; a session without a key is bound to the first that is shown.

        Args:
            client_id: Of which app.
            refresh_token: The last one.
            key: Thumbprint of the key whose proof came with it.
            scope: Of this access token alone, where less than all is wanted; the next refresh token stays as it was.

        Raises:
            ScopeUnknown: The session cannot give this scope; nothing has changed.
            RefreshTokenInvalid: Unknown, or another app's.
            RefreshTokenReused: Used before; the session is revoked now.
            SessionEnded: Revoked, idle for too long, or past its absolute end (S29).
            DpopProofInvalid: Not the key that the session is bound to; nothing has changed.

        Source: RFC 6749 §6, RFC 9449 §5, RFC 9700 §4.14.2 (S27, S28).
        """
        person_id = owner_of(refresh_token)
        if person_id is None:
            raise RefreshTokenInvalid
        async with self._transaction() as session:
            chain = await lock_chain(session, person_id, digest(refresh_token))
            if chain is None or chain[0].client_id != client_id:
                raise RefreshTokenInvalid
            outcome = await self._use_token(session, chain, refresh_token, (key, scope))
        return self._told(outcome, person_id)

    async def revoke(self, *, client_id: str, token: str) -> PersonId | None:
        """End the session that a refresh or an access token belongs to; return whose, or None when there is none.

        Source: RFC 7009 §2.
        """
        if (owner := owner_of(token)) is not None:
            async with self._transaction() as session:
                chain = await lock_chain(session, owner, digest(token))
                if chain is None or chain[0].client_id != client_id:
                    return None
                await self._revoke(session, chain[0])
            self._ended(owner)
            return owner
        try:
            principal = self._tokens.verify(token)
        except TokenRefused:
            return None
        is_ended = await self.end(principal.person_id, principal.session_id, client_id=client_id)
        return principal.person_id if is_ended else None

    async def end(self, person_id: PersonId, session_id: SessionId, *, client_id: str | None = None) -> bool:
        """End one session; return whether it is there and, where `client_id` is given, that app's."""
        async with self._transaction() as session:
            family = await lock_session(session, person_id, session_id)
            if family is None or client_id not in {None, family.client_id}:
                return False
            await self._revoke(session, family)
        self._ended(person_id)
        return True

    async def open_for_development(
        self, *, issuer: str, subject: str, client_id: str, position: Position = AS_CITIZEN
    ) -> Grant:
        """Open a session for an existing account without any proof: the caller refuses this in production.

        Raises:
            AccountUnknown: No such account.
        """
        async with self._transaction() as session:
            account = await find_account(session, issuer=issuer, subject=subject)
            if account is None:
                raise AccountUnknown
            family = self._new(PersonId(account.person_id), client_id, self._clock(), NO_DEVICE, position)
            return await self._open(session, family)

    async def is_live(self, person_id: PersonId, session_id: SessionId) -> bool:
        """Whether the session still stands: neither revoked nor past its absolute end."""
        async with self._transaction() as session:
            family = await session.get(Session, (person_id, session_id))
        return family is not None and family.revoked_at is None and self._clock() < family.expires_at

    async def _use_code(
        self,
        session: AsyncSession,
        found: AuthorizationCode,
        presented: tuple[str, str, str],
        device: Device,
        replaced: set[PersonId],
    ) -> Grant | SignInRefused:
        """Use the code up; add to `replaced` whose sessions ended."""
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
        if not _matches(verifier, found.code_challenge) or found.key_thumbprint not in {None, device.key}:
            return AuthorizationCodeInvalid()
        if device.key is not None:
            replaced.add(person_id)
            if found.position.kind is ActorKind.KIOSK:
                replaced |= await end_sessions_at(session, device.key, now=now)
            else:
                await end_sessions(session, person_id, now=now, of_key=(client_id, device.key))
        family = self._new(person_id, client_id, found.authenticated_at, device, found.position)
        grant = await self._open(session, family)
        found.session_id = grant.session_id
        for one in replaced:
            await self._watcher.ended(session, one, now)
        await self._watcher.begun(session, await begin_on_device(session, family))
        return grant

    async def _use_token(
        self,
        session: AsyncSession,
        chain: tuple[Session, RefreshToken],
        secret: str,
        wanted: tuple[str | None, Scope | None],
    ) -> Grant | SignInRefused:
        (family, token), (key, scope) = chain, wanted
        now = self._clock()
        match judge(shown(family, token), key=key, now=now):
            case Verdict.REUSED:
                await self._revoke(session, family)
                return RefreshTokenReused()
            case Verdict.ENDED:
                return SessionEnded()
            case Verdict.KEY_REFUSED:
                return DpopProofInvalid()
            case _ if scope is not None and not may_narrow(family, key):
                return ScopeUnknown()
            case Verdict.REPEAT:
                return await self._grant(session, family, successor_of(secret, str(token.successor_salt)), scope)
        person_id = PersonId(family.person_id)
        if family.key_thumbprint is None and key is not None:  # the device was known without it
            family.key_thumbprint = key
            await note_device(session, family, now=now)
        if family.last_seen_at is None or now - family.last_seen_at >= _NOTED_EVERY:
            await self._watcher.went_on(session, person_id, SessionId(family.id), now)
        token.used_at, token.successor_salt = now, mint_salt()
        session.add(token)
        successor = successor_of(secret, token.successor_salt)
        self._add_token(session, family, successor)
        return await self._grant(session, family, successor, scope)

    def _new(
        self, person_id: PersonId, client_id: str, authenticated_at: datetime, device: Device, position: Position
    ) -> Session:
        now, is_bound = self._clock(), device.key is not None
        return Session(
            person_id=person_id,
            id=uuid7(),
            client_id=client_id,
            authenticated_at=authenticated_at,
            created_at=now,
            expires_at=now + self._settings.longest(position.kind, is_bound=is_bound),
            key_thumbprint=device.key,
            device_name=device.name,
            kind=position.kind,
            organization=position.organization,
            level=position.level,
        )

    async def _open(self, session: AsyncSession, family: Session) -> Grant:
        session.add(family)
        await session.flush()
        refresh_token = mint_for(PersonId(family.person_id))
        self._add_token(session, family, refresh_token)
        return await self._grant(session, family, refresh_token)

    def _add_token(self, session: AsyncSession, family: Session, refresh_token: str) -> None:
        """Add the next refresh token of the family."""
        token = next_token(family, refresh_token, now=self._clock(), settings=self._settings)
        session.add_all([family, token])

    async def _grant(
        self, session: AsyncSession, family: Session, refresh_token: str, scope: Scope | None = None
    ) -> Grant:
        """Give tokens of the family; the account's level of today stands in the access token."""
        account = await read_account(session, PersonId(family.person_id))
        return grant_of(family, self._tokens, assurance=account.assurance, refresh_token=refresh_token, scope=scope)

    async def _revoke(self, session: AsyncSession, family: Session | None) -> None:
        if family is not None and family.revoked_at is None:
            family.revoked_at = self._clock()
            session.add(family)
            await session.flush()
            await self._watcher.ended(session, PersonId(family.person_id), family.revoked_at)

    def _told(self, outcome: Grant | SignInRefused, person_id: PersonId, replaced: Iterable[PersonId] = ()) -> Grant:
        """Raise a refusal only now, after the transaction has kept what it revoked or used up; tell who has to know."""
        if isinstance(outcome, SignInRefused):
            if isinstance(outcome, _REVOKING):
                self._ended(person_id)
            raise outcome
        for one in replaced:
            self._ended(one)
        return outcome


def _matches(verifier: str, challenge: str) -> bool:
    if not CODE_VERIFIER_PATTERN.fullmatch(verifier):
        return False
    return hmac.compare_digest(str(create_s256_code_challenge(verifier)), challenge)
