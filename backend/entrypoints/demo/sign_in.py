"""Signing in as a demo person without a browser; the roof offers it outside production only."""

from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.demo.named import FIRST_OID, NAMED
from identity.errors import AccountUnknown
from identity.sessions import Sessions
from identity.settings import IdentitySettings
from identity.tokens import AccessTokens

CLIENT_ID = "web"


class DemoPersonUnknown(Exception):
    """No demo person of that name, or the region was not seeded; the text says which names there are."""


async def development_token(
    *, nick: str, database: Database, tokens: AccessTokens, settings: IdentitySettings, clock: Clock
) -> str:
    """Open a session for a demo person and return its access token.

    Raises:
        DemoPersonUnknown: Nobody is called so, or the person is not in this database.
    """
    numbers = {one.nick: number for number, one in enumerate(NAMED)}
    if nick not in numbers:
        raise DemoPersonUnknown(f"no demo person {nick!r}; there are: {', '.join(numbers)}")
    sessions = Sessions(transaction=database.transaction, tokens=tokens, clock=clock, settings=settings.tokens)
    subject = str(FIRST_OID + numbers[nick])
    try:
        grant = await sessions.open_for_development(issuer=settings.esia.issuer, subject=subject, client_id=CLIENT_ID)
    except AccountUnknown as error:
        raise DemoPersonUnknown(f"{nick!r} is not in this database: run `zdorovye seed`") from error
    return grant.access_token
