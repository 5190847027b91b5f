"""Our keys while a certificate is changed: which of them signs is decided by the clock, and by what ESIA takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from identity.esia.errors import EsiaSignerUnavailable
from identity.esia.signer import Signer

REFUSED_FOR = timedelta(minutes=10)
"""For so long a key that ESIA refused is the last to be tried."""
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_log = structlog.get_logger("identity")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A signer and when it may sign: from `valid_from` on, before `valid_to`, aware; None means without a bound.

    `name` is the key's name in the log: `current` or `next`.
    """

    name: str
    signer: Signer
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def is_valid_at(self, now: datetime) -> bool:
        """Whether it may sign now."""
        return (self.valid_from is None or self.valid_from <= now) and (self.valid_to is None or now < self.valid_to)


class SigningKeys:
    """One key, or two during a change."""

    def __init__(self, keys: Sequence[SigningKey], *, clock: Callable[[], datetime]) -> None:
        """Take the keys.

        Raises:
            ValueError: There is none.
        """
        if not keys:
            raise ValueError("no key signs our requests to ESIA")
        self._keys = tuple(keys)
        self._clock = clock
        self._refused: dict[str, datetime] = {}

    def in_turn(self) -> tuple[SigningKey, ...]:
        """Return the keys valid now, the newest first, one that ESIA refused in the last ten minutes last.

        Raises:
            EsiaSignerUnavailable: None is valid now.
        """
        now = self._clock()
        valid = [key for key in self._keys if key.is_valid_at(now)]
        if not valid:
            _log.error("esia.no_valid_key", keys=[key.name for key in self._keys])
            raise EsiaSignerUnavailable
        valid.sort(key=lambda key: key.valid_from or _ALWAYS, reverse=True)
        return tuple(sorted(valid, key=lambda key: self._is_refused(key, now)))

    def note_refused(self, key: SigningKey, *, esia_code: str | None) -> None:
        """Put a key last for ten minutes, because ESIA itself told us that it does not take it."""
        self._refused[key.name] = self._clock()
        _log.warning("esia.key_refused", key=key.name, esia_code=esia_code)

    def _is_refused(self, key: SigningKey, now: datetime) -> bool:
        refused_at = self._refused.get(key.name)
        return refused_at is not None and now < refused_at + REFUSED_FOR
