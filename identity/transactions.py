"""The house's transactions, with its failures told in identity's words."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.errors import SignInUnavailable

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Opens a writing session that commits on leaving and rolls back on any exception."""


def translated(transaction: Transaction, unavailable: tuple[type[Exception], ...]) -> Transaction:
    """Return the same transactions, raising `SignInUnavailable` from any of `unavailable`."""

    @asynccontextmanager
    async def open_translated() -> AsyncIterator[AsyncSession]:
        try:
            async with transaction() as session:
                yield session
        except unavailable as error:
            raise SignInUnavailable from error

    return open_translated
