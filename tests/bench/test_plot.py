from pathlib import Path

from tests.bench.plot import draw_speeds, speeds_of
from tests.bench.results import Results


def _results() -> Results:
    return Results(
        rows={
            f"postgresql {work} {server}": {"speed": [speed, speed - 10, speed + 10]}
            for work in ("home", "slots", "facts")
            for server, speed in (("rest", 4_000), ("graphql", 5_000), ("floor", 30_000))
        }
    )


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw_speeds(_results(), first)
    draw_speeds(_results(), second)
    assert first.read_bytes() == second.read_bytes()
    assert b"<dc:date>" not in first.read_bytes()
    assert b"5,000" in first.read_bytes()


def test_the_fastest_stands_first_and_the_bare_server_not_at_all() -> None:
    assert [name for name, _ in speeds_of(_results(), "home")] == ["graphql", "rest"]
