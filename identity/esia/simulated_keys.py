"""The keys of the simulated ESIA: one signs, those published are in its JWKS."""

import asyncio
import hashlib

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from identity.keys import make_rsa_key


class KeyRing:
    """Starts with one key; rotates on command, the old key published beside the new one or not."""

    def __init__(self, key: RSAPrivateKey, *, sends_kid: bool) -> None:
        """Take the first key; `sends_kid` names the key in the header of tokens."""
        self._keys = [key]
        self._sends_kid = sends_kid

    @property
    def signing(self) -> RSAPrivateKey:
        """The key that signs now."""
        return self._keys[0]

    def named(self) -> dict[str, str]:
        """Return what a token's header says of the key."""
        return {"kid": kid_of(self.signing.public_key())} if self._sends_kid else {}

    async def rotate(self, *, keeps_old: bool) -> None:
        """Sign with a new key from now on; the old one stays published, or is gone at once."""
        key = await asyncio.to_thread(make_rsa_key)
        self._keys = [key, self._keys[0]] if keeps_old else [key]

    def jwks(self) -> dict[str, list[dict[str, object]]]:
        """Return the published keys. Source: RFC 7517 §5."""
        return {"keys": [_jwk(key.public_key()) for key in self._keys]}


def kid_of(key: RSAPublicKey) -> str:
    """Return the JWK thumbprint. Source: RFC 7638 §3."""
    jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    canonical = orjson.dumps({name: jwk[name] for name in ("e", "kty", "n")})
    return base64url_encode(hashlib.sha256(canonical).digest()).decode()


def _jwk(key: RSAPublicKey) -> dict[str, object]:
    jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "use": "sig", "alg": "RS256", "kid": kid_of(key)}
