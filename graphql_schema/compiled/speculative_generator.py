"""Writes one operation speculatively where there is nothing but attributes, and carefully everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType
from graphql.execution.values import VariableValues

from graphql_schema.compiled.bailouts import speculating
from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.generator import Generator
from graphql_schema.compiled.positions import Complete, Position
from graphql_schema.compiled.selections import Place
from graphql_schema.compiled.speculation import SpeculativeWriter


class SpeculativeGenerator(Generator):
    """A generator whose functions for plain parts are speculative; careful ones are written when those bail out."""

    def __init__(self, environment: Environment, values: VariableValues, known: Mapping[str, Any]) -> None:
        """Begin, as `Generator`; what it is told is kept for careful functions, which are written at run time."""
        super().__init__(environment, values, known)
        self._speculation = SpeculativeWriter(environment, self.selections, self.writer)
        self._told = environment, values, known

    def speculates_here(self, place: Place, at: Position) -> bool:
        """Write a speculative function for the values of a position where it stands; tell whether there is one.

        None within a careful list: there, calling a function for each item costs more than careful code in its place.
        """
        if place.lists or (speculation := self._speculation.write(at, at.type)) is None:
            return False
        at.speculative = speculation.function
        told = self._told
        at.complete = speculating(speculation, lambda: Generator(*told).completion(at))
        return True

    def completion(self, at: Position) -> Complete:
        """Write a function that completes the values of a position, which are of no abstract type."""
        speculation = self._speculation.write(at, at.type)
        if speculation is None:
            return super().completion(at)
        told = self._told
        return speculating(speculation, lambda: Generator(*told).completion(at))

    def possible_body(self, at: Position, type_: GraphQLObjectType) -> Complete:
        """Write a function that completes the objects of one of the types that are possible at a position."""
        speculation = self._speculation.write(at, GraphQLNonNull(type_))
        if speculation is None:
            return super().possible_body(at, type_)
        told = self._told
        return speculating(speculation, lambda: Generator(*told).possible_body(at, type_))
