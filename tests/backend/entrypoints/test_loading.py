"""Loading without the garbage collector, in a process of its own: what it forgets there, it forgets for good."""

import subprocess
import sys

import pytest

PROGRAM = """
import gc
from backend.entrypoints.loading import load
gc.{before}()
assert load("wave:Wave_read").__name__ == "Wave_read"
first = gc.get_freeze_count()
assert load("wave:Wave_write").__name__ == "Wave_write"
print(gc.isenabled(), first > 0, gc.get_freeze_count() == first)
try:
    load("no_such_module:anything")
except ModuleNotFoundError:
    print(gc.isenabled())
"""


@pytest.mark.parametrize(("before", "is_on"), [("enable", True), ("disable", False)])
def test_the_collector_is_as_it_was_and_looks_at_loaded_modules_no_more(before: str, *, is_on: bool) -> None:
    """What is loaded already freezes nothing anew; a load that fails leaves the collector as it was, too."""
    told = subprocess.run(  # noqa: S603 # our own words
        [sys.executable, "-c", PROGRAM.format(before=before)], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.splitlines() == [f"{is_on} True True", f"{is_on}"]
