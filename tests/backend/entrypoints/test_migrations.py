from backend.database import Database
from backend.entrypoints.migrations.run import differences, downgrade, is_current, upgrade


def test_migrations_build_exactly_what_the_tables_say(url: str) -> None:
    assert not is_current(url)
    assert differences(url) != []
    upgrade(url)
    assert is_current(url)
    assert differences(url) == []
    upgrade(url)
    assert differences(url) == []


def test_migrations_can_be_undone_and_done_again(url: str) -> None:
    upgrade(url)
    downgrade(url, "base")
    assert not is_current(url)
    upgrade(url)
    assert differences(url) == []


async def test_the_one_booking_index_is_partial_on_both_engines(database: Database) -> None:
    """R53: what keeps a slot from being booked twice is in the database, not in code."""
    source = "sql FROM sqlite_master WHERE name" if database.is_sqlite else "indexdef FROM pg_indexes WHERE indexname"
    async with database.reading() as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql(f"SELECT {source} = 'appointments_one_active_per_slot'")
        text = str(found.scalar_one()).lower()
    assert "unique" in text
    assert "where" in text
    assert "held" in text
    assert "confirmed" in text
