"""Rooms and beds of the Strawberry schema: nothing but attributes, of objects of several classes."""

import enum
from typing import Any, TypeVar

import strawberry

from tests.graphql_schema.equality.plans import Key, Run, failure_at

T = TypeVar("T")
_WRONG: tuple[Any, ...] = (None, 3, "x", object, [], {}, 1.5, float("nan"), 2**40, b"b", True, ("a",))


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"
    NONE = 0


@strawberry.type
class Bed:
    code: str
    width: int | None
    is_free: bool
    reason: Colour | None


@strawberry.type
class Room:
    number: int
    area: float
    colour: Colour
    first: Bed
    spare: Bed | None
    beds: list[Bed]
    rows: list[list[Bed | None] | None]
    names: list[str | None]


class OtherBed:
    """A bed that is no Strawberry type: all the same where nobody asks for its class."""

    __slots__ = ("code", "is_free", "reason", "width")

    def __init__(self, code: str) -> None:
        self.code, self.width, self.is_free, self.reason = code, None, False, Colour.RED


class WatchedBed(Bed):
    """A bed that writes down when its code is read."""

    watching: Run

    @property
    def code(self) -> str:
        self.watching.note("read", self.__dict__["code"])
        return str(self.__dict__["code"])

    @code.setter
    def code(self, value: str) -> None:
        self.__dict__["code"] = value


def bed(run: Run, key: Key) -> Any:
    """Make a bed, of one class or another; some of its attributes may be wrong."""
    dice = run.dice(key, "bed")
    kind = dice.random()
    if kind < 0.1 * (run.plan.faults > 0):
        watched = WatchedBed(code=f"w{len(key)}", width=1, is_free=True, reason=None)
        watched.watching = run
        return watched
    if kind < 0.3:
        return OtherBed(f"o{len(key)}")
    return spoilt(run, Bed(code=f"b{len(key)}", width=dice.choice([None, 90]), is_free=True, reason=Colour.BLUE), key)


def room(run: Run, key: Key) -> Room:
    """Make a room; some of its attributes, and of those below, may be wrong."""
    dice = run.dice(key, "room")
    made = Room(
        number=dice.randrange(100),
        area=dice.choice([12.5, 0.0]),
        colour=dice.choice(list(Colour)),
        first=bed(run, (*key, "first")),
        spare=None if dice.random() < 0.3 else bed(run, (*key, "spare")),
        beds=[bed(run, (*key, "beds", number)) for number in range(run.plan.longest)],
        rows=[[bed(run, (*key, "rows")), None], None, []],
        names=["a", None],
    )
    return spoilt(run, made, key)


def spoilt(run: Run, made: T, key: Key) -> T:
    """Make some attributes wrong, missing or late, as the plan says."""
    for name in [name for name in vars(made) if not name.startswith("__")]:
        dice = run.dice((*key, name), "spoil")
        if run.fails((*key, name), dice) and dice.random() < 0.5:
            if dice.random() < 0.2:
                delattr(made, name)  # reading it raises
            else:
                setattr(made, name, failure_at(key, dice) if dice.random() < 0.2 else dice.choice(_WRONG))
        elif run.waits((*key, name), dice) and dice.random() < 0.1:
            setattr(made, name, run.future(getattr(made, name), None, now=dice.random() < 0.5))
    return made
