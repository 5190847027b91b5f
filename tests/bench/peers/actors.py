"""Who asks, for the servers that are measured without the checking of tokens."""

from identity.principal import Principal
from identity.tokens import AccessTokens


class KnownActors:
    """Checks a token when it is first seen, and never again."""

    def __init__(self, tokens: AccessTokens) -> None:
        """Begin with nobody known."""
        self._tokens = tokens
        self._known: dict[str, Principal] = {}

    def find(self, token: str) -> Principal:
        """Return who a token proves."""
        if (known := self._known.get(token)) is None:
            known = self._known[token] = self._tokens.verify(token)
        return known
