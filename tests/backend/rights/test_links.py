"""S51: what a link says cannot be changed, and only its one form is read."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.rights.links import Link, read_token
from backend.rights.sealing import new_key
from backend.rights.values import ExportId
from identity.principal import PersonId, SessionId

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def make_link() -> Link:
    ids = PersonId(uuid7()), ExportId(uuid7()), PersonId(uuid7()), SessionId(uuid7())
    return Link(*ids, NOW + timedelta(seconds=300))


def test_a_link_says_what_it_was_made_of() -> None:
    key, link = new_key(), make_link()
    claimed = read_token(link.signed(key))
    assert claimed is not None
    assert (claimed.link, claimed.is_signed_by(key), claimed.is_signed_by(new_key())) == (link, True, False)


@given(st.data())
def test_no_changed_letter_is_taken(data: st.DataObject) -> None:
    key = new_key()
    token = make_link().signed(key)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda one: one != token[place]))
    claimed = read_token(token[:place] + letter + token[place + 1 :])
    assert claimed is None or not claimed.is_signed_by(key)


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    claimed = read_token(text)
    assert claimed is None or not claimed.is_signed_by(b"k" * 32)


def test_a_link_cannot_claim_the_end_of_time() -> None:
    from_far = make_link().signed(new_key())
    assert read_token(from_far[:85] + "_" * (len(from_far) - 85)) is None
