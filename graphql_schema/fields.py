"""Decorators of resolvers: Strawberry's own, but typed for `mypy --strict`, and with a description that is required.

Plain attributes of a type use `strawberry.field(description=…)`; methods use these.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def field(
    *, description: str, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[Resolver], Resolver]:
    """Make a method a field; a deprecation reason is `"2027-12-01 | use slots | ADR-12"`."""
    made = strawberry.field(description=description, name=name, deprecation_reason=deprecation_reason)
    return cast("Callable[[Resolver], Resolver]", made)


def mutation(
    *, description: str, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[Resolver], Resolver]:
    """Make a method a mutation: one argument `input`, a nullable payload."""
    made = strawberry.mutation(description=description, name=name, deprecation_reason=deprecation_reason)
    return cast("Callable[[Resolver], Resolver]", made)


def subscription(
    *, description: str, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[Resolver], Resolver]:
    """Make an asynchronous generator a subscription."""
    made = strawberry.subscription(description=description, name=name, deprecation_reason=deprecation_reason)
    return cast("Callable[[Resolver], Resolver]", made)
