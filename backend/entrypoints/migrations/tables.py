"""Imports every table, so that the metadata is whole; the one list of who owns tables."""

TABLE_MODULES = (
    "identity.tables",
    "notifications.tables",
    "backend.profile.tables",
    "backend.idempotency",
    "backend.policy.tables",
    "backend.booking.tables",
)
