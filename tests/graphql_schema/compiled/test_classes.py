"""Which classes are plain."""

from collections.abc import Generator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from graphql.pyutils import Undefined

from graphql_schema.compiled.classes import PLAIN, Unread, is_plain


class Record:
    """Plain."""


class Slotted:
    """Plain, without a dictionary."""

    __slots__ = ("name",)


class Method:
    """Can be called."""

    def __call__(self) -> None:
        """Do nothing."""


class Promise:
    """Can be awaited."""

    def __await__(self) -> Generator[Any, None, None]:
        yield


class Inventive:
    """Has any attribute."""

    def __getattr__(self, name: str) -> str:
        return name


Sly = type("Sly", (), {"__class__": property(lambda _self: ValueError)})
"""A class whose instances say they are of another."""


@pytest.mark.parametrize(
    "value", [Record(), Slotted(), 1, "x", [], {}, (), datetime.now().astimezone(), timedelta(), Decimal(1), uuid4()]
)
def test_plain(value: object) -> None:
    assert is_plain(value)
    assert type(value) in PLAIN


@pytest.mark.parametrize(
    "value", [None, Undefined, ValueError("x"), Method(), Promise(), Inventive(), Sly(), Unread(ValueError()), int, len]
)
def test_not_plain(value: object) -> None:
    assert not is_plain(value)
    assert type(value) not in PLAIN


def test_a_coroutine_is_not_plain() -> None:
    async def nothing() -> None: ...

    coroutine = nothing()
    assert not is_plain(coroutine)
    coroutine.close()
