"""The people of the simulated ESIA, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class SimulatedDocument:
    """A document; `kind` is ESIA's word, such as RF_PASSPORT or MDCL_PLCY."""

    kind: str
    number: str
    series: str | None = None
    issue_date: date | None = None
    issued_by: str | None = None
    verified: bool = True
    act_record: str | None = None


@dataclass(frozen=True, slots=True)
class SimulatedKid:
    """A child on the account: it does not prove today's parental rights."""

    oid: int
    last_name: str
    first_name: str
    middle_name: str | None
    birth_date: date
    sex: Sex
    snils: str | None = None
    certificate: SimulatedDocument | None = None


@dataclass(frozen=True, slots=True)
class SimulatedRole:
    """An organisation the person works for; `groups` are the access groups of the client's system (config)."""

    organisation: int
    full_name: str
    ogrn: str
    groups: tuple[str, ...] = ()
    chief: bool = False
    active: bool = True
    branch: int | None = None
    branch_name: str | None = None


@dataclass(frozen=True, slots=True)
class EsiaPerson:
    """Somebody with an account.

    `nick` names a demo person in scripts and commands, "" for the crowd. `snils` is 11 digits, `mobile` E.164.
    `trusted` means confirmed; an account without a SNILS is a simplified one.
    """

    oid: int
    last_name: str
    first_name: str
    middle_name: str | None
    birth_date: date | None
    sex: Sex | None
    nick: str = ""
    snils: str | None = None
    trusted: bool = True
    mobile: str | None = None
    email: str | None = None
    address: str | None = None
    documents: tuple[SimulatedDocument, ...] = ()
    kids: tuple[SimulatedKid, ...] = ()
    roles: tuple[SimulatedRole, ...] = ()
    role_ru: str = ""
    role_en: str = ""

    @property
    def full_name(self) -> str:
        """Family name, given name and patronymic."""
        return " ".join(filter(None, (self.last_name, self.first_name, self.middle_name)))


People = Sequence[EsiaPerson] | Callable[[], Sequence[EsiaPerson]]
"""Everybody with an account; a callable is asked again for every request, so that a demo may grow."""


@dataclass(slots=True)
class Population:
    """Looks people up; the index is rebuilt only when another sequence is given."""

    people: People
    _indexed: Sequence[EsiaPerson] | None = None
    _by_name: Mapping[str, EsiaPerson] = field(default_factory=dict)

    def find(self, name: str) -> EsiaPerson | None:
        """Return the person of this nick or oid."""
        return self._index().get(name)

    def named(self) -> list[EsiaPerson]:
        """Return the demo people, in the order given."""
        return [person for person in self._everybody() if person.nick]

    def search(self, text: str, *, limit: int) -> list[EsiaPerson]:
        """Return people whose name holds every word of `text`, ё as е, in the order given."""
        words = _folded(text).split()
        if not words:
            return []
        found: list[EsiaPerson] = []
        for person in self._everybody():
            if all(word in _folded(person.full_name) for word in words):
                found.append(person)
                if len(found) == limit:
                    break
        return found

    def _everybody(self) -> Sequence[EsiaPerson]:
        return self.people() if callable(self.people) else self.people

    def _index(self) -> Mapping[str, EsiaPerson]:
        everybody = self._everybody()
        if everybody is not self._indexed:
            by_oid = {str(person.oid): person for person in everybody}
            self._by_name = {**by_oid, **{person.nick: person for person in everybody if person.nick}}
            self._indexed = everybody
        return self._by_name


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")
