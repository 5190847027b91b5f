"""Refusals of slips."""

from backend.errors import NotFound


class SlipNotFound(NotFound):
    """No such appointment of the person's, or none that one could come to."""

    code = "SLIP_NOT_FOUND"
