"""What a relay's answer means for a letter, by where in the conversation it came."""

import re
from enum import StrEnum

from notifications.channels.port import Outcome, Verdict

_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?=\s|$)", re.ASCII)
_DEAD = re.compile(r"5\.1\.(?![78]$)[0-9]+|5\.2\.1|5\.4\.4", re.ASCII)
"""5.1.x: no such mailbox or domain, moved, malformed; 5.1.7 and 5.1.8 are about our own address."""
_FULL = re.compile(r"5\.2\.2|5\.3\.1", re.ASCII)
_OURS = re.compile(r"5\.1\.[78]", re.ASCII)
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})


class Stage(StrEnum):
    """Where a conversation is; only from CONTENT on may a letter have been taken."""

    WAITING = "waiting"  # for one of our connections
    GREETING = "greeting"  # connecting, EHLO, STARTTLS, AUTH
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


def outcome_of_answer(stage: Stage, code: int, text: str) -> Outcome:
    """Read a refusal.

    Args:
        stage: What was answered.
        code: Three digits; whatever is no refusal was not understood.
        text: Only an enhanced status code at its beginning is read; it may quote our letter.

    Returns:
        The outcome; its reason is `smtp_550_5_1_1` or `smtp_550`.

    Source: RFC 5321, 4.2.3; RFC 3463; RFC 7505 (5.1.10); RFC 4954, 6.
    """
    match = _ENHANCED.match(text)
    enhanced = match[0] if match is not None and match[0][0] == str(code)[0] else ""
    reason = "_".join(("smtp", str(code), *enhanced.split("."))) if enhanced else f"smtp_{code}"
    if not 400 <= code < 600:
        return outcome_of_silence(stage, "unreadable")
    return Outcome(Verdict.RETRY if code < 500 else _verdict_for_good(stage, code, enhanced), reason)


def _verdict_for_good(stage: Stage, code: int, enhanced: str) -> Verdict:
    if stage in {Stage.GREETING, Stage.SENDER} or code in _SIGN_IN_CODES or _OURS.fullmatch(enhanced):
        return Verdict.PROVIDER_UNUSABLE
    if _FULL.fullmatch(enhanced) or (stage is Stage.RECIPIENT and code == 552 and not enhanced):
        return Verdict.RETRY
    if _DEAD.fullmatch(enhanced):
        return Verdict.ADDRESS_DEAD
    if stage is Stage.CONTENT:
        return Verdict.CONTENT_REFUSED
    return Verdict.RECIPIENT_REFUSES if enhanced or code == 554 else Verdict.ADDRESS_DEAD


def outcome_of_silence(stage: Stage, reason: str) -> Outcome:
    """Say what a missing or unreadable answer means.

    Args:
        stage: What was not answered.
        reason: `timed_out`, `connection_lost`, `unreadable`.

    Returns:
        UNCLEAR once the letter itself was on its way, else RETRY.
    """
    if stage is Stage.CONTENT:
        return Outcome(Verdict.UNCLEAR, reason)
    if stage is Stage.WAITING:
        return Outcome(Verdict.RETRY, "no_free_connection")
    return Outcome(Verdict.RETRY, "not_connected" if stage is Stage.GREETING else reason)
