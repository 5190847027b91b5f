"""Finds what the table of holdings forgot: the guard of complete copies and complete erasures (S44)."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Column, MetaData, Table, Uuid

from backend.rights.holdings import HOLDINGS, NO_PEOPLE, NOBODYS
from backend.rights.retention import Holding, Keep, Reduce


def gaps(
    metadata: MetaData, holdings: Mapping[str, Holding] = HOLDINGS, nobodys: Mapping[str, str] = NOBODYS
) -> Iterator[str]:
    """Yield, a line each, every table and column that nobody has said anything about, and what is said of none.

    A UUID may name a person. So each is said to (`owners`, `mentions`), points at a table that is nobody's, or has one
    of the names in `NO_PEOPLE`.
    """
    for name, table in sorted(metadata.tables.items()):
        holding = holdings.get(name)
        if (holding is None) == (name not in nobodys):
            yield f"{name}: say in HOLDINGS what it holds about people, or in NOBODYS why nothing; one of them"
            continue
        yield from _unsaid(table, holding)
    for name in sorted((holdings.keys() | nobodys.keys()) - metadata.tables.keys()):
        yield f"{name}: there is no such table"
    for name, holding in sorted(holdings.items()):
        if (known := metadata.tables.get(name)) is not None:
            yield from (
                f"{name}.{column}: there is no such column" for column in sorted(_named(holding) - {*known.c.keys()})
            )


def _unsaid(table: Table, holding: Holding | None) -> Iterator[str]:
    said = {*holding.owners, *holding.mentions} if holding else set()
    for column in table.columns:
        if isinstance(column.type, Uuid) and column.name not in said and not _is_no_person(column):
            yield f"{table.name}.{column.name}: if it names a person, say so in HOLDINGS, else in NO_PEOPLE"


def _is_no_person(column: Column[object]) -> bool:
    targets = [key.target_fullname.split(".")[0] for key in column.foreign_keys]
    return column.name in NO_PEOPLE or (bool(targets) and all(target in NOBODYS for target in targets))


def _named(holding: Holding) -> set[str]:
    named = {*holding.owners, *holding.mentions}
    if isinstance(holding.retention, Reduce):
        named |= {*holding.retention.cleared}
    if isinstance(holding.retention, Keep) and holding.retention.ends:
        named.add(holding.retention.ends)
    return named | {*holding.whose, *holding.whose.values(), *(holding.trace.named_by if holding.trace else ())}
