"""All of the family in one value: what the face may ask."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.clock import Clock
from backend.database import Database
from backend.family.changes import Changes
from backend.family.children import Children
from backend.family.desk import FamilyDesk
from backend.family.endings import Endings
from backend.family.grants import Grants
from backend.family.guardianships import Guardianships
from backend.family.ports import KnownChildren, PersonRegister
from backend.family.relations import Relations
from identity.access_control import AccessControl
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class Family:
    """A field each kind of use-case."""

    relations: Relations
    children: Children
    grants: Grants
    endings: Endings
    guardianships: Guardianships
    desk: FamilyDesk


def build_family(
    *,
    database: Database,
    access: AccessControl,
    clock: Clock,
    published: Callable[[PersonId], None],
    known: KnownChildren,
    directory: PersonRegister,
) -> Family:
    """Join the use-cases to one way of making changes; `published` wakes who watches an inbox, after the commit."""
    changes = Changes(access=access, clock=clock, published=published)
    return Family(
        relations=Relations(database=database, access=access, clock=clock, children=known),
        children=Children(changes=changes, children=known, directory=directory),
        grants=Grants(database=database, changes=changes),
        endings=Endings(changes=changes),
        guardianships=Guardianships(database=database, changes=changes),
        desk=FamilyDesk(database=database, access=access, changes=changes, directory=directory),
    )
