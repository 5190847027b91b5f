"""Rows of identity, counted: what a refused sign-in must leave behind is NOTHING."""

import httpx2
from sqlmodel import SQLModel, func, select

from backend.database import Database
from identity.tables import Account, AuthorizationCode, PendingSignIn, RefreshToken, Session
from tests.factories.identity import APP_REDIRECT, House, query_of

TABLES: tuple[type[SQLModel], ...] = (Account, PendingSignIn, AuthorizationCode, Session, RefreshToken)
NOTHING = {"accounts": 0, "pending_sign_ins": 0, "authorization_codes": 0, "sessions": 0, "refresh_tokens": 0}


async def count_rows(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        return {
            str(table.__tablename__): (await session.exec(select(func.count()).select_from(table))).one()
            for table in TABLES
        }


async def callback(house: House, browser: httpx2.AsyncClient, url: str) -> dict[str, str]:
    answered = await browser.get(url)
    assert answered.status_code == 302, answered.text
    assert answered.headers["location"].startswith(APP_REDIRECT)
    assert answered.headers["cache-control"] == "no-store"
    return query_of(answered.headers["location"])
