"""A Strawberry schema with what our product uses of Strawberry, whose resolvers follow the plan of the context."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission

from tests.graphql_schema.equality.plans import Key, Run, failure_at, steady
from tests.graphql_schema.equality.strawberry_rooms import Bed, Colour, Room, bed, room, spoilt

Info = strawberry.Info[Run, Any]


@strawberry.input
class Filter:
    text: str | None = strawberry.UNSET
    colour: Colour = Colour.RED
    numbers: list[int] = strawberry.field(default_factory=list)
    since: date | None = None
    inner: "Filter | None" = None


@strawberry.interface
class Named:
    id: strawberry.ID
    name: str | None

    @strawberry.field
    def title(self, info: Info, loud: bool = False) -> str:
        decide(info, "title", loud=loud)
        return f"{self.name}{'!' if loud else ''}"


@strawberry.type
class Ward(Named):
    hall: Room
    best: Room | None
    rooms: tuple[Room, ...]


@strawberry.type
class Clinic(Named):
    colour: Colour
    opened: datetime | None
    price: Decimal
    uuid: UUID
    ratio: float | None
    is_open: bool
    tags: list[str] | None
    codes: list[list[int | None]]
    ward: Ward
    wards: list[Ward | None]


class Allowed(BasePermission):
    message = "not for you"

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        info.context.note("permission", tuple(info.path.as_list()), steady(kwargs))
        return not info.context.fails(("permission", *info.path.as_list()), info.context.dice(key_of(info), "allowed"))


class Louder(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        info.context.note("extension", tuple(info.path.as_list()))
        result = next_(source, info, **kwargs)
        return result.upper() if isinstance(result, str) else result


@strawberry.type
class Visit(Named):
    note: str | None = None
    clinic: Clinic | None = None
    steps: "list[Visit | None]" = strawberry.field(default_factory=list)

    @strawberry.field
    def same(self, info: Info) -> "Visit | None":
        decide(info, "same")
        return self

    @strawberry.field
    async def slow(self, info: Info, ticks: int = 1, filter: Filter | None = None) -> "list[Thing] | None":  # noqa: A002 # a usual name
        await decide_later(info, "slow", ticks=ticks, filter=filter)
        return things(info.context, (*key_of(info), "slow"))

    @strawberry.field(permission_classes=[Allowed])  # type: ignore[untyped-decorator] # Strawberry's
    def secret(self, info: Info) -> str | None:
        decide(info, "secret")
        return self.note

    @strawberry.field(extensions=[Louder()])  # type: ignore[untyped-decorator] # Strawberry's
    def echo(self, text: str | None = None, colours: list[Colour] | None = None) -> str:
        return f"{text} {colours}"

    @strawberry.field
    async def needed(self, info: Info) -> Clinic:
        await decide_later(info, "needed")
        return clinic(info.context, (*key_of(info), "needed"))


@strawberry.type
class Query:
    @strawberry.field
    def visit(self, info: Info, id: strawberry.ID = strawberry.ID("v")) -> Visit | None:  # noqa: A002, B008 # as schemas do
        decide(info, "visit", id=id)
        return visit(info.context, key_of(info))

    @strawberry.field
    async def visits(self, info: Info, filter: Filter = Filter()) -> list[Visit]:  # noqa: A002, B008 # as above
        await decide_later(info, "visits", filter=filter)
        return [visit(info.context, (*key_of(info), number)) for number in range(info.context.plan.longest)]

    @strawberry.field
    def anything(self, info: Info) -> "list[Thing | None]":
        decide(info, "anything")
        return list(things(info.context, key_of(info)))

    @strawberry.field
    def ward(self, info: Info) -> Ward | None:
        decide(info, "ward")
        return ward(info.context, key_of(info))

    @strawberry.field
    async def rooms(self, info: Info, count: int = 2) -> list[Room]:
        await decide_later(info, "rooms", count=count)
        return [room(info.context, (*key_of(info), number)) for number in range(min(count, 3))]

    @strawberry.field
    def beds(self, info: Info) -> "list[Bed | None] | None":
        decide(info, "beds")
        return [bed(info.context, (*key_of(info), number)) for number in range(info.context.plan.longest)]

    @strawberry.field
    def named(self, info: Info) -> Named | None:
        decide(info, "named")
        first: Clinic = things(info.context, key_of(info))[0]
        return first


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change(self, info: Info, input: Filter) -> Visit:  # noqa: A002 # the usual name
        await decide_later(info, "change", input=input)
        return visit(info.context, key_of(info))

    @strawberry.mutation
    def note(self, info: Info, text: str) -> str | None:
        decide(info, "note", text=text)
        return text


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(self, info: Info, count: int = 2) -> AsyncIterator[Visit]:
        info.context.note("subscribe", count)
        for number in range(min(count, 3)):
            key: Key = ("event", number)
            if info.context.fails(key, info.context.dice(key, "event")):
                raise failure_at(key, info.context.dice(key, "failure"))
            yield visit(info.context, key)


Thing = Annotated[Clinic | Visit | Ward, strawberry.union("Thing")]


def key_of(info: Info) -> Key:
    """Return where a resolver stands: the response path."""
    return tuple(info.path.as_list())


def decide(info: Info, name: str, **arguments: Any) -> None:
    """Write down a call, and raise where the plan says so."""
    key = key_of(info)
    info.context.note(name, key, steady(arguments), str(info.return_type), info.python_name)
    dice = info.context.dice(key, "resolver")
    if info.context.fails(key, dice):
        raise failure_at(key, dice)


async def decide_later(info: Info, name: str, **arguments: Any) -> None:
    """Do as `decide`, after a while."""
    key = key_of(info)
    info.context.note(name, key, steady(arguments), str(info.return_type), info.python_name)
    dice = info.context.dice(key, "resolver")
    failure = failure_at(key, dice) if info.context.fails(key, dice) else None
    await info.context.later(key, None, failure, dice)


def clinic(run: Run, key: Key) -> Clinic:
    """Make a clinic; some of its attributes may be wrong."""
    made = Clinic(
        id=strawberry.ID(f"c{len(key)}"),
        name=None if len(key) % 3 == 0 else "Здоровье",
        colour=run.dice(key, "colour").choice(list(Colour)),
        opened=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        price=Decimal("12.50"),
        uuid=UUID(int=7),
        ratio=0.5,
        is_open=True,
        tags=["a", "b"],
        codes=[[1, None], []],
        ward=ward(run, (*key, "ward")),
        wards=[ward(run, (*key, "wards", 0)), None],
    )
    return spoilt(run, made, key)


def ward(run: Run, key: Key) -> Ward:
    """Make a ward; sometimes it is to be taken for another type."""
    dice = run.dice(key, "ward")
    made = Ward(
        id=strawberry.ID(f"w{len(key)}"),
        name=dice.choice(["Ward", None]),
        hall=room(run, (*key, "hall")),
        best=None if dice.random() < 0.3 else room(run, (*key, "best")),
        rooms=tuple(room(run, (*key, "rooms", number)) for number in range(dice.randrange(3))),
    )
    if run.fails((*key, "cast"), run.dice(key, "cast")):
        strawberry.cast(dice.choice([Clinic, Ward]), made)
    return spoilt(run, made, key)


def visit(run: Run, key: Key, depth: int = 2) -> Visit:
    """Make a visit and what is below it; some attributes may be wrong."""
    below = [visit(run, (*key, number), depth - 1) for number in range(run.plan.longest)] if depth else []
    made = Visit(
        id=strawberry.ID("v"),
        name="Visit",
        note=None if depth else "quiet",
        clinic=clinic(run, (*key, "clinic")) if run.dice(key, "clinic").random() < 0.7 else None,
        steps=[*below, None],
    )
    return spoilt(run, made, key)


def things(run: Run, key: Key) -> list[Any]:
    """Make one thing of each kind, sometimes a stranger."""
    made: list[Any] = [clinic(run, (*key, 0)), visit(run, (*key, 1), 1), ward(run, (*key, 2))]
    if run.fails((*key, "stranger"), run.dice(key, "stranger")):
        made.append(run.dice(key, "which").choice([3, "x", ValueError("in the list"), {"id": 1}]))
    return made


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)
