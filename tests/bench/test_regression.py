import pytest

from tests.bench.regression import LEAST_TOLERANCE, lowest_allowed, regressions, repeated
from tests.bench.report import Spread

NAME = "home graphql:rest cpu"
STEADY = {NAME: Spread(0.8, 0.79, 0.81)}
RESTLESS = {NAME: Spread(0.8, 0.6, 0.9)}


def _measured(median: float) -> dict[str, Spread]:
    return {NAME: Spread(median, median, median)}


def test_a_planted_regression_is_found_and_named_with_its_figures() -> None:
    (line,) = regressions(STEADY, _measured(0.4))
    assert line == "home graphql:rest cpu: 0.400, was 0.800 (0.790 – 0.810), at least 0.750 is expected"


@pytest.mark.parametrize("median", [0.76, 0.8, 1.6])
def test_noise_within_the_tolerance_and_every_gain_pass(median: float) -> None:
    assert not list(regressions(STEADY, _measured(median)))


def test_a_ratio_that_was_restless_when_repeated_may_fall_further() -> None:
    assert lowest_allowed(RESTLESS[NAME]) == pytest.approx(0.3)
    assert not list(regressions(RESTLESS, _measured(0.31)))
    assert list(regressions(RESTLESS, _measured(0.29)))


def test_a_steady_ratio_still_has_the_least_tolerance() -> None:
    assert lowest_allowed(Spread(1.0, 1.0, 1.0)) == pytest.approx(1 - LEAST_TOLERANCE)


def test_what_was_not_kept_or_not_measured_is_not_judged() -> None:
    assert not list(regressions({}, _measured(0.1)))
    assert not list(regressions(STEADY, {}))


def test_repeated_checks_keep_the_spread_of_their_medians_and_no_speed() -> None:
    speed = {"home graphql:rest speed": Spread(1.0, 1.0, 1.0)}
    checks = [{NAME: Spread(median, 0.1, 9.0)} | speed for median in (0.7, 0.9, 0.8)]
    assert repeated(checks) == {NAME: Spread(0.8, 0.7, 0.9)}


@pytest.mark.parametrize("checks", [[], [STEADY], [STEADY, {"slots graphql:rest cpu": Spread(1.0, 1.0, 1.0)}]])
def test_checks_that_tell_no_spread_are_refused(checks: list[dict[str, Spread]]) -> None:
    with pytest.raises(ValueError, match="check"):
        repeated(checks)
