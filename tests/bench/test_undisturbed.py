"""Who is measured runs ahead of others on cores that do not halt, and only for so long."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bench.processes import running, with_children
from tests.bench.undisturbed import undisturbed

SERVER = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(600)"]


def _loops() -> list[int]:
    found = []
    for one in with_children(os.getpid()):
        with suppress(ProcessLookupError):  # another's, that ended meanwhile
            found += [one] if os.sched_getscheduler(one) == os.SCHED_IDLE else []
    return found


def test_a_server_is_ahead_on_cores_that_are_awake_and_all_ends_with_an_error_too(tmp_path: Path) -> None:
    """Where the system does not let us, nothing is changed."""
    with running(
        SERVER, name="server", folder=tmp_path, cores=frozenset(os.sched_getaffinity(0)), patience_seconds=30
    ) as server:

        def measure() -> None:
            with undisturbed([server], tmp_path) as is_ahead:
                assert os.sched_getscheduler(server) == (os.SCHED_RR if is_ahead else os.SCHED_OTHER)
                assert len(_loops()) == (len(os.sched_getaffinity(0)) if is_ahead else 0)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            measure()
        assert os.sched_getscheduler(server) == os.SCHED_OTHER
        assert _loops() == []
