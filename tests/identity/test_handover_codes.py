"""Codes that people carry: read as they are typed, the same for the same request, kept as nothing readable."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.handover_codes import ALPHABET, HandoverCodes, read_code, written
from identity.keys import derive_secret, make_ec_key
from identity.principal import PersonId, SessionId

CODES = HandoverCodes(b"k" * 32)
PERSON, SESSION, REQUEST = PersonId(UUID(int=1)), SessionId(UUID(int=2)), UUID(int=3)


@given(st.uuids(), st.uuids())
def test_a_code_is_of_its_request_session_and_key(session_id: UUID, request_key: UUID) -> None:
    code = CODES.make(SessionId(session_id), request_key)
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert CODES.make(SessionId(session_id), request_key) == code
    assert HandoverCodes(b"o" * 32).make(SessionId(session_id), request_key) != code
    assert read_code(written(code)) == read_code(code.lower()) == read_code(f" {code} ") == code


def test_codes_look_like_nothing_but_chance() -> None:
    codes = [CODES.make(SESSION, UUID(int=number)) for number in range(2_000)]
    assert len(set(codes)) == 2_000
    assert all({code[place] for code in codes} == set(ALPHABET) for place in range(8))


def test_what_is_kept_is_of_the_person_and_the_key() -> None:
    code = CODES.make(SESSION, REQUEST)
    kept = CODES.hash(PERSON, code)
    assert len(kept) == 64
    assert kept != CODES.hash(PersonId(UUID(int=9)), code)
    assert kept != HandoverCodes(b"o" * 32).hash(PERSON, code)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("abcd-2345", "ABCD2345"),
        ("oil0-1lio", "01101110"),
        ("авсе-кмнр", "ABCEKMHP"),
        ("ABCD 2345", "ABCD2345"),
        ("ABCD-234", None),
        ("ABCD-23456", None),
        ("ABCD-234U", None),
        ("ABCD-234%", None),
        ("", None),
        ("ABCD2345" + " " * 30, None),
        ("٠١٢٣٤٥٦٧", None),
    ],
)
def test_what_people_type_is_read_by_its_looks(typed: str, read: str | None) -> None:
    assert read_code(typed) == read


def test_a_derived_secret_is_of_its_key_and_purpose() -> None:
    key = make_ec_key()
    secrets = {
        derive_secret(key, "a"),
        derive_secret(key, "a"),
        derive_secret(key, "b"),
        derive_secret(make_ec_key(), "a"),
    }
    assert len(secrets) == 3
    assert {len(one) for one in secrets} == {32}
