"""Signing in through ESIA on behalf of an app, as RFC 8252 and RFC 9700 ask."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from authlib.common.urls import add_params_to_uri
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.employment import position_at
from identity.errors import (
    AuthenticationTooWeak,
    EsiaAnswerInvalid,
    IdentityOperational,
    IdentityRefusal,
    PkceRequired,
    ResponseTypeUnsupported,
    SignInRefused,
    SignInRequestInvalid,
    SignInStateInvalid,
)
from identity.esia.client import Esia
from identity.esia.values import EsiaIdentity
from identity.kiosks import require_machine
from identity.known_children import record_children
from identity.opaque import digest, mint, mint_for
from identity.ports import PersonDirectory
from identity.positions import STAFF, Position
from identity.principal import ActorKind, Assurance, PersonId
from identity.queries import find_account, has_account, has_signed_in_by, record_sign_in, take_pending
from identity.redirects import find_app, require_redirect
from identity.settings import IdentitySettings
from identity.tables import AuthorizationCode, PendingSignIn
from identity.transactions import Transaction
from identity.wanted import Wanted, require_wanted

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_STATE = 512
_MAX_REDIRECT = 512
_MAX_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True)
class Started:
    """Where to send the browser, and the secret that binds the sign-in to it (None: the app is told an error)."""

    location: str
    browser_secret: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """Where to send the browser: the app's redirect with our code, or with an error (`code` says which)."""

    location: str
    person_id: PersonId | None = None
    code: str | None = None


