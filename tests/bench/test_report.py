import re
from pathlib import Path

import orjson
import pytest

from tests.bench.load import Request
from tests.bench.loader import request_bytes
from tests.bench.report import (
    BEGIN,
    END,
    Round,
    Series,
    cpu_ratio,
    percentile,
    render_table,
    replace_section,
    speed_ratio,
)
from tests.bench.works import Server, Work, difference

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


def _round(*, requests: int, cpu: float, database_cpu: float | None = None, p50_ms: float = 1.0) -> Round:
    return Round(
        requests=requests,
        seconds=2.0,
        p50_ms=p50_ms,
        p99_ms=p50_ms * 10,
        server_cpu_seconds=cpu,
        database_cpu_seconds=database_cpu,
    )


def _requests(method: str, path: str, body: bytes = b"") -> tuple[Request, ...]:
    return (Request(method, path, "token", body),)


def _series(server: str, *rounds: Round, work: str = "home") -> Series:
    return Series("postgresql", work, server, rounds)


def test_a_round_counts_by_the_second_and_by_the_request() -> None:
    one = _round(requests=4_000, cpu=1.0, database_cpu=0.5)
    assert one.requests_per_second == 2_000
    assert one.server_cpu_ms == 0.25
    assert one.database_cpu_ms == 0.125


def test_a_round_without_postgresql_has_no_figure_of_it() -> None:
    assert _round(requests=10, cpu=1.0).database_cpu_ms is None


def test_a_series_takes_the_median_of_its_rounds() -> None:
    series = _series("rest", *(_round(requests=10, cpu=1.0, p50_ms=value) for value in (9.0, 1.0, 2.0)))
    assert series.median(lambda one: one.p50_ms) == 2.0


def test_ratios_compare_the_rounds_pair_by_pair() -> None:
    ours = _series("graphql", _round(requests=100, cpu=1.0), _round(requests=50, cpu=1.0), _round(requests=90, cpu=1.0))
    rest = _series("rest", _round(requests=200, cpu=1.0), _round(requests=100, cpu=1.0), _round(requests=100, cpu=1.0))
    assert speed_ratio(ours, rest) == 0.5  # of 0.5, 0.5 and 0.9; the medians alone would give 0.9
    assert cpu_ratio(ours, rest) == 0.5


def test_cpu_ratio_above_one_is_cheaper_than_the_peer() -> None:
    ours = _series("graphql", _round(requests=100, cpu=1.0))
    rest = _series("rest", _round(requests=100, cpu=3.0))
    assert cpu_ratio(ours, rest) == pytest.approx(3.0)


def test_ratios_refuse_series_of_different_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        speed_ratio(_series("a", _round(requests=1, cpu=1.0)), _series("b"))


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1.0), (1, 1.0), (50, 50.0), (51, 51.0), (99, 99.0), (100, 100.0)]
)
def test_percentile_is_the_nearest_rank(percent: int, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], percent) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_the_table_has_a_line_a_series_and_ratios_for_ours_only() -> None:
    measured = [
        _series("graphql", _round(requests=2_000, cpu=1.0, database_cpu=0.5), _round(requests=3_000, cpu=1.5)),
        _series("rest", _round(requests=4_000, cpu=1.0), _round(requests=6_000, cpu=1.5)),
    ]
    _titles, _rule, ours, rest = render_table(measured, ours="graphql", peers=("rest",)).splitlines()
    assert ours == (
        "| postgresql | home | graphql | 1,250 (1,000 – 1,500) | 1.00 / 10.00 | 0.500 | 0.250 | 0.500 / 0.500 |"
    )
    assert rest == "| postgresql | home | rest | 2,500 (2,000 – 3,000) | 1.00 / 10.00 | 0.250 |  |  |"


def test_the_table_compares_within_one_work() -> None:
    measured = [
        _series("graphql", _round(requests=100, cpu=1.0)),
        _series("rest", _round(requests=100, cpu=1.0)),
        _series("graphql", _round(requests=100, cpu=1.0), work="slots"),
        _series("rest", _round(requests=400, cpu=1.0), work="slots"),
    ]
    home, _, slots, _ = render_table(measured, ours="graphql", peers=("rest",)).splitlines()[2:]
    assert home.endswith("| 1.000 / 1.000 |")
    assert slots.endswith("| 0.250 / 0.250 |")


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = f"by hand\n\n{BEGIN}\n\nold\n\n{END}\n\nby hand too\n"
    assert replace_section(text, "new\n") == f"by hand\n\n{BEGIN}\n\nnew\n\n{END}\n\nby hand too\n"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{END}", f"{BEGIN}{BEGIN}{END}{BEGIN}"])
def test_a_document_without_its_two_markers_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="markers"):
        replace_section(text, "new")


def test_the_document_can_take_a_table_and_names_no_machine() -> None:
    text = DOCUMENT.read_text()
    assert "new table" in replace_section(text, "new table")
    assert not re.search(r"(?<![\w.])/(home|root|tmp|work|usr)/|\b\d+\.\d+\.\d+\.\d+\b(?<!127\.0\.0\.1)", text)


def test_answers_that_differ_only_in_the_time_are_the_same() -> None:
    answer = {"data": {"serverTime": 1, "viewer": {"unreadCount": 2}}, "extensions": {}}
    assert difference(answer, {"serverTime": 3, "viewer": {"unreadCount": 2}}) is None


@pytest.mark.parametrize("facts", [{"viewer": {"unreadCount": 1}}, {"viewer": {}}, {}])
def test_answers_with_other_facts_are_noticed(facts: dict[str, object]) -> None:
    assert difference({"data": {"viewer": {"unreadCount": 2}}}, facts) is not None


def test_an_answer_with_errors_is_noticed_although_its_data_are_the_same() -> None:
    answer = {"data": {"viewer": None}, "errors": [{"message": "no"}]}
    assert difference(answer, {"viewer": None}) is not None


def test_the_floor_is_sent_the_same_bytes_as_the_endpoint() -> None:
    line_of = {
        server: Work("home", _requests("POST", "/graphql", b"{}"), _requests("GET", "/home")).requests(server)[0].line()
        for server in Server
    }
    assert line_of[Server.GRAPHQL] == "POST\t/graphql\ttoken\t{}"
    assert line_of[Server.FLOOR] == "POST\t/home\ttoken\t{}"
    assert line_of[Server.REST] == "GET\t/home\ttoken\t"


def test_a_line_becomes_a_request_with_its_length_in_bytes() -> None:
    body = orjson.dumps({"town": "Калуга"}).decode()
    request = request_bytes(f"POST\t/graphql\ttoken\t{body}", port=8000)
    head, _, payload = request.partition(b"\r\n\r\n")
    assert payload == body.encode()
    assert f"Content-Length: {len(payload)}".encode() in head.split(b"\r\n")
    assert head.startswith(b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: Bearer token\r\n")
