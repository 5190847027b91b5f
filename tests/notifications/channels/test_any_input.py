"""Whatever a provider answers and whatever stands in a message: no exception, and nothing that was not meant."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.channels.fcm import outcome_of as fcm_outcome_of
from notifications.channels.fcm_wire import read_refusal
from notifications.channels.http import Answer, retry_after_seconds
from notifications.channels.letter import LetterUnfit, parse_recipient, write_letter
from notifications.channels.port import AddressKind, Content, Outcome, Verdict
from notifications.channels.rustore import outcome_of as rustore_outcome_of
from notifications.channels.smtp_answers import Stage, outcome_of_answer
from tests.notifications.channels.case_smtp import smtp_settings
from tests.notifications.channels.parcels import NOW, make_parcel

WORDS = st.sampled_from(
    [
        *("error", "status", "message", "details", "@type", "errorCode", "fieldViolations", "field", "code"),
        "type.googleapis.com/google.firebase.fcm.v1.FcmError",
        "type.googleapis.com/google.rpc.BadRequest",
        *("UNREGISTERED", "INVALID_ARGUMENT", "NOT_FOUND", "message.token", "registration token", "push token"),
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=5),
    max_leaves=25,
)
ERRORS = st.builds(lambda value: json.dumps({"error": value}).encode(), VALUES)
BODIES = st.binary(max_size=64) | ERRORS | st.builds(lambda value: json.dumps(value).encode(), VALUES)
REFUSALS = st.integers(300, 599)
OWN_WORDS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def is_a_code(outcome: Outcome) -> bool:
    return set(outcome.reason) <= OWN_WORDS and len(outcome.reason) <= 70


@given(REFUSALS, BODIES)
def test_any_error_of_fcm_has_a_verdict_and_a_code(status: int, body: bytes) -> None:
    outcome = fcm_outcome_of(read_refusal(status, body, retry_after_seconds=None))
    assert outcome.verdict not in {Verdict.ACCEPTED, Verdict.UNCLEAR}
    assert is_a_code(outcome)


@given(REFUSALS | st.just(200), BODIES)
def test_any_answer_of_rustore_has_a_verdict_and_a_code(status: int, body: bytes) -> None:
    outcome = rustore_outcome_of(Answer(status, body))
    assert is_a_code(outcome)
    assert (outcome.verdict in {Verdict.ACCEPTED, Verdict.UNCLEAR}) == (status == 200)


@given(st.sampled_from(Stage), st.integers(-1, 999), st.text(max_size=40) | st.from_regex(r"[245]\.\d\.\d{1,3} x"))
def test_any_answer_of_a_relay_has_a_verdict_and_a_code(stage: Stage, code: int, text: str) -> None:
    outcome = outcome_of_answer(stage, code, text)
    assert outcome.verdict is not Verdict.ACCEPTED
    assert is_a_code(outcome)
    if outcome.verdict is Verdict.UNCLEAR:
        assert stage is Stage.CONTENT


@given(
    st.text(max_size=40) | st.from_regex(r"[0-9]{0,30}") | st.datetimes().map(lambda at: f"{at:%a, %d %b %Y %T} GMT")
)
def test_any_wait_is_none_or_within_a_day(value: str) -> None:
    seconds = retry_after_seconds(value, now=datetime(2026, 11, 28, tzinfo=UTC))
    assert seconds is None or 0 <= seconds <= 86_400


@given(st.text(max_size=40) | st.emails() | st.builds("{}@{}".format, st.text(max_size=10), st.text(max_size=10)))
def test_any_recipient_is_one_address_or_none(text: str) -> None:
    try:
        recipient = parse_recipient(text)
    except LetterUnfit as error:
        assert error.outcome.verdict is Verdict.ADDRESS_DEAD  # noqa: PT017 # one of two ends
        return
    assert recipient.count("@") == 1
    assert not any(character.isspace() or character in '<>,;:"\\' for character in recipient)


TEXTS = st.text(max_size=200) | st.sampled_from(
    ["\r\n.\r\n", "x\r\nBcc: y@z.ru", "a" * 2_000, "я" * 900, "=?utf-8?q?x?="]
)


@settings(max_examples=50, deadline=None)  # Python folds headers slowly
@given(TEXTS, TEXTS, TEXTS)
def test_any_content_makes_one_letter_to_one_person_with_our_headers(title: str, body: str, link: str) -> None:
    content = Content(title, body, headers=(("List-Unsubscribe", link),))
    try:
        letter = write_letter(make_parcel(AddressKind.EMAIL, content=content), smtp_settings(25), now=NOW)
    except LetterUnfit as error:
        assert error.outcome.verdict is Verdict.CONTENT_REFUSED  # noqa: PT017 # one of two ends
        return
    message = message_from_bytes(letter.content, EmailMessage, policy=policy.default)
    assert sorted(message.keys()) == [
        *("Auto-Submitted", "Content-Type", "Date", "From", "List-Unsubscribe"),
        *("MIME-Version", "Message-ID", "Subject", "To"),
    ]
    assert message["To"] == "canary.anna@example.org"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert letter.content.isascii()
    assert max(len(line) for line in letter.content.split(b"\r\n")) <= 998
    assert b"\r" not in letter.content.replace(b"\r\n", b"")
    assert b"\n" not in letter.content.replace(b"\r\n", b"")
