"""What drivers raise about locks, time and connections, as our own operational errors."""

import sqlite3

from backend.errors import DatabaseBusy, DatabaseUnavailable, Operational

# SQLSTATE classes that a caller may simply try again, and those that say the server is away.
# Source: PostgreSQL manual, appendix "Error Codes".
_BUSY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "53300"})
_AWAY_STATES = frozenset({"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"})
_BUSY_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT})
_AWAY_SQLITE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL})


class StatementTooSlow(DatabaseBusy):
    """A connection was there; the statement itself ran out of time, or waited too long for a lock."""


def operational_error(error: object) -> Operational | None:
    """Return what a driver's error means for the caller; None when it is no matter of time or connection: a bug."""
    state = getattr(error, "sqlstate", None)
    sqlite_code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the bits says more closely what it was
    if state in _BUSY_STATES or sqlite_code in _BUSY_SQLITE:
        return DatabaseBusy()
    if state in _AWAY_STATES or sqlite_code in _AWAY_SQLITE:
        return DatabaseUnavailable()
    return None
