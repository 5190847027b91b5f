"""How many statements a search can become, and that none of them reads every slot."""

from datetime import timedelta
from itertools import product
from typing import Any

from uuid_utils.compat import uuid7

from backend.database import Database
from backend.drivers import postgresql, sqlite
from backend.drivers.joining import MOST_COMBINATIONS
from backend.slot_search import search_queries
from backend.slot_search.narrowing import (
    narrow,
    narrow_each_clinic,
    narrow_each_doctor,
    narrow_in_clinic,
    narrow_to_doctor,
)
from backend.slot_search.register import Post, Reference, Register
from backend.slot_search.service import SlotSearchService
from backend.slot_search.values import Order, SearchCriteria
from tests.backend.booking.test_slot_shapes import shapes, statements_of_the_product
from tests.factories.booking import Booking
from tests.factories.many_slots import add_many_slots, gather_statistics
from tests.factories.people import NOW
from tests.factories.plans import kept_plan

OWN = 6
"""Those that read the register and the person."""


def small_register() -> Register:
    """Return three doctors in two clinics with two specialties, not all of them everywhere."""
    doctors, clinics, specialties = ([uuid7() for _ in range(count)] for count in (3, 2, 2))
    places = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (2, 0, 0), (2, 1, 0)]
    posts = tuple(Post(uuid7(), doctors[d], clinics[c], specialties[s]) for d, c, s in places)
    return Register(Reference((), (), (), posts))


def every_narrowing() -> tuple[set[frozenset[str]], set[tuple[bool, frozenset[str]]]]:
    """Return the sets of names that any set of posts is narrowed by: of pages, and of the first of each."""
    register = small_register()
    pages, firsts = set(), set()
    for posts in range(1, register.every + 1):
        pages.add(frozenset(narrow(register, posts)))
        firsts |= {(False, frozenset(narrow_each_clinic(register, posts)))}
        firsts |= {(True, frozenset(narrow_each_doctor(register, posts)))}
        for clinic, mask in register.of_clinic.items():
            if mask & posts:
                pages.add(frozenset(narrow_in_clinic(register, mask & posts, clinic)))
        for doctor, mask in register.of_doctor.items():
            if mask & posts:
                pages.add(frozenset(narrow_to_doctor(register, mask & posts, doctor)))
    return pages, firsts


def test_every_statement_stays_prepared_on_a_connection() -> None:
    pages, firsts = every_narrowing()
    assert len(pages) <= 14
    assert len(firsts) <= 6
    most = 3 * 14 + 6 + OWN + len(shapes()) + len(statements_of_the_product())
    assert most <= sqlite._KEPT_STATEMENTS
    assert most + MOST_COMBINATIONS <= postgresql._KEPT_STATEMENTS


def test_a_set_of_posts_is_narrowed_to_exactly_itself() -> None:
    register = small_register()
    for posts in range(1, register.every + 1):
        given = narrow(register, posts)
        kept = sum(1 << place for place, post in enumerate(register.posts) if _fits(post, given))
        assert kept == posts, given


def _fits(post: Post, given: dict[str, Any]) -> bool:
    names = ("clinic", "specialty", "doctor")
    one = all(given.get(f"{name}_id") in {None, getattr(post, f"{name}_id")} for name in names)
    many = all(f"{name}_ids" not in given or getattr(post, f"{name}_id") in given[f"{name}_ids"] for name in names)
    return one and many and ("post_ids" not in given or post.id in given["post_ids"])


async def test_a_clinic_with_a_hundred_thousand_slots_is_paged_by_its_index(database: Database) -> None:
    booking = Booking(database)
    clinic_id = await booking.registry.add_clinic()
    for number, name in enumerate(("Абрамова", "Белова", "Власова", "Громова")):
        place = await booking.registry.add_place(clinic_id, family_name=name)
        await add_many_slots(database, place, number, count=25_000)
    await gather_statistics(database)
    service = SlotSearchService(database=database, access=booking.access, clock=booking.clock)
    for order, days in product((Order.EARLIEST, Order.DOCTOR), (0, 11)):
        criteria = SearchCriteria(clinic_ids=(clinic_id,), starts_from=NOW + timedelta(days=days))
        search = await service.prepare(None, criteria=criteria, order=order)
        first = await search.page(after=None, limit=100)
        second = await search.page(after=first.items[-1].place, limit=100)
        both = [one.slot for one in (*first.items, *second.items)]
        assert len({one.id for one in both}) == 200
        assert both == sorted(both, key=lambda one: (one.starts_at, one.id))
        assert (len({one.doctor.id for one in both}) == 1) is (order is Order.DOCTOR)
    plan = await kept_plan(database, search_queries.page_statement(frozenset({"clinic_id"})))
    assert "slots_clinic_time" in plan, plan
    assert not any(full in plan for full in ("SCAN slots", "Seq Scan on slots", "Sort", "TEMP B-TREE")), plan
