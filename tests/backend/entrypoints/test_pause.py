from backend.entrypoints.pause import LONG_LIFE_SECONDS, Pause


def test_a_pause_doubles_up_to_the_longest() -> None:
    pause = Pause()
    assert [pause.after_failure() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_short_life_counts_like_a_failure() -> None:
    pause = Pause()
    assert [pause.after_life(0), pause.after_failure(), pause.after_life(LONG_LIFE_SECONDS - 1)] == [1, 2, 4]


def test_a_long_life_is_followed_by_no_pause_and_resets_it() -> None:
    pause = Pause()
    assert [pause.after_failure(), pause.after_failure()] == [1, 2]
    assert pause.after_life(LONG_LIFE_SECONDS) == 0
    assert pause.after_failure() == 1
