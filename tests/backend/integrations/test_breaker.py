from backend.integrations.breaker import Breaker


class Stopwatch:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def opened(stopwatch: Stopwatch) -> Breaker:
    breaker = Breaker(failures_to_open=3, rest_seconds=10, monotonic=stopwatch)
    for _ in range(3):
        assert breaker.may_ask()
        breaker.note_failure()
    return breaker


def test_rests_after_failures_in_a_row() -> None:
    assert not opened(Stopwatch()).may_ask()


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = Breaker(failures_to_open=2, rest_seconds=10, monotonic=Stopwatch())
    breaker.note_failure()
    breaker.note_success()
    breaker.note_failure()
    assert breaker.may_ask()


def test_after_the_rest_one_caller_tries_and_the_others_wait() -> None:
    stopwatch = Stopwatch()
    breaker = opened(stopwatch)
    stopwatch.seconds += 10
    assert [breaker.may_ask(), breaker.may_ask()] == [True, False]
    breaker.note_success()
    assert [breaker.may_ask(), breaker.may_ask()] == [True, True]


def test_a_failed_try_rests_again() -> None:
    stopwatch = Stopwatch()
    breaker = opened(stopwatch)
    stopwatch.seconds += 10
    assert breaker.may_ask()
    stopwatch.seconds += 5
    breaker.note_failure()
    stopwatch.seconds += 9
    assert not breaker.may_ask()
    stopwatch.seconds += 1
    assert breaker.may_ask()
