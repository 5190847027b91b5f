"""Turns a set of posts into the fewest words that SQL needs to find exactly its slots."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from backend.slot_search.register import Register

Narrowing = dict[str, Any]
"""Parameters by the names in `search_queries.NARROWING`; the names decide the statement."""


def narrow(register: Register, posts: int) -> Narrowing:
    """Return what narrows slots to those of a set of posts.

    Args:
        register: Whose posts they are.
        posts: Not empty.

    Returns:
        Nothing for every post; clinics and specialties where the set is all of these in all of those; doctors where it
        is all of theirs; else each post.
    """
    if posts == register.every:
        return {}
    return (
        _of_product(register, posts)
        or _of_doctors(register, posts)
        or {"post_ids": [post.id for post in register.posts_in(posts)]}
    )


def narrow_in_clinic(register: Register, posts: int, clinic_id: UUID) -> Narrowing:
    """Return what narrows slots to those of a set of posts of one clinic."""
    given: Narrowing = {"clinic_id": clinic_id}
    whole = register.of_clinic[clinic_id]
    specialties, covered = _covering(register.of_specialty, posts)
    if covered & whole == posts:
        return given if posts == whole else given | _named("specialty", specialties)
    return given | {"post_ids": [post.id for post in register.posts_in(posts)]}


def narrow_to_doctor(register: Register, posts: int, doctor_id: UUID) -> Narrowing:
    """Return what narrows slots to those of a set of posts of one doctor."""
    given: Narrowing = {"doctor_id": doctor_id}
    if posts == register.of_doctor[doctor_id]:
        return given
    return given | {"post_ids": [post.id for post in register.posts_in(posts)]}


def narrow_each_clinic(register: Register, posts: int) -> Narrowing:
    """Return what narrows slots to those of a set of posts, where the clinics are named already."""
    specialties, covered = _covering(register.of_specialty, posts)
    clinics = reduce(or_, (mask for mask in register.of_clinic.values() if mask & posts), 0)
    if covered & clinics == posts:
        return {} if posts == clinics else _named("specialty", specialties)
    return {"post_ids": [post.id for post in register.posts_in(posts)]}


def narrow_each_doctor(register: Register, posts: int) -> Narrowing:
    """Return what narrows slots to those of a set of posts, where the doctors are named already."""
    if _covering(register.of_doctor, posts)[1] == posts:
        return {}
    return {"post_ids": [post.id for post in register.posts_in(posts)]}


def _of_product(register: Register, posts: int) -> Narrowing | None:
    clinics, in_clinics = _covering(register.of_clinic, posts)
    specialties, in_specialties = _covering(register.of_specialty, posts)
    if in_clinics & in_specialties != posts:
        return None
    if in_clinics == posts:
        return _named("clinic", clinics)
    if in_specialties == posts:
        return _named("specialty", specialties)
    return _named("clinic", clinics) | _named("specialty", specialties)


def _of_doctors(register: Register, posts: int) -> Narrowing | None:
    doctors, covered = _covering(register.of_doctor, posts)
    return _named("doctor", doctors) if covered == posts else None


def _covering(masks: Mapping[UUID, int], posts: int) -> tuple[list[UUID], int]:
    """Return whose posts are met, and all of their posts."""
    ids, covered = [], 0
    for one, mask in masks.items():
        if mask & posts:
            ids.append(one)
            covered |= mask
    return ids, covered


def _named(kind: str, ids: list[UUID]) -> Narrowing:
    return {f"{kind}_id": ids[0]} if len(ids) == 1 else {f"{kind}_ids": ids}
