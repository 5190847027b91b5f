"""Checks of ESIA's two tokens; nothing in them is believed before."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from joserfc.errors import JoseError
from pydantic import ValidationError

from identity.errors import EsiaAnswerInvalid
from identity.esia.jwks import EsiaKeys
from identity.esia.oauth_wire import AccessClaims, EsiaIdToken, IdClaims, TokenAnswer, instant
from identity.esia_settings import EsiaSettings
from identity.jws import JwsRefused, VerificationKey, open_token, read_header

LEEWAY = timedelta(seconds=60)
_HEADER_WORDS = frozenset({"alg", "typ", "ver", "sbt", "kid"})
_MAX_KID = 200


class EsiaTokens:
    """Opens tokens with ESIA's keys, each bound to RS256: no token may choose another algorithm (S23)."""

    def __init__(self, *, settings: EsiaSettings, keys: EsiaKeys, clock: Callable[[], datetime]) -> None:
        """Take what the tokens must agree with."""
        self._settings = settings
        self._keys = keys
        self._clock = clock

    async def check(self, answer: TokenAnswer) -> IdClaims:
        """Return the claims of the id_token, both tokens checked and about the same person.

        Raises:
            EsiaAnswerInvalid: Any doubt: signature, algorithm, kind of token, issuer, audience, times, person.
            EsiaUnavailable: ESIA's keys could not be read.
        """
        try:
            access = self._check_access(await self._open(answer.access_token, kind="access"))
            proven = self._check_id(await self._open(answer.id_token, kind="id"))
        except JwsRefused as error:
            raise EsiaAnswerInvalid from error
        except ValidationError:
            # Its text holds claims of a person: they must not reach a log as the cause.
            raise EsiaAnswerInvalid from None
        if not access.subject == proven.sub == proven.subject.oid:
            raise EsiaAnswerInvalid
        return proven

    def _check_access(self, payload: Mapping[str, object]) -> AccessClaims:
        claims = AccessClaims.model_validate(payload)
        if claims.client_id != self._settings.client_id or claims.iss != self._settings.issuer:
            raise JwsRefused("client or issuer")
        now = self._clock()
        if instant(max(claims.iat, claims.nbf)) > now + LEEWAY or now >= instant(claims.exp) + LEEWAY:
            raise JwsRefused("time")
        return claims

    def _check_id(self, payload: Mapping[str, object]) -> IdClaims:
        claims = IdClaims.model_validate(payload)
        expected = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        # authlib reads `sub` as OpenID Connect's text; ESIA's number was parsed above.
        opened = EsiaIdToken({**payload, "sub": str(claims.sub)}, {}, expected, {"client_id": self._settings.client_id})
        try:
            opened.validate(now=int(self._clock().timestamp()), leeway=int(LEEWAY.total_seconds()))
        except JoseError as error:
            raise JwsRefused("claims") from error
        if instant(claims.auth_time) > self._clock() + LEEWAY:
            raise JwsRefused("time")
        return claims

    async def _open(self, token: str, *, kind: str) -> Mapping[str, object]:
        header = read_header(token, words=_HEADER_WORDS)
        kid = header.get("kid")
        if header.get("sbt") != kind or not (kid is None or (isinstance(kid, str) and len(kid) <= _MAX_KID)):
            raise JwsRefused("sbt or kid")
        try:
            return _open_with_any(token, await self._keys.find(kid))
        except JwsRefused:
            if kid is not None:
                raise
        return _open_with_any(token, await self._keys.find_newer())


def _open_with_any(token: str, keys: Sequence[VerificationKey]) -> Mapping[str, object]:
    """Return the payload, opened with the first key that fits; the keys are few."""
    for key in keys[:-1]:
        try:
            return open_token(token, key)
        except JwsRefused:
            continue
    if not keys:
        raise JwsRefused("unknown key")
    return open_token(token, keys[-1])
