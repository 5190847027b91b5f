"""Proofs that whoever shows a token holds the device's key. Source: RFC 9449 (S26)."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from identity.device_keys import ALGORITHMS, device_key
from identity.errors import DpopProofInvalid
from identity.jws import JwsRefused, open_token, read_header
from identity.replays import Replays
from identity.tokens import Epoch

HEADER = "dpop"
TYPE = "dpop+jwt"
WINDOW = timedelta(seconds=60)
"""How far a proof's `iat` may lie from our clock, either way. Source: our requirements, "Figures to keep"."""
CHALLENGE_ALGORITHMS = " ".join(ALGORITHMS)
MAX_PROOF_BYTES = 4_096
_HEADER_WORDS = frozenset({"alg", "typ", "jwk"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Claims(BaseModel):
    """What a proof says; other claims are allowed and not looked at (RFC 9449 §4.2)."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    jti: str = Field(min_length=8, max_length=256)
    htm: str = Field(max_length=16)
    htu: str = Field(max_length=2_048)
    iat: Epoch
    ath: str | None = Field(default=None, max_length=64)


@dataclass(frozen=True, slots=True)
class Asked:
    """The request a proof must be made for: its method, its address as the client knows it, the token it shows."""

    method: str
    url: str
    access_token: str | None = None


class DpopProofs:
    """Checks proofs; each is good once."""

    def __init__(self, *, clock: Callable[[], datetime], replays: Replays) -> None:
        """`replays` is shared by all workers, or a proof could be shown once to each."""
        self._clock = clock
        self._replays = replays

    async def check(self, proof: str, asked: Asked, *, expected: str | None = None) -> str:
        """Return the thumbprint of the key that made the proof.

        Args:
            proof: The value of the `DPoP` header.
            asked: What it must be made for.
            expected: The thumbprint the proof must have.

        Raises:
            DpopProofInvalid: Any doubt: form, size, type, algorithm, key, signature, method, address, time, token,
                another key than expected, or a proof that was shown before.
        """
        try:
            thumbprint, claims = self._open(proof)
            self._judge(claims, asked)
        except (JwsRefused, ValueError) as error:
            raise DpopProofInvalid from error
        if expected is not None and not hmac.compare_digest(thumbprint, expected):
            raise DpopProofInvalid
        good_until = datetime.fromtimestamp(claims.iat, UTC) + WINDOW
        if not await self._replays.is_first(f"{thumbprint}:{claims.jti}", good_until=good_until):
            raise DpopProofInvalid
        return thumbprint

    def _open(self, proof: str) -> tuple[str, _Claims]:
        if len(proof) > MAX_PROOF_BYTES:
            raise JwsRefused("too long")
        header = read_header(proof, words=_HEADER_WORDS)
        if header.get("typ") != TYPE:
            raise JwsRefused("typ")
        key, thumbprint = device_key(header.get("jwk"), header.get("alg"))
        return thumbprint, _Claims.model_validate(open_token(proof, key))

    def _judge(self, claims: _Claims, asked: Asked) -> None:
        if claims.htm != asked.method or plain_address(claims.htu) != plain_address(asked.url):
            raise JwsRefused("another request")
        if abs(self._clock() - datetime.fromtimestamp(claims.iat, UTC)) > WINDOW:
            raise JwsRefused("time")
        if asked.access_token is not None and claims.ath != token_hash(asked.access_token):
            raise JwsRefused("another token")


def token_hash(access_token: str) -> str:
    """Return the `ath` of an access token. Source: RFC 9449 §4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def plain_address(url: str) -> tuple[str, str, int | None, str]:
    """Return what of an address is compared: scheme, host, port, path; query and fragment are not.

    Raises:
        ValueError: Not an http or https address.

    Source: RFC 9449 §4.3; RFC 3986 §6.2.2 and §6.2.3.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("not an http address")
    port = parts.port if parts.port is not None else _DEFAULT_PORTS[parts.scheme]
    return parts.scheme, parts.hostname, port, parts.path or "/"


def challenge(error: str) -> str:
    """Return the value of `WWW-Authenticate` for a refused token or proof. Source: RFC 9449 §7.1."""
    return f'DPoP error="{error}", algs="{CHALLENGE_ALGORITHMS}"'
