import orjson
import pytest

from tests.bench.facts import difference
from tests.bench.load import Request
from tests.bench.processes import BenchmarkFailed
from tests.bench.works import Asked, Work, facts_of, for_floor

FACTS = {"viewer": {"unreadCount": 2, "inbox": [{"id": "a"}, {"id": "b"}]}}


def test_answers_that_differ_only_in_the_time_are_the_same() -> None:
    graphql = facts_of(Asked.TRUSTED, orjson.dumps({"data": {"serverTime": 1, **FACTS}, "extensions": {}}))
    rest = facts_of(Asked.REST, orjson.dumps({"serverTime": 3, **FACTS}))
    assert difference(Asked.REST, graphql, rest) is None


@pytest.mark.parametrize(
    ("other", "place"),
    [
        ({"viewer": {"unreadCount": 1, "inbox": [{"id": "a"}, {"id": "b"}]}}, ".viewer.unreadCount"),
        ({"viewer": {"unreadCount": 2, "inbox": [{"id": "a"}]}}, ".viewer.inbox: 2 and 1 items"),
        ({"viewer": {"unreadCount": 2, "inbox": [{"id": "a"}, {"id": "c"}]}}, ".viewer.inbox[1].id"),
        ({"viewer": {"unreadCount": 2}}, ".viewer: other fields, ['inbox']"),
        ({}, ": other fields, ['viewer']"),
    ],
)
def test_other_facts_are_noticed_and_their_place_told(other: dict[str, object], place: str) -> None:
    assert difference(Asked.TEXT, FACTS, other) == place


def test_an_answer_with_errors_is_refused_although_it_has_data() -> None:
    with pytest.raises(BenchmarkFailed, match="errors"):
        facts_of(Asked.TEXT, orjson.dumps({"data": FACTS, "errors": [{"message": "no"}]}))


def test_the_floor_is_sent_the_same_bytes_as_the_endpoint() -> None:
    work = Work("home", {Asked.TRUSTED: (Request("POST", "/graphql", "token", b"{}"),)})
    assert [one.line() for one in for_floor(work)] == ["POST\t/home\ttoken\t{}"]
