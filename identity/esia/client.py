"""Our client of ESIA: sends a browser there, exchanges the code, checks every token, reads the person."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

import httpx2

from identity.errors import EsiaAnswerInvalid, EsiaUnavailable, IdentityOperational
from identity.esia.dialects import LOGOUT_PATH
from identity.esia.errors import Failure, error_of, esia_code_of
from identity.esia.jwks import EsiaKeys
from identity.esia.oauth_wire import IdClaims, TokenAnswer, instant
from identity.esia.person_reader import PersonReader
from identity.esia.person_wire import Person
from identity.esia.signed_requests import SignedRequests
from identity.esia.signing_keys import SigningKeys
from identity.esia.tokens import EsiaTokens
from identity.esia.values import EsiaGrant, EsiaIdentity
from identity.esia_settings import EsiaSettings
from identity.principal import Assurance

_Result = TypeVar("_Result")


class Esia(Protocol):
    """What sign-in needs of ESIA."""

    async def authorization_url(self, *, state: str, verifier: str, redirect_uri: str, ask_again: bool = False) -> str:
        """Return where to send the browser.

        Args:
            state: Comes back to `redirect_uri`, a UUID.
            verifier: Secret of this sign-in (RFC 7636), 43 to 128 characters; only its challenge is sent.
            redirect_uri: Our callback, registered at ESIA.
            ask_again: Also a person who is signed in at ESIA is to prove who they are; whether they did is told by
                `authenticated_at`, for nobody need honour what a browser carries.

        Raises:
            EsiaSignerUnavailable: Nothing can sign now.
        """

    async def identify(self, *, code: str, verifier: str, redirect_uri: str) -> EsiaIdentity:
        """Exchange the callback's code and read who signed in.

        Raises:
            SignInRefused: The person or the code was refused, or the profile is not complete.
            EsiaUnavailable: No answer in time.
            EsiaAnswerInvalid: An answer that cannot be trusted.
            IdentityOperational: ESIA does not accept us: key, scope, clock or redirect.
        """

    async def explain(self, description: str, *, redirect_uri: str) -> Failure:
        """Return our error for the callback's `error_description`; a refused key of ours is looked into."""

    async def refresh(self, *, subject: str, refresh_token: str, redirect_uri: str) -> EsiaIdentity:
        """Read a person anew without a browser, as far as their permission still reaches.

        Args:
            subject: Whose data, as stored at sign-in; tokens about anybody else are refused.
            refresh_token: Of the last `EsiaGrant`; it is used up.
            redirect_uri: Our callback, registered at ESIA.

        Raises:
            EsiaPermissionMissing: The permission has expired or was withdrawn.
            SignInRefused: As `identify`.
            IdentityOperational: As `identify`.
        """

    def logout_url(self, *, redirect_uri: str) -> str:
        """Return where to send the browser to end the session at ESIA; it comes back to `redirect_uri`."""


class EsiaClient:
    """`Esia` over real HTTP, in the dialect of the settings."""

    def __init__(
        self,
        *,
        settings: EsiaSettings,
        signing_keys: SigningKeys,
        keys: EsiaKeys,
        http: httpx2.AsyncClient,
        clock: Callable[[], datetime],
    ) -> None:
        """Take our keys and ESIA's; no token may choose how it is checked (S23)."""
        self._settings = settings
        self._requests = SignedRequests(settings=settings, signing_keys=signing_keys, http=http, clock=clock)
        self._keys = keys
        self._tokens = EsiaTokens(settings=settings, keys=keys, clock=clock)
        self._reader = PersonReader(settings=settings, http=http)
        self._clock = clock

    async def authorization_url(self, *, state: str, verifier: str, redirect_uri: str, ask_again: bool = False) -> str:
        """See `Esia.authorization_url`."""
        return await self._requests.authorization_url(
            state=state, verifier=verifier, redirect_uri=redirect_uri, ask_again=ask_again
        )

    async def identify(self, *, code: str, verifier: str, redirect_uri: str) -> EsiaIdentity:
        """See `Esia.identify`."""

        async def exchange() -> EsiaIdentity:
            answer = await self._requests.exchange(code=code, verifier=verifier, redirect_uri=redirect_uri)
            return await self._read(answer, await self._tokens.check(answer))

        return await self._in_time(exchange())

    async def explain(self, description: str, *, redirect_uri: str) -> Failure:
        """See `Esia.explain`."""
        esia_code = esia_code_of(description)
        if esia_code is not None:
            try:
                await self._in_time(self._requests.confirm_refusal(esia_code, redirect_uri=redirect_uri))
            except IdentityOperational as unclear:
                return unclear
        return error_of(description)

    async def refresh(self, *, subject: str, refresh_token: str, redirect_uri: str) -> EsiaIdentity:
        """See `Esia.refresh`."""

        async def renew() -> EsiaIdentity:
            answer = await self._requests.refresh(refresh_token=refresh_token, redirect_uri=redirect_uri)
            proven = await self._tokens.check(answer)
            if str(proven.sub) != subject:
                raise EsiaAnswerInvalid
            return await self._read(answer, proven)

        return await self._in_time(renew())

    def logout_url(self, *, redirect_uri: str) -> str:
        """See `Esia.logout_url`."""
        base = self._settings.browser_base_url or self._settings.base_url
        query = urlencode({"client_id": self._settings.client_id, "redirect_url": redirect_uri})
        return f"{base}{LOGOUT_PATH}?{query}"

    async def close(self) -> None:
        """Stop reading keys."""
        await self._keys.close()

    async def _in_time(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                return await work
        except TimeoutError as error:
            raise EsiaUnavailable from error

    async def _read(self, answer: TokenAnswer, proven: IdClaims) -> EsiaIdentity:
        account = await self._reader.read(proven.sub, answer.access_token)
        person, now = account.person, self._clock()
        return EsiaIdentity(
            issuer=proven.iss,
            subject=str(proven.sub),
            assurance=_assurance(person, is_trusted=proven.subject.trusted and person.trusted),
            authenticated_at=instant(proven.auth_time),
            facts=person.to_facts(account.contacts, as_of=now),
            documents=tuple(one.to_value() for one in account.documents),
            addresses=tuple(one.to_value() for one in account.addresses),
            children=tuple(one.to_value() for one in account.kids),
            roles=tuple(one.to_value() for one in account.roles),
            grant=EsiaGrant(
                access_token=answer.access_token,
                refresh_token=answer.refresh_token,
                expires_at=now + timedelta(seconds=answer.expires_in),
            ),
        )


def _assurance(person: Person, *, is_trusted: bool) -> Assurance:
    """Both sources must call the account confirmed; a standard account is known by its verified SNILS."""
    if is_trusted:
        return Assurance.CONFIRMED
    return Assurance.SIMPLIFIED if person.snils is None else Assurance.STANDARD
