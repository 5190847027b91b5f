"""Objects whose attributes are made when an executor reads them."""

from typing import Any, Protocol

from tests.graphql_schema.equality.plans import Key, Run


class _World(Protocol):
    def outcome(self, run: Run, type_: Any, key: Key) -> Any:
        """Give a value, raise, or do either later."""


class Being:
    """An object of a drawn type; a subclass has a property for each field, whose reading may raise and is written down.

    So its instances are what generated code takes for plain objects, those of `Thing` are not.
    """

    def __init__(self, world: _World, run: Run, type_: Any, key: Key) -> None:
        self._world, self._run, self._key = world, run, key
        self.type_name: str = type_.name
        self._fields: dict[str, Any] = type_.fields
        if run.dice(key, "name").random() < 0.8:
            self.__typename = type_.name

    def __repr__(self) -> str:
        return f"<{self.type_name} {'.'.join(map(str, self._key))}>"

    def _read(self, name: str) -> Any:
        run, key = self._run, (*self._key, name)
        run.note("read", key)
        if run.dice(key, "callable").random() < 0.15:
            return lambda _info, /, **arguments: self._call(name, key, arguments)
        return self._world.outcome(run, self._fields[name].type, key)

    def _call(self, name: str, key: Key, arguments: dict[str, Any]) -> Any:
        self._run.note("called", self._key, name, repr(arguments))
        return self._world.outcome(self._run, self._fields[name].type, key)


class Thing(Being):
    """The same, making its attributes up when they are read."""

    def __getattr__(self, name: str) -> Any:
        if name not in self.__dict__.get("_fields", {}):
            raise AttributeError(name)
        return self._read(name)


def _reading(name: str) -> property:
    return property(lambda being: being._read(name))


def being_class(type_: Any) -> type[Being]:
    """Make the class of the objects of a type."""
    return type(f"Being{type_.name}", (Being,), {name: _reading(name) for name in type_.fields})
