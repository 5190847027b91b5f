import orjson
import pytest

from tests.bench.loader import request_bytes
from tests.bench.report import Round, Series, Spread, cpu_ratio, percentile, speed_ratio
from tests.bench.watchers import masked_frame


def _round(*, requests: int, cpu: float, database_cpu: float | None = None) -> Round:
    return Round(
        requests=requests,
        seconds=2.0,
        p50_ms=1.0,
        p99_ms=10.0,
        server_cpu_seconds=cpu,
        database_cpu_seconds=database_cpu,
    )


def _series(server: str, *rounds: Round) -> Series:
    return Series("postgresql", "home", server, rounds)


def test_a_round_is_told_by_the_request() -> None:
    one = _round(requests=500, cpu=0.25, database_cpu=0.125)
    assert (one.requests_per_second, one.server_cpu_ms, one.database_cpu_ms) == (250.0, 0.5, 0.25)
    assert _round(requests=500, cpu=0.25).database_cpu_ms is None


def test_ratios_are_medians_of_rounds_not_of_servers() -> None:
    ours = _series("ours", _round(requests=100, cpu=1.0), _round(requests=50, cpu=1.0), _round(requests=90, cpu=1.0))
    rest = _series("rest", _round(requests=200, cpu=1.0), _round(requests=100, cpu=1.0), _round(requests=100, cpu=1.0))
    assert speed_ratio(ours, rest) == Spread(0.5, 0.5, 0.9)  # the medians alone would give 0.9
    assert cpu_ratio(ours, rest) == Spread(0.5, 0.5, 0.9)


def test_cpu_ratio_above_one_is_cheaper_than_the_peer() -> None:
    ours, rest = _series("ours", _round(requests=100, cpu=1.0)), _series("rest", _round(requests=100, cpu=3.0))
    assert cpu_ratio(ours, rest) == Spread(3.0, 3.0, 3.0)


def test_ratios_refuse_series_of_different_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        speed_ratio(_series("a", _round(requests=1, cpu=1.0)), _series("b"))


def test_the_spread_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        Spread.of([])


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1.0), (1, 1.0), (50, 50.0), (51, 51.0), (99, 99.0), (100, 100.0)]
)
def test_percentile_is_the_nearest_rank(percent: int, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], percent) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_line_becomes_a_request_with_its_length_in_bytes() -> None:
    body = orjson.dumps({"town": "Калуга"}).decode()
    request = request_bytes(f"POST\t/graphql\ttoken\t{body}", port=8000)
    head, _, payload = request.partition(b"\r\n\r\n")
    assert payload == body.encode()
    assert f"Content-Length: {len(payload)}".encode() in head.split(b"\r\n")
    assert head.startswith(b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: Bearer token\r\n")


@pytest.mark.parametrize(
    ("payload", "head"), [(b"x" * 125, b"\x81\xfd"), (b"x" * 126, b"\x81\xfe\x00\x7e"), (b"", b"\x81\x80")]
)
def test_a_frame_of_a_client_is_final_and_masked(payload: bytes, head: bytes) -> None:
    assert masked_frame(1, payload) == head + bytes(4) + payload
