"""Refusals of oversight."""

from backend.errors import Refusal


class CommentRefused(Refusal):
    """A comment or a note above 1,000 characters, or a note that is empty."""

    code = "COMMENT_REFUSED"


class ReviewSettled(Refusal):
    """The review is settled: a verdict is given once."""

    code = "REVIEW_ALREADY_SETTLED"
