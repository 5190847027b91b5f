"""Our client of ESIA: sends a browser there, exchanges the code, checks every token, reads the person."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import uuid4

import httpx2
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import BaseModel, ValidationError

from identity.errors import EsiaAnswerInvalid, EsiaUnavailable
from identity.esia.dialects import V2_V3, Dialect, format_timestamp, text_to_sign
from identity.esia.signer import Signer, encode_secret
from identity.esia.tokens import EsiaTokens
from identity.esia.values import EsiaIdentity
from identity.esia.wire import ErrorAnswer, Person, TokenAnswer, error_of, instant, read_json
from identity.principal import Assurance
from identity.settings import EsiaSettings

MAX_ANSWER_BYTES = 512 * 1024
_EMBED = "(contacts.elements,documents.elements)"
_Model = TypeVar("_Model", bound=BaseModel)


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
        """

    async def identify(self, *, code: str, verifier: str, redirect_uri: str) -> EsiaIdentity:
        """Exchange the callback's code and read who signed in.

        Raises:
            SignInRefused: The person or the code was refused, or the profile is not complete.
            EsiaUnavailable: No answer in time.
            EsiaAnswerInvalid: An answer that cannot be trusted.
            EsiaRequestRejected: ESIA does not accept us.
        """


def open_http(settings: EsiaSettings) -> httpx2.AsyncClient:
    """Return the HTTP client for `EsiaClient`; whoever opens it closes it."""
    timeout = httpx2.Timeout(settings.read_timeout_seconds, connect=settings.connect_timeout_seconds)
    limits = httpx2.Limits(max_connections=50, max_keepalive_connections=10)
    return httpx2.AsyncClient(timeout=timeout, limits=limits, follow_redirects=False, trust_env=False)


class EsiaClient:
    """`Esia` over real HTTP, in the v2/v3 dialect."""

    def __init__(
        self,
        *,
        settings: EsiaSettings,
        signer: Signer,
        verification_key: RSAPublicKey,
        http: httpx2.AsyncClient,
        clock: Callable[[], datetime],
        dialect: Dialect = V2_V3,
    ) -> None:
        """Bind ESIA's key to RS256; no token may choose another algorithm (S23)."""
        self._settings = settings
        self._signer = signer
        self._tokens = EsiaTokens(settings=settings, key=verification_key, clock=clock)
        self._http = http
        self._clock = clock
        self._dialect = dialect

    async def authorization_url(self, *, state: str, verifier: str, redirect_uri: str, ask_again: bool = False) -> str:
        """See `Esia.authorization_url`."""
        signed = await self._signed(self._dialect.signed_to_authorize, {"state": state, "redirect_uri": redirect_uri})
        base = self._settings.browser_base_url or self._settings.base_url
        url: str = prepare_grant_uri(
            base + self._dialect.authorize_path,
            response_type="code",
            access_type="online",
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **({"prompt": "login"} if ask_again else {}),
            **signed,
        )
        return url

    async def identify(self, *, code: str, verifier: str, redirect_uri: str) -> EsiaIdentity:
        """See `Esia.identify`."""
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                answer = await self._exchange(code=code, verifier=verifier, redirect_uri=redirect_uri)
                proven = self._tokens.check(answer)
                person = await self._read_person(proven.sub, answer.access_token)
        except TimeoutError as error:
            raise EsiaUnavailable from error
        return EsiaIdentity(
            issuer=proven.iss,
            subject=str(proven.sub),
            assurance=_assurance(person, is_trusted=proven.subject.trusted and person.trusted),
            authenticated_at=instant(proven.auth_time),
            facts=person.to_facts(as_of=self._clock()),
            documents=person.to_documents(),
        )

    async def _signed(self, names: tuple[str, ...], parameters: Mapping[str, str]) -> dict[str, str]:
        complete = {
            "client_id": self._settings.client_id,
            "scope": " ".join(self._settings.scopes),
            "timestamp": format_timestamp(self._clock()),
            **parameters,
        }
        complete["client_secret"] = encode_secret(await self._signer.sign(text_to_sign(names, complete)))
        if self._dialect.sends_certificate_hash:
            complete["client_certificate_hash"] = self._signer.certificate_hash
        return complete

    async def _exchange(self, *, code: str, verifier: str, redirect_uri: str) -> TokenAnswer:
        state = str(uuid4())
        signed = await self._signed(
            self._dialect.signed_to_exchange, {"state": state, "redirect_uri": redirect_uri, "code": code}
        )
        form = {**signed, "grant_type": "authorization_code", "token_type": "Bearer", "code_verifier": verifier}
        request = self._http.build_request("POST", self._settings.base_url + self._dialect.token_path, data=form)
        answer = _parse(TokenAnswer, await self._send(request))
        if answer.state != state:
            raise EsiaAnswerInvalid
        return answer

    async def _read_person(self, oid: int, access_token: str) -> Person:
        request = self._http.build_request(
            "GET",
            f"{self._settings.base_url}/rs/prns/{oid}",
            params={"embed": _EMBED},
            headers={"authorization": f"Bearer {access_token}"},
        )
        return _parse(Person, await self._send(request))

    async def _send(self, request: httpx2.Request) -> object:
        """Return the JSON of a good answer; translate every other outcome."""
        try:
            response = await self._http.send(request, stream=True)
            try:
                body = await _read_limited(response)
            finally:
                await response.aclose()
        except httpx2.TransportError as error:
            raise EsiaUnavailable from error
        except httpx2.DecodingError as error:
            raise EsiaAnswerInvalid from error
        try:
            answer = read_json(body)
        except ValueError as error:
            raise (EsiaUnavailable if response.status_code >= 500 else EsiaAnswerInvalid) from error
        if response.status_code == 200:
            return answer
        raise _failure(response.status_code, answer)


async def _read_limited(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise EsiaAnswerInvalid
    return bytes(body)


def _parse(model: type[_Model], value: object) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError:
        # The cause holds the person's data: it must not reach a log.
        raise EsiaAnswerInvalid from None


def _failure(status: int, answer: object) -> Exception:
    try:
        told = ErrorAnswer.model_validate(answer)
    except ValidationError:
        return EsiaUnavailable() if status >= 500 else EsiaAnswerInvalid()
    return error_of(told.error_description) if status < 500 or "ESIA-" in told.error_description else EsiaUnavailable()


def _assurance(person: Person, *, is_trusted: bool) -> Assurance:
    """Both sources must call the account confirmed; a standard account is known by its verified SNILS."""
    if is_trusted:
        return Assurance.CONFIRMED
    return Assurance.SIMPLIFIED if person.snils is None else Assurance.STANDARD
