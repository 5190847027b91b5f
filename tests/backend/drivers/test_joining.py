import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.drivers.joining import MOST_COMBINATIONS, Combinations, can_be_joined, joined_text

ONE = ("SELECT $1::int", 1)
NONE = ("SELECT 1", 0)


def test_the_parameters_of_each_follow_those_of_the_ones_before() -> None:
    assert joined_text([("SELECT $1, $2", 2), NONE, ("SELECT $2, $1, $2", 2)]) == (
        "SELECT ARRAY(SELECT ROW(q.*) FROM (SELECT $1, $2) AS q), "
        "ARRAY(SELECT ROW(q.*) FROM (SELECT 1) AS q), "
        "ARRAY(SELECT ROW(q.*) FROM (SELECT $4, $3, $4) AS q)"
    )


@given(literal=st.text("$12'\"a ", max_size=12), name=st.text("$12'\"a ", min_size=1, max_size=12))
def test_what_is_quoted_stays_as_it_is(literal: str, name: str) -> None:
    quoted = "SELECT '" + literal.replace("'", "''") + "' AS \"" + name.replace('"', '""') + '"'
    text = joined_text([ONE, (quoted, 0), (f"{quoted}, $1", 1)])
    assert re.findall(re.escape(quoted) + r"(, \$\d+)?\)", text) == ["", ", $2"]


@pytest.mark.parametrize("wrong", [("SELECT $1", 0), ("SELECT $1", 2), ("SELECT $2", 1), ("SELECT '$1'", 1)])
def test_a_text_that_does_not_name_its_parameters_is_refused(wrong: tuple[str, int]) -> None:
    """A value too many would be read by the next statement."""
    with pytest.raises(ValueError, match="each of its parameters"):
        joined_text([ONE, wrong])


def test_few_and_short_texts_are_joined() -> None:
    assert can_be_joined(["SELECT 1"] * 8)
    assert not can_be_joined(["SELECT 1"] * 9)
    assert not can_be_joined(["SELECT 1", "x" * 32_768])


def test_a_joined_text_is_built_once() -> None:
    known = Combinations(60)
    assert known.find((ONE, NONE), 0) is known.find((ONE, NONE), 1)
    assert known.find((NONE, ONE), 0) is not known.find((ONE, NONE), 0)


def test_there_is_room_for_so_many_combinations_and_the_first_ones_keep_it() -> None:
    known = Combinations(60)
    texts = [((f"SELECT {number}", 0), ONE) for number in range(MOST_COMBINATIONS + 2)]
    found = [known.find(text, 0) for text in texts]
    assert [one is None for one in found] == [False] * MOST_COMBINATIONS + [True] * 2
    assert [known.find(text, 0) for text in texts] == found


def test_what_cannot_be_joined_takes_no_room() -> None:
    known = Combinations(60)
    assert [known.find((ONE, ("SELECT $2", number)), 0) for number in range(MOST_COMBINATIONS)] == (
        [None] * MOST_COMBINATIONS
    )
    assert known.find((ONE, NONE), 0) is not None


def test_after_its_time_apart_one_tries_while_the_others_wait() -> None:
    known = Combinations(60)
    slow = known.find((ONE, NONE), 0)
    assert slow is not None
    assert not slow.is_on_trial
    known.keep_apart(slow, 100)
    assert [known.find((ONE, NONE), now) for now in (100, 159.9)] == [None, None]
    assert [known.find((ONE, NONE), now) for now in (160, 160, 219.9, 220, 220)] == [slow, None, None, slow, None]
    assert slow.is_on_trial
    slow.apart_until = None  # it was quick
    assert known.find((ONE, NONE), 220) is slow
