"""Signing in as a demo person without a browser; the roof offers it outside production only."""

from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.demo.named import FIRST_OID, NAMED, NamedPerson
from backend.entrypoints.demo.organisations import EMPLOYMENTS
from backend.entrypoints.demo.staff import ALIASES
from identity.employment import employee_position
from identity.errors import AccountUnknown, SignInRefused
from identity.esia.people import SimulatedRole
from identity.esia.values import EsiaRole
from identity.positions import AS_CITIZEN, Position
from identity.principal import ActorKind
from identity.sessions import Sessions
from identity.settings import IdentitySettings
from identity.tokens import AccessTokens

CLIENT_ID = "web"


class DemoPersonUnknown(Exception):
    """No demo person of that name, or the region was not seeded; the text says which names there are."""


async def development_token(
    *, nick: str, database: Database, tokens: AccessTokens, settings: IdentitySettings, clock: Clock
) -> str:
    """Open a session for a demo person and return its access token; of staff, at the desk their employer gives them.

    Raises:
        DemoPersonUnknown: Nobody is called so, the person is not in this database, or the settings name no app or
            organisation for what they do.
    """
    numbers = {one.nick: number for number, one in enumerate(NAMED)}
    nick = ALIASES.get(nick, nick)
    if nick not in numbers:
        raise DemoPersonUnknown(f"no demo person {nick!r}; there are: {', '.join((*numbers, *ALIASES))}")
    sessions = Sessions(transaction=database.transaction, tokens=tokens, clock=clock, settings=settings.tokens)
    subject = str(FIRST_OID + numbers[nick])
    try:
        client_id, position = _desk_of(NAMED[numbers[nick]], settings)
        grant = await sessions.open_for_development(
            issuer=settings.esia.issuer, subject=subject, client_id=client_id, position=position
        )
    except AccountUnknown as error:
        raise DemoPersonUnknown(f"{nick!r} is not in this database: run `zdorovye seed`") from error
    return grant.access_token


def _desk_of(person: NamedPerson, settings: IdentitySettings) -> tuple[str, Position]:
    """Return the app that somebody works with, and as what."""
    if person.kind is ActorKind.CITIZEN:
        return CLIENT_ID, AS_CITIZEN
    try:
        app = next(one for one in settings.apps if one.signs_in is person.kind)
        position = employee_position(
            [employee_role(role) for role in EMPLOYMENTS[person.nick]],
            kind=person.kind,
            organizations=settings.organizations,
            chosen=None,
        )
    except (StopIteration, SignInRefused) as error:
        raise DemoPersonUnknown(f"no app or organisation of the settings is for {person.nick!r}") from error
    return app.client_id, position


def employee_role(role: SimulatedRole) -> EsiaRole:
    """Return a role as ESIA would tell it."""
    return EsiaRole(
        organisation=str(role.organisation),
        full_name=role.full_name,
        ogrn=role.ogrn,
        branch=None,
        branch_name=None,
        is_chief=role.chief,
        groups=role.groups,
    )
