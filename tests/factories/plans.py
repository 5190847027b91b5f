"""How a database goes about a statement."""

from dataclasses import dataclass
from typing import Any

from backend.database import Database
from backend.drivers.postgresql import SETTINGS_OF_READS
from backend.reading import Statement


async def kept_plan(database: Database, statement: Statement[Any], **settings: str) -> str:
    """Return the plan that a connection keeps for a statement, made without knowing the values of its parameters.

    Args:
        database: With or without rows.
        statement: Which one.
        settings: Of PostgreSQL, beside those of connections for reading: `enable_seqscan="off"` without rows.
    """
    sql = statement.sql("sqlite" if database.is_sqlite else "postgresql")
    async with database.transaction() as session:
        connection = await session.connection()
        if database.is_sqlite:
            unknown = (None,) * len(sql.names)
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql.sql}", unknown)
            return "".join(f"{row[-1]}\n" for row in plan)
        for name, value in {**SETTINGS_OF_READS, "plan_cache_mode": "force_generic_plan", **settings}.items():
            await connection.exec_driver_sql(f"SET LOCAL {name} = {value}")
        await connection.exec_driver_sql(f"PREPARE looked_at AS {sql.sql}")
        unknown_words = ", ".join(["NULL"] * len(sql.names))
        plan = await connection.exec_driver_sql(f"EXPLAIN EXECUTE looked_at({unknown_words})")
        lines = "\n".join(str(row[-1]) for row in plan)
        await connection.exec_driver_sql("DEALLOCATE looked_at")
        return lines


@dataclass(frozen=True, slots=True)
class PlansMade:
    """How often a statement was run by the plan that is kept, and how often by one made for its values."""

    kept: int
    anew: int


async def plans_made(database: Database, words: str) -> PlansMade:
    """Return how the statements with these words were run on the connection for reading that was used last."""
    asked = """
SELECT sum(generic_plans)::int, sum(custom_plans)::int FROM pg_prepared_statements WHERE statement LIKE $1
"""
    [(kept, anew)] = await database.read._driver.fetch(asked, (f"%{words}%",))
    return PlansMade(kept, anew)
