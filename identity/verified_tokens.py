"""Access tokens proven a moment ago: the signature of one token is checked once, not at each request."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from identity.principal import Principal
from identity.tokens import LEEWAY

MOST_TOKENS = 10_000
"""How many are remembered, the latest used ones; about 10 MB."""

Verify = Callable[[str], Principal]


class VerifiedTokens:
    """Remembers what tokens proved, by a salted digest: the tokens themselves are kept nowhere.

    Only what time can change is looked at again. Whether the session behind a token still lives was never a question
    to the token, so remembering it changes nothing there. A refusal is not remembered.
    """

    def __init__(self, verify: Verify, *, clock: Callable[[], datetime], most: int = MOST_TOKENS) -> None:
        """Ask `verify` about what is not known."""
        self._verify = verify
        self._clock = clock
        self._most = most
        self._salt = secrets.token_bytes(16)
        self._known: OrderedDict[bytes, tuple[Principal, datetime]] = OrderedDict()

    def verify(self, token: str) -> Principal:
        """Return who the token proves.

        Raises:
            TokenRefused: As `AccessTokens.verify`.
        """
        digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).digest()
        now = self._clock()
        if (known := self._known.get(digest)) is not None:
            principal, proven_at = known
            if proven_at <= now < principal.expires_at + LEEWAY:
                self._known.move_to_end(digest)
                return principal
            del self._known[digest]
        principal = self._verify(token)
        self._known[digest] = principal, now
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return principal

    def __len__(self) -> int:
        """Return how many tokens are remembered."""
        return len(self._known)
