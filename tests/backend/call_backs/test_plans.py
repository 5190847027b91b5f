"""The list is read and taken from by its own index: what has ended is kept for weeks, and is not looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from backend.call_backs import queries
from tests.factories.call_backs import CallBackHouse
from tests.factories.people import NOW, add_person


@contextmanager
def selects_of(house: CallBackHouse) -> Iterator[list[tuple[str, Any]]]:
    """Note each SELECT from the list, as the database is given it, with its parameters."""
    found: list[tuple[str, Any]] = []
    engine = house.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if sql.startswith("SELECT") and "FROM call_backs" in sql:
            found.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


async def plans(house: CallBackHouse, selects: list[tuple[str, Any]]) -> list[str]:
    """Return how each is carried out; PostgreSQL is told not to scan, for it would prefer to on a table of one row."""
    how = "EXPLAIN QUERY PLAN" if house.database.is_sqlite else "EXPLAIN"
    async with house.database.transaction() as session:
        connection = await session.connection()
        if not house.database.is_sqlite:
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            await connection.exec_driver_sql("SET LOCAL enable_sort = off")
        found = [await connection.exec_driver_sql(f"{how} {sql}", parameters) for sql, parameters in selects]
        return ["\n".join(str(row[-1]) for row in plan) for plan in found]


async def test_taking_and_paging_go_by_the_index_of_the_queue(house: CallBackHouse) -> None:
    await house.ask(await add_person(house.database))
    with selects_of(house) as selects:
        await house.take()
    queue = [one for one in selects if "ORDER BY call_backs.due_at" in one[0]]
    assert len(queue) == 1
    page = queries._FIRST_PAGE.sql("sqlite" if house.database.is_sqlite else "postgresql")
    queue.append((page.sql, page.bind(limit=21, **queries.clock_of(NOW))))
    for plan in await plans(house, queue):
        assert "call_backs_queue" in plan, plan
    taken = [one for one in selects if "call_backs.taken_in = " in one[0]]
    assert taken
    for plan in await plans(house, taken):
        assert "call_backs_taken" in plan, plan


async def test_the_sweep_goes_by_the_index_of_ends(house: CallBackHouse) -> None:
    await house.ask(await add_person(house.database))
    with selects_of(house) as selects:
        await house.sweep()
    (plan,) = await plans(house, selects)
    assert "call_backs_ends_at" in plan, plan
