"""One try of any sender: bounded in time, never an exception, and logged once, by ids and codes."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from notifications.channels.port import Outcome, Parcel, Provider, Verdict

_log = structlog.get_logger(__name__)
_LEVELS = {
    Verdict.ACCEPTED: logging.INFO,
    Verdict.ADDRESS_DEAD: logging.INFO,
    Verdict.RECIPIENT_REFUSES: logging.INFO,
    Verdict.CONTENT_REFUSED: logging.ERROR,
    Verdict.PROVIDER_UNUSABLE: logging.ERROR,
}
"""What somebody has to mend is an error; what passes by itself a warning."""


async def attempt(
    provider: Provider, parcel: Parcel, *, seconds: float, trying: Callable[[Parcel], Coroutine[Any, Any, Outcome]]
) -> Outcome:
    """Let a sender try once.

    Args:
        provider: Who tries, for the log.
        parcel: What is sent.
        seconds: The longest that it may take, all steps together.
        trying: The try itself; it is cancelled when its time is over.

    Returns:
        What `trying` answers; UNCLEAR where it took too long, or raised something it should have known.
    """
    started_at = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            outcome = await trying(parcel)
    except TimeoutError:
        outcome = Outcome(Verdict.UNCLEAR, "timed_out")
    except Exception as error:  # a bug of one sender must not stop the queue
        # neither message nor chain: either may quote the parcel
        _log.error("sender_failed", provider=provider, error=type(error).__name__, where=_where(error))
        outcome = Outcome(Verdict.UNCLEAR, "unexpected")
    _log.log(
        _LEVELS.get(outcome.verdict, logging.WARNING),
        "message_sent",
        provider=provider,
        delivery_id=str(parcel.delivery_id),
        verdict=outcome.verdict,
        reason=outcome.reason,
        duration_ms=round((time.monotonic() - started_at) * 1000),
    )
    return outcome


def _where(error: BaseException) -> str:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return f"{step.tb_frame.f_globals.get('__name__')}:{step.tb_lineno}" if step is not None else ""
