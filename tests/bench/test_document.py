import re

import orjson
import pytest

from tests.bench.contests import Part
from tests.bench.document import BEGIN, DOCUMENT, END, KEPT, PLOT, render, replace_section, targets_table
from tests.bench.report import Round, Series, Spread
from tests.bench.results import Results, load_results
from tests.bench.targets import TARGETS, compile_time, fanout, toll, two_workers


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = f"by hand\n\n{BEGIN}\n\nold\n\n{END}\n\nby hand too\n"
    assert replace_section(text, "new\n") == f"by hand\n\n{BEGIN}\n\nnew\n\n{END}\n\nby hand too\n"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{END}", f"{BEGIN}{BEGIN}{END}{BEGIN}"])
def test_a_document_without_its_two_markers_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="markers"):
        replace_section(text, "new")


def test_the_committed_document_says_what_the_kept_results_do() -> None:
    text = DOCUMENT.read_text()
    assert replace_section(text, render(load_results(KEPT))) == text
    assert PLOT.exists()


def test_the_document_names_no_machine() -> None:
    assert not re.search(
        r"(?<![\w.])/(home|root|tmp|work|usr)/|\b\d+\.\d+\.\d+\.\d+\b(?<!127\.0\.0\.1)", DOCUMENT.read_text()
    )


def test_every_target_has_a_line_and_a_command_of_parts_that_exist() -> None:
    assert len(targets_table(Results()).splitlines()) == 2 + len(TARGETS)
    for target in TARGETS:
        assert target.judge(Results()) == ("", None)
        assert {Part(name) for name in target.parts.split(",")}


@pytest.mark.parametrize(("median", "met"), [(0.8, True), (0.79, False)])
def test_a_target_is_met_from_its_bound_on(median: float, met: bool) -> None:
    results = Results(ratios={"postgresql home graphql-bare:rest-bare cpu": Spread(median, 0.7, 0.9)})
    assert TARGETS[0].judge(results) == (f"{median:.2f} (0.70 – 0.90)", met)


def test_fanout_is_met_only_if_all_three_bounds_are() -> None:
    figures = {"fan-out ours messages/s of one core": 30_000.0, "floor beside fanout ms CPU": 0.0645}
    ratios = {"fan-out ours:mercurius cpu": Spread(2, 2, 2), "fan-out ours:strawberry.asgi cpu": Spread(10, 10, 10)}
    assert fanout(Results(figures=figures, ratios=ratios))[1] is True
    for name in ratios:
        assert fanout(Results(figures=figures, ratios=ratios | {name: Spread(1.9, 1.9, 1.9)}))[1] is False
    assert fanout(Results(figures=figures | {"floor beside fanout ms CPU": 0.06}, ratios=ratios))[1] is False


def test_milliseconds_are_judged_by_the_bare_server_beside_them() -> None:
    figures = {"compile A ms": 3.0, "compile B ms": 9.0, "toll log line ms": 0.1, "toll trace ms": 0.05}
    twice_as_slow, as_there = {"floor beside compile ms CPU": 0.062}, {"floor beside compile ms CPU": 0.031}
    for judge in (compile_time, toll):
        assert judge(Results(figures=figures))[1] is None
        assert judge(Results(figures=figures | twice_as_slow))[1] is True
        assert judge(Results(figures=figures | as_there))[1] is False


@pytest.mark.parametrize(("cpu", "met"), [(0.91, True), (0.89, False)])
def test_two_workers_are_judged_by_what_a_request_costs_beside_two_servers(cpu: float, met: bool) -> None:
    ratios = {"workers two workers:two servers cpu": Spread(cpu, cpu, cpu)}
    assert two_workers(Results(ratios=ratios))[1] is met


def test_a_run_of_some_parts_replaces_only_what_it_measured() -> None:
    kept = Results({"home": "then"}, {"a": {}}, {"a": Spread(1, 1, 1), "b": Spread(1, 1, 1)}, {"x": 1.0})
    newer = Results({"cold": "now"}, {}, {"b": Spread(2, 2, 2)}, {"y": 2.0})
    merged = kept.merged(newer)
    assert merged == Results(
        {"home": "then", "cold": "now"}, {"a": {}}, {"a": Spread(1, 1, 1), "b": Spread(2, 2, 2)}, {"x": 1.0, "y": 2.0}
    )
    assert orjson.loads(merged.dumped())["ratios"]["b"] == {"median": 2, "lowest": 2, "highest": 2}


def test_a_contest_gives_rows_and_ratios() -> None:
    def series(server: str, cpu: float) -> Series:
        return Series("postgresql", "home", server, (Round(1_000, 1.0, 1.0, 2.0, cpu, 0.5),))

    results = Results()
    results.add([series("graphql-bare", 0.2), series("rest-bare", 0.1), series("graphql", 0.3)])
    assert results.ratios["postgresql home graphql-bare:rest-bare cpu"] == Spread(0.5, 0.5, 0.5)
    assert results.ratios["postgresql home graphql:graphql-bare cpu"].median == pytest.approx(2 / 3, abs=1e-4)
    assert results.rows["postgresql home rest-bare"]["server_cpu_ms"] == pytest.approx(0.1)
