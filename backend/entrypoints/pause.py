"""How long a worker's place stays empty before it is filled again."""

LONG_LIFE_SECONDS = 30.0
"""A worker that served for so long was sound: its death is an accident, and its place is filled at once."""
_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0


class Pause:
    """Doubles while what fills the place cannot start or dies soon."""

    def __init__(self, first: float = _FIRST_SECONDS, longest: float = _LONGEST_SECONDS) -> None:
        """Begin with `first` seconds."""
        self._first = first
        self._longest = longest
        self._next = first

    def after_failure(self) -> float:
        """Return the seconds to wait after a worker that could not start."""
        seconds, self._next = self._next, min(2 * self._next, self._longest)
        return seconds

    def after_life(self, seconds_served: float) -> float:
        """Return the seconds to wait after the death of a worker that served for so long."""
        if seconds_served < LONG_LIFE_SECONDS:
            return self.after_failure()
        self._next = self._first
        return 0.0
