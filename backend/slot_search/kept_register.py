"""Keeps one register for a process, and reads it anew when it is old."""

import asyncio
from datetime import datetime, timedelta

from backend.clock import Clock
from backend.database import Database
from backend.slot_search.register import Register
from backend.slot_search.register_queries import read_reference

FRESH_FOR = timedelta(seconds=30)
"""How long a new doctor waits to be found. Source: ADR 0031."""


class KeptRegister:
    """Read once for everybody who waits; meanwhile the others go on with the old one."""

    def __init__(self, *, database: Database, clock: Clock, fresh_for: timedelta = FRESH_FOR) -> None:
        """Read from `database`; nothing is read yet."""
        self._database = database
        self._clock = clock
        self._fresh_for = fresh_for
        self._register: Register | None = None
        self._read_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> Register:
        """Return the register, read anew where it is older than `fresh_for`."""
        register = self._register
        if register is not None and (self._is_fresh() or self._lock.locked()):
            return register
        async with self._lock:
            if self._register is not None and self._is_fresh():
                return self._register
            return await self._read()

    async def renewed(self) -> Register:
        """Return the register as the database is now: something was met that the kept one does not know."""
        async with self._lock:
            return await self._read()

    async def _read(self) -> Register:
        began = self._clock()
        reference = await read_reference(self._database.read)
        if self._register is None or self._register.reference != reference:
            self._register = Register(reference)
        self._read_at = began
        return self._register

    def _is_fresh(self) -> bool:
        return self._read_at is not None and abs(self._clock() - self._read_at) < self._fresh_for
