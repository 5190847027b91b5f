from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from identity.access_log import entry_id, sequence_of
from identity.principal import PersonId

SEQUENCES = st.integers(1, 2**62 - 1)


@given(st.uuids(), SEQUENCES)
def test_an_id_names_its_entry_in_its_own_log(person: UUID, sequence: int) -> None:
    made = entry_id(PersonId(person), sequence)
    assert sequence_of(PersonId(person), made) == sequence
    assert (made.version, made.variant) == (8, "specified in RFC 4122")


@given(st.uuids(), st.uuids(), SEQUENCES)
def test_an_id_of_another_log_names_nothing(person: UUID, other: UUID, sequence: int) -> None:
    if person != other:
        assert sequence_of(PersonId(other), entry_id(PersonId(person), sequence)) is None


@given(st.uuids(), st.uuids())
def test_an_id_that_was_not_given_names_nothing(person: UUID, made_up: UUID) -> None:
    assert sequence_of(PersonId(person), made_up) is None