class SignIn:
    """The two ends of a sign-in: our start and ESIA's callback. No network call stands inside a transaction."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        esia: Esia,
        directory: PersonDirectory,
        clock: Callable[[], datetime],
        settings: IdentitySettings,
    ) -> None:
        """Take everything it works with."""
        self._transaction = transaction
        self._esia = esia
        self._directory = directory
        self._clock = clock
        self._settings = settings
        self._lifetime = timedelta(seconds=settings.tokens.sign_in_lifetime_seconds)

    async def start(self, parameters: Mapping[str, str]) -> Started:
        """Begin a sign-in that an app asks for.

        Args:
            parameters: client_id, redirect_uri, response_type, state, code_challenge, code_challenge_method; and where
                wanted dpop_jkt (the key the code is for), max_age (seconds), acr_values (of `identity.step_up`), prompt
                (`login`: the person is asked again), organization (of an app for staff: the employer's OGRN).

        Returns:
            The way to ESIA; or, for an error after the redirect proved to be the app's, the way back to the app.

        Raises:
            AppUnknown: No such app; nobody may be redirected.
            RedirectNotAllowed: Not a redirect of this app; nobody may be redirected.

        At a kiosk the machine's key has to be named (dpop_jkt), and the person is always asked anew.

        Source: RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9449 §10, RFC 9470 §4 (S21, S22, S31).
        """
        app = find_app(self._settings.apps, parameters.get("client_id", ""))
        redirect_uri = parameters.get("redirect_uri", "")
        require_redirect(app, redirect_uri[: _MAX_REDIRECT + 1])
        try:
            _require_sound(parameters)
            wanted = Wanted.parse(parameters)
            require_machine(self._settings.kiosks, app, wanted.key_thumbprint)
            if wanted.organization is not None and app.signs_in not in STAFF:
                raise SignInRequestInvalid
            if app.signs_in is ActorKind.KIOSK:  # ESIA may still know in this browser who was here before
                wanted = replace(wanted, max_age_seconds=0, asks_again=True)
        except SignInRefused as refusal:
            return Started(self._refused(redirect_uri, parameters.get("state", ""), refusal), None, refusal.code)
        state, secret = str(uuid4()), mint()
        pending = PendingSignIn(
            state_hash=digest(state),
            browser_hash=digest(secret),
            client_id=app.client_id,
            redirect_uri=redirect_uri,
            app_state=parameters["state"],
            code_challenge=parameters["code_challenge"],
            expires_at=self._clock() + self._lifetime,
            key_thumbprint=wanted.key_thumbprint,
            max_age_seconds=wanted.max_age_seconds,
            acr=wanted.acr,
            organization=wanted.organization,
        )
        location = await self._esia.authorization_url(
            state=state,
            verifier=_esia_verifier(secret, state),
            redirect_uri=self._settings.callback_url,
            ask_again=wanted.asks_again,
        )
        async with self._transaction() as session:
            session.add(pending)
        return Started(location, secret)

    async def finish(self, parameters: Mapping[str, str], *, browser_secret: str) -> Finished:
        """Take ESIA's callback and give the app a one-time code.

        Args:
            parameters: code and state; or error, error_description and state.
            browser_secret: What `start` gave this browser.

        Returns:
            The way back to the app, with our code or with an error.

        Raises:
            SignInStateInvalid: Unknown, used or late state, or another browser's; nobody may be redirected (S22).
        """
        pending = await self._take(parameters.get("state", ""), browser_secret)
        try:
            identity = await self._identify(parameters, browser_secret)
            require_wanted(pending, identity, begun_at=pending.expires_at - self._lifetime)
            position = position_at(
                identity,
                kind=find_app(self._settings.apps, pending.client_id).signs_in,
                organizations=self._settings.organizations,
                chosen=pending.organization,
            )
            person_id, code = await self._admit(identity, pending, position)
        except (IdentityRefusal, IdentityOperational) as failure:
            return Finished(self._refused(pending.redirect_uri, pending.app_state, failure), None, failure.code)
        answer = {"code": code, "state": pending.app_state, "iss": self._settings.tokens.issuer}
        return Finished(_with_parameters(pending.redirect_uri, answer), person_id)

    async def _take(self, state: str, browser_secret: str) -> PendingSignIn:
        async with self._transaction() as session:
            pending = await take_pending(session, state_hash=digest(state), browser_hash=digest(browser_secret))
        if pending is None or self._clock() >= pending.expires_at:
            raise SignInStateInvalid
        return pending

    async def _identify(self, parameters: Mapping[str, str], browser_secret: str) -> EsiaIdentity:
        if "error" in parameters:
            told = parameters.get("error_description", "")[:_MAX_DESCRIPTION]
            raise await self._esia.explain(told, redirect_uri=self._settings.callback_url)
        code = parameters.get("code", "")
        if not code:
            raise EsiaAnswerInvalid
        verifier = _esia_verifier(browser_secret, parameters["state"])
        return await self._esia.identify(code=code, verifier=verifier, redirect_uri=self._settings.callback_url)

    async def _admit(self, identity: EsiaIdentity, pending: PendingSignIn, position: Position) -> tuple[PersonId, str]:
        """Store the account, the person's facts and our code, all or nothing; return the person and the code."""
        now = self._clock()
        async with self._transaction() as session:
            person_id = await record_sign_in(
                session,
                candidate=await self._candidate(session, identity),
                issuer=identity.issuer,
                subject=identity.subject,
                assurance=identity.assurance,
                now=now,
            )
            await self._require_new_proof(session, person_id, identity, pending, position)
            await self._directory.record(session, person_id, identity.facts)
            await record_children(
                session,
                person_id,
                [child.told() for child in identity.children],
                source=identity.facts.source,
                as_of=identity.facts.as_of,
            )
            code = mint_for(person_id)
            session.add(
                AuthorizationCode(
                    person_id=person_id,
                    code_hash=digest(code),
                    client_id=pending.client_id,
                    redirect_uri=pending.redirect_uri,
                    code_challenge=pending.code_challenge,
                    authenticated_at=identity.authenticated_at,
                    expires_at=now + timedelta(seconds=self._settings.tokens.code_lifetime_seconds),
                    key_thumbprint=pending.key_thumbprint,
                    kind=position.kind,
                    organization=position.organization,
                    level=position.level,
                )
            )
        return person_id, code

    async def _require_new_proof(
        self,
        session: AsyncSession,
        person_id: PersonId,
        identity: EsiaIdentity,
        pending: PendingSignIn,
        position: Position,
    ) -> None:
        """At a kiosk let one proof of identity sign in once: the next one there may find ESIA's page still open."""
        if position.kind is ActorKind.KIOSK and await has_signed_in_by(
            session, person_id, key=str(pending.key_thumbprint), authenticated_at=identity.authenticated_at
        ):
            raise AuthenticationTooWeak

    async def _candidate(self, session: AsyncSession, identity: EsiaIdentity) -> PersonId:
        """Return whose a new account is: somebody's whom a relative made known before, or somebody new."""
        is_proven = identity.assurance is Assurance.CONFIRMED
        if is_proven and await find_account(session, issuer=identity.issuer, subject=identity.subject) is None:
            known = await self._directory.known_as(session, identity.facts)
            if known is not None and not await has_account(session, known):
                return known
        return PersonId(uuid7())

    def _refused(self, redirect_uri: str, state: str, failure: IdentityRefusal | IdentityOperational) -> str:
        """Return the app's redirect with the OAuth error, our code, and who answers (RFC 9207)."""
        answer = {"error": oauth_error(failure), "error_code": failure.code, "iss": self._settings.tokens.issuer}
        return _with_parameters(redirect_uri, answer | ({"state": state} if 0 < len(state) <= _MAX_STATE else {}))


def oauth_error(failure: IdentityRefusal | IdentityOperational) -> str:
    """Return the OAuth word for a failure. Source: RFC 6749 §4.1.2.1."""
    if isinstance(failure, SignInRefused):
        return failure.error
    if isinstance(failure, IdentityOperational) and failure.retry_after_ms is not None:
        return "temporarily_unavailable"
    return "server_error"


def _require_sound(parameters: Mapping[str, str]) -> None:
    if parameters.get("response_type") != "code":
        raise ResponseTypeUnsupported
    challenge, method = parameters.get("code_challenge", ""), parameters.get("code_challenge_method")
    if method != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise PkceRequired
    if not 0 < len(parameters.get("state", "")) <= _MAX_STATE:
        raise SignInRequestInvalid


def _esia_verifier(browser_secret: str, state: str) -> str:
    """Return our PKCE verifier towards ESIA: made from what only this browser holds, so that we store nothing."""
    mac = hmac.digest(browser_secret.encode(), b"esia-verifier:" + state.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    extended: str = add_params_to_uri(uri, list(parameters.items()))
    return extended
