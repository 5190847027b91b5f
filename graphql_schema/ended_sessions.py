"""How a long connection hears that the session behind it ended."""

from collections.abc import Callable

from identity.live_sessions import OnEnd
from identity.principal import Principal

Follow = Callable[[Principal, OnEnd], Callable[[], None]]
"""Calls back once when the session ended, until what it returned is called; `LiveSessions.follow` is one."""


def follow_nobody(_principal: Principal, _on_end: OnEnd) -> Callable[[], None]:
    """Never call back: for those who have no sessions to ask about."""
    return lambda: None
