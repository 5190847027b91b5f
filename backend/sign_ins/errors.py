"""Refusals about sessions."""

from backend.errors import Refusal


class SessionNotFound(Refusal):
    """No such session that stands, or another person's: both answer alike (S36)."""

    code = "SESSION_NOT_FOUND"
