import pytest

from tests.bench.regression import LEAST_TOLERANCE, lowest_allowed, regressions
from tests.bench.report import Spread

STEADY = {"home graphql:rest cpu": Spread(0.8, 0.79, 0.81)}
RESTLESS = {"home graphql:rest cpu": Spread(0.8, 0.6, 0.9)}


def _measured(median: float) -> dict[str, Spread]:
    return {"home graphql:rest cpu": Spread(median, median, median)}


def test_a_planted_regression_is_found_and_named_with_its_figures() -> None:
    (line,) = regressions(STEADY, _measured(0.4))
    assert line == "home graphql:rest cpu: 0.400, was 0.800 (0.790 – 0.810), at least 0.680 is expected"


@pytest.mark.parametrize("median", [0.69, 0.8, 1.6])
def test_noise_within_the_tolerance_and_every_gain_pass(median: float) -> None:
    assert not list(regressions(STEADY, _measured(median)))


def test_a_ratio_that_was_restless_when_kept_may_fall_further() -> None:
    assert lowest_allowed(RESTLESS["home graphql:rest cpu"]) == pytest.approx(0.35)
    assert not list(regressions(RESTLESS, _measured(0.36)))
    assert list(regressions(RESTLESS, _measured(0.34)))


def test_a_steady_ratio_still_has_the_least_tolerance() -> None:
    assert lowest_allowed(Spread(1.0, 1.0, 1.0)) == pytest.approx(1 - LEAST_TOLERANCE)


def test_what_was_not_kept_or_not_measured_is_not_judged() -> None:
    assert not list(regressions({}, _measured(0.1)))
    assert not list(regressions(STEADY, {}))
