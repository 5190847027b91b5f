"""Who is loaded with what, beside whom: the servers by name, and the contests that a run goes through."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from tests.bench.works import Asked

PEERS = str(Path(__file__).with_name("peers"))
PORT = "{port}"
"""Stands in a command for the port that the server gets."""


class Engine(StrEnum):
    """Which database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Server(StrEnum):
    """What is measured."""

    GRAPHQL = "graphql"
    TWO_WORKERS = "graphql-2-workers"
    FOUR_WORKERS = "graphql-4-workers"
    WITH_REDIS = "graphql-with-redis"
    REST = "rest"
    STRAWBERRY = "strawberry"
    STRAWBERRY_CACHED = "strawberry-cached"
    ORM = "orm"
    FLOOR = "floor"
    GRAPHQL_BARE = "graphql-bare"
    GRAPHQL_CAREFUL = "graphql-careful"
    REST_BARE = "rest-bare"
    LOADERS = "loaders"
    MERCURIUS = "mercurius"
    MERCURIUS_LOADERS = "mercurius-loaders"
    POSTGRAPHILE = "postgraphile"
    SCREEN = "screen"
    MERCURIUS_SCREEN = "mercurius-screen"
    STRAWBERRY_SCREEN = "strawberry-screen"


@dataclass(frozen=True, slots=True)
class Entry:
    """How a server is started and asked."""

    command: tuple[str, ...]
    asked: Asked
    needs_node: bool = False
    needs_redis: bool = False


def _product(*options: str) -> tuple[str, ...]:
    return (str(Path(sys.executable).with_name("zdorovye")), "serve", *options)


def _python(kind: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.bench.peers", kind, PORT)


def _mercurius(shape: str) -> tuple[str, ...]:
    return ("node", f"{PEERS}/mercurius.mjs", shape, PORT)


SERVERS: Mapping[Server, Entry] = MappingProxyType(
    {
        Server.GRAPHQL: Entry(_product(), Asked.TRUSTED),
        Server.TWO_WORKERS: Entry(_product("--workers", "2"), Asked.TRUSTED, needs_redis=True),
        Server.FOUR_WORKERS: Entry(_product("--workers", "4"), Asked.TRUSTED, needs_redis=True),
        Server.WITH_REDIS: Entry(_product(), Asked.TRUSTED, needs_redis=True),
        Server.REST: Entry(_python("rest"), Asked.REST),
        Server.STRAWBERRY: Entry(_python("strawberry"), Asked.TEXT),
        Server.STRAWBERRY_CACHED: Entry(_python("strawberry-cached"), Asked.TEXT),
        Server.ORM: Entry(_python("orm"), Asked.TEXT),
        Server.FLOOR: Entry(_python("floor"), Asked.TRUSTED),
        Server.GRAPHQL_BARE: Entry(_python("graphql-bare"), Asked.TRUSTED),
        Server.GRAPHQL_CAREFUL: Entry(_python("graphql-careful"), Asked.TRUSTED),
        Server.REST_BARE: Entry(_python("rest-bare"), Asked.REST),
        Server.LOADERS: Entry(_python("loaders"), Asked.TEXT),
        Server.MERCURIUS: Entry(_mercurius("sections"), Asked.PERSON, needs_node=True),
        Server.MERCURIUS_LOADERS: Entry(_mercurius("relations"), Asked.PERSON, needs_node=True),
        Server.SCREEN: Entry(_python("screen"), Asked.TEXT),
        Server.MERCURIUS_SCREEN: Entry(_mercurius("screen"), Asked.PERSON, needs_node=True),
        Server.STRAWBERRY_SCREEN: Entry(_python("strawberry-screen"), Asked.TEXT),
        Server.POSTGRAPHILE: Entry(("node", f"{PEERS}/postgraphile.mjs", PORT), Asked.TABLES, needs_node=True),
    }
)


class Part(StrEnum):
    """What can be asked for alone, in the order of a run."""

    HOME = "home"
    SLOTS = "slots"
    BARE = "bare"
    GATEWAY = "gateway"
    NODE = "node"
    WORKERS = "workers"
    PACED = "paced"
    FANOUT = "fanout"
    COLD = "cold"
    COMPILE = "compile"
    MESSAGES = "messages"
    SEARCH = "search"
    CONTENTION = "contention"
    GROWTH = "growth"


LEAST_ROUNDS: Mapping[Part, int] = MappingProxyType(
    {Part.BARE: 15, Part.NODE: 9, Part.WORKERS: 15, Part.PACED: 9, Part.GROWTH: 45}
)
"""Where rounds lie so far apart that the median of a few may miss a target that is met, or meet one that is missed.

Growth: a median of fifteen is no surer than by 5 to 8 %, and its target is 10 %; a multiple of the number of sizes, so
that each is the first of a round as often as the others.
"""


@dataclass(frozen=True, slots=True)
class Contest:
    """One work and the servers that are loaded with it in turn; the answers of all must equal the first one's."""

    part: Part
    work: str
    servers: tuple[Server, ...]


_WITH_PEERS = (
    Server.GRAPHQL,
    Server.REST,
    Server.STRAWBERRY,
    Server.STRAWBERRY_CACHED,
    Server.ORM,
    Server.FLOOR,
)
_ALONE = (Server.GRAPHQL, Server.REST, Server.FLOOR)
_BARE = (Server.GRAPHQL_BARE, Server.REST_BARE)

CONTESTS: Mapping[Engine, tuple[Contest, ...]] = MappingProxyType(
    {
        Engine.SQLITE: (Contest(Part.HOME, "home", _ALONE), Contest(Part.SLOTS, "slots", _ALONE)),
        Engine.POSTGRESQL: (
            Contest(Part.HOME, "home", _WITH_PEERS),
            Contest(Part.SLOTS, "slots", _WITH_PEERS),
            Contest(Part.BARE, "home", (*_BARE, Server.GRAPHQL)),
            Contest(Part.BARE, "slots", (*_BARE, Server.GRAPHQL_CAREFUL)),
            Contest(
                Part.GATEWAY,
                "facts",
                (
                    Server.GRAPHQL_BARE,
                    Server.SCREEN,
                    Server.MERCURIUS_SCREEN,
                    Server.STRAWBERRY_SCREEN,
                    Server.ORM,
                ),
            ),
            Contest(
                Part.NODE,
                "facts",
                (
                    Server.GRAPHQL_BARE,
                    Server.MERCURIUS,
                    Server.LOADERS,
                    Server.MERCURIUS_LOADERS,
                    Server.POSTGRAPHILE,
                ),
            ),
        ),
    }
)
"""What is measured under load, by database."""
