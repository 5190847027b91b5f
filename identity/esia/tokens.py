"""Checks of ESIA's two tokens; nothing in them is believed before."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from pydantic import ValidationError

from identity.errors import EsiaAnswerInvalid
from identity.esia.wire import AccessClaims, EsiaIdToken, IdClaims, TokenAnswer, instant
from identity.jws import JwsRefused, VerificationKey, open_token, read_header
from identity.settings import EsiaSettings

ALGORITHM = "RS256"
LEEWAY = timedelta(seconds=60)
_HEADER_WORDS = frozenset({"alg", "typ", "ver", "sbt", "kid"})


class EsiaTokens:
    """Opens tokens with ESIA's one key, bound to RS256: no token may choose another algorithm (S23)."""

    def __init__(self, *, settings: EsiaSettings, key: RSAPublicKey, clock: Callable[[], datetime]) -> None:
        """Take what the tokens must agree with."""
        self._settings = settings
        self._key = VerificationKey(key, ALGORITHM)
        self._clock = clock

    def check(self, answer: TokenAnswer) -> IdClaims:
        """Return the claims of the id_token, both tokens checked and about the same person.

        Raises:
            EsiaAnswerInvalid: Any doubt: signature, algorithm, kind of token, issuer, audience, times, person.
        """
        try:
            access, proven = self._check_access(answer.access_token), self._check_id(answer.id_token)
        except JwsRefused as error:
            raise EsiaAnswerInvalid from error
        except ValidationError:
            # Its text holds claims of a person: they must not reach a log as the cause.
            raise EsiaAnswerInvalid from None
        if not access.subject == proven.sub == proven.subject.oid:
            raise EsiaAnswerInvalid
        return proven

    def _check_access(self, token: str) -> AccessClaims:
        claims = AccessClaims.model_validate(self._open(token, kind="access"))
        if claims.client_id != self._settings.client_id or claims.iss != self._settings.issuer:
            raise JwsRefused("client or issuer")
        now = self._clock()
        if instant(max(claims.iat, claims.nbf)) > now + LEEWAY or now >= instant(claims.exp) + LEEWAY:
            raise JwsRefused("time")
        return claims

    def _check_id(self, token: str) -> IdClaims:
        payload = self._open(token, kind="id")
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

    def _open(self, token: str, *, kind: str) -> Mapping[str, object]:
        if read_header(token, words=_HEADER_WORDS).get("sbt") != kind:
            raise JwsRefused("sbt")
        return open_token(token, self._key)
