import uuid

from hypothesis import given
from hypothesis import strategies as st

from identity.opaque import digest, mint, mint_for, owner_of
from identity.principal import PersonId


@given(st.uuids())
def test_a_secret_names_its_owner_and_is_never_the_same(person: uuid.UUID) -> None:
    first, second = mint_for(PersonId(person)), mint_for(PersonId(person))
    assert owner_of(first) == owner_of(second) == person
    assert first != second
    assert len(first) == 64


@given(st.text(max_size=80))
def test_any_text_has_an_owner_or_none_and_nothing_else(text: str) -> None:
    found = owner_of(text)
    assert found is None or len(text) == 64


@given(st.uuids(), st.integers(0, 63), st.characters(exclude_categories=["Cs"]))
def test_a_changed_secret_has_another_digest(person: uuid.UUID, place: int, other: str) -> None:
    secret = mint_for(PersonId(person))
    changed = secret[:place] + other + secret[place + 1 :]
    assert (digest(changed) == digest(secret)) == (changed == secret)


def test_a_secret_of_nobody_has_256_bits() -> None:
    assert len({mint() for _ in range(100)}) == 100
    assert len(mint()) == 43
