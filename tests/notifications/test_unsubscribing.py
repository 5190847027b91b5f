"""Links of mails: they tell nothing, only ours are read, and only topics that can be left have one."""

import base64
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import Channel
from notifications.messages import MessageKind
from notifications.preferences import Way, can_switch_off
from notifications.topics import Topic
from notifications.unsubscribing import UnsubscribeLinks, Unsubscribing
from tests.factories.deliveries import SECRET, UNSUBSCRIBE_URL, Post, RememberingSender

LINKS = UnsubscribeLinks(UNSUBSCRIBE_URL, [SECRET])
ANNA = UUID("018f2f3c-0000-7000-8000-000000000001")
SAID = Unsubscribing(ANNA, Way(Topic.CAMPAIGNS, Channel.EMAIL))
TOKEN = LINKS.token(SAID)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(person=st.uuids(), topic=st.sampled_from(Topic), channel=st.sampled_from(Channel))
def test_a_token_is_read_as_it_was_made_where_the_topic_can_be_left(
    person: UUID, topic: Topic, channel: Channel
) -> None:
    said = Unsubscribing(person, Way(topic, channel))
    assert LINKS.read(LINKS.token(said)) == (said if can_switch_off(topic) else None)


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from(LETTERS))
def test_a_token_changed_in_any_letter_is_none(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert LINKS.read(changed) == (SAID if changed == TOKEN else None)


@given(st.text())
def test_whatever_else_is_none(text: str) -> None:
    assert LINKS.read(text) is None


@pytest.mark.parametrize(
    "spoilt", [TOKEN + "=", TOKEN[:-1], TOKEN + "A", " " + TOKEN[1:], TOKEN.replace(TOKEN[0], "+", 1)]
)
def test_a_token_of_another_form_is_none(spoilt: str) -> None:
    assert LINKS.read(spoilt) is None


def test_a_token_tells_neither_person_nor_topic() -> None:
    raw = base64.urlsafe_b64decode(TOKEN + "=")
    assert ANNA.bytes not in raw
    assert b"campaigns" not in raw
    other = LINKS.token(replace(SAID, person_id=uuid4()))
    assert len(other) == len(TOKEN)
    assert other[:8] != TOKEN[:8]


def test_after_a_change_of_the_secret_old_links_work_and_strange_ones_do_not() -> None:
    changed = UnsubscribeLinks(UNSUBSCRIBE_URL, [b"new" * 11, SECRET])
    assert changed.token(SAID) != TOKEN
    assert changed.read(TOKEN) == changed.read(changed.token(SAID)) == SAID
    assert UnsubscribeLinks(UNSUBSCRIBE_URL, [b"new" * 11]).read(TOKEN) is None


async def test_a_mail_of_a_topic_that_can_be_left_has_the_way_out_and_no_other_has(database: Database) -> None:
    post, person = Post(database), uuid7()
    for kind in (MessageKind.PRESCRIPTION_ISSUED, MessageKind.EMERGENCY_ACCESS):
        await post.put(person, Channel.EMAIL, kind=kind)
    mails, sms = RememberingSender(), RememberingSender()
    await post.courier(mails, channel=Channel.EMAIL).deliver_due()
    await post.put(person, Channel.SMS, kind=MessageKind.APPOINTMENT_CANCELLED)
    await post.courier(sms).deliver_due()
    headers = {parcel.kind: parcel.content.headers for parcel in (*mails.parcels, *sms.parcels)}
    token = LINKS.token(Unsubscribing(person, Way(Topic.PRESCRIPTIONS, Channel.EMAIL)))
    assert headers == {
        MessageKind.PRESCRIPTION_ISSUED: (
            ("List-Unsubscribe", f"<{UNSUBSCRIBE_URL}/{token}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
        MessageKind.EMERGENCY_ACCESS: (),
        MessageKind.APPOINTMENT_CANCELLED: (),
    }
