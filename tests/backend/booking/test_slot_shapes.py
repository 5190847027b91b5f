"""How many statements a search can become: each costs its building once, and a place on every connection."""

import importlib
import pkgutil
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.booking.given_out import LAST_ID, MOST_AT_ONCE
from backend.booking.slot_queries import narrowing, search_parameters, search_statement
from backend.booking.values import SlotCriteria, SlotId, TimeKey
from backend.database import Database
from backend.drivers import postgresql, sqlite
from backend.drivers.joining import MOST_COMBINATIONS
from backend.reading import Statement
from backend.slot_search.search_queries import page
from geo.distance import Point, Surroundings
from graphql_schema.connections import MAX_PAGE_SIZE
from tests.factories.people import NOW

UNTIL = NOW + timedelta(days=14)
SOON = NOW + timedelta(hours=3)
STEP = timedelta(microseconds=1)
EVERY: dict[str, tuple[Any, ...]] = {
    "specialty_code": (None, "therapist"),
    "specialty_ids": ((), (uuid7(),), (uuid7(), uuid7())),
    "clinic_ids": ((), (uuid7(),), (uuid7(), uuid7())),
    "doctor_ids": ((), (uuid7(),), (uuid7(), uuid7())),
    "town": (None, "Калуга"),
    "starts_from": (None, SOON),
    "starts_before": (None, SOON),
    "near": (None, Surroundings(Point(54, 36), 10)),
}


def shapes() -> set[frozenset[str]]:
    """Return every set of names that some search narrows by."""
    asked = (SlotCriteria(**dict(zip(EVERY, values, strict=True))) for values in product(*EVERY.values()))
    return {narrowing(search_parameters(one, now=NOW, until=UNTIL, after=None, limit=2)) for one in asked}


def statements_of_the_product() -> set[int]:
    """Return the statements that stand in the modules of the domains, those in their tables too."""
    domains = ("booking", "waiting_list", "release_queue", "policy", "profile", "inbox", "consents", "oversight")
    ours = [
        importlib.import_module(f"backend.{domain}.{found.name}")
        for domain in domains
        for found in pkgutil.iter_modules(importlib.import_module(f"backend.{domain}").__path__)
    ]
    named = [value for module in ours for value in vars(module).values()]
    several = [one for value in named for one in (value.values() if isinstance(value, dict) else (value,))]
    return {id(one) for one in several if isinstance(one, Statement)}


def test_every_search_and_every_other_statement_stays_prepared_on_a_connection() -> None:
    others = len(statements_of_the_product())
    assert (others, len(shapes())) == (95, 216), "docs/guides/reads.md says so"
    assert len(shapes()) + others <= sqlite._KEPT_STATEMENTS
    assert len(shapes()) + others + MOST_COMBINATIONS <= postgresql._KEPT_STATEMENTS


def test_each_shape_of_a_search_is_built_once() -> None:
    asked = {"town": "Калуга", "limit": 2}
    assert search_statement(narrowing(asked)) is search_statement(narrowing({**asked, "town": "Обнинск"}))
    assert search_statement(narrowing(asked)) is not search_statement(narrowing({"limit": 2}))


@pytest.mark.parametrize(
    "criteria", [SlotCriteria(starts_from=SOON), SlotCriteria(starts_before=SOON, starts_from=SOON)]
)
def test_a_window_changes_the_bounds_and_not_the_statement(criteria: SlotCriteria) -> None:
    plain, narrowed = (
        search_parameters(one, now=NOW, until=UNTIL, after=None, limit=2) for one in (SlotCriteria(), criteria)
    )
    assert narrowing(plain) == narrowing(narrowed)
    assert (plain["since"], plain["until"]) == (NOW, UNTIL)
    assert narrowed["since"] == SOON - STEP
    assert narrowed["until"] == (UNTIL if criteria.starts_before is None else SOON - STEP)


@pytest.mark.parametrize(
    ("after", "begin"),
    [
        (None, (NOW, LAST_ID)),
        (TimeKey(SOON, SlotId(UUID(int=7))), (SOON, UUID(int=7))),
        (TimeKey(NOW, SlotId(UUID(int=7))), (NOW, LAST_ID)),
        (TimeKey(NOW - STEP, SlotId(UUID(int=7))), (NOW, LAST_ID)),
    ],
)
def test_a_page_begins_behind_the_one_before_and_never_in_the_past(
    after: TimeKey | None, begin: tuple[datetime, UUID]
) -> None:
    given = search_parameters(SlotCriteria(), now=NOW, until=UNTIL, after=after, limit=MOST_AT_ONCE)
    assert (given["since"], given["after_id"]) == begin


def test_the_longest_page_can_be_asked_for() -> None:
    assert MAX_PAGE_SIZE + 1 == MOST_AT_ONCE


def test_a_later_page_is_the_same_statement() -> None:
    first, later = (
        search_parameters(SlotCriteria(), now=NOW, until=UNTIL, after=after, limit=2)
        for after in (None, TimeKey(SOON, SlotId(uuid7())))
    )
    assert narrowing(first) == narrowing(later)


async def test_more_than_a_page_is_refused_and_not_cut_off(database: Database) -> None:
    with pytest.raises(ValueError, match="102 slots at once"):
        search_parameters(SlotCriteria(), now=NOW, until=UNTIL, after=None, limit=MOST_AT_ONCE + 1)
    with pytest.raises(ValueError, match="102 slots at once"):
        await page(database.read, {}, {}, limit=MOST_AT_ONCE + 1)
