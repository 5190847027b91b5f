"""A process that begins a copy, says so in the middle of the file, and stays there until it is killed."""

import asyncio
import sys
import threading
from pathlib import Path

from backend.clock import SettableClock
from backend.database import Database
from backend.integrations.object_store.disk import DiskStore
from backend.rights.ports import Draft
from backend.settings import DatabaseSettings
from tests.factories.people import NOW
from tests.factories.rights import RightsHouse


class Stuck:
    """Writes a part of what it is given to the disk, and then nothing more."""

    def __init__(self, draft: Draft) -> None:
        """Stand before `draft`."""
        self._draft = draft

    def write(self, data: bytes) -> None:
        """Write half, say so, and wait for the end."""
        self._draft.write(data[: len(data) // 2])
        sys.stdout.write("half\n")
        sys.stdout.flush()
        threading.Event().wait()

    def commit(self) -> None:
        """Never get here."""
        raise AssertionError

    discard = commit


class StuckStore(DiskStore):
    """A store whose drafts are stuck."""

    def begin(self, name: str) -> Stuck:  # type: ignore[override] # stands in for the disk's own draft
        """Begin one."""
        return Stuck(super().begin(name))


async def main(url: str, folder: Path) -> None:
    """Take up the one job there is."""
    house = RightsHouse(Database(DatabaseSettings(url=url)), folder, clock=SettableClock(NOW))
    await house.another_worker(StuckStore(folder)).run_one()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
