"""Fluent files made at random around one thing, which may stand wherever Fluent's grammar lets it."""

from collections.abc import Callable

from fluent.syntax import FluentSerializer, ast
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[int]], int]


class TreeMaker:
    """Makes one file whose message `form` leads to a variable, however far."""

    def __init__(self, draw: Draw, form: str, variable: str) -> None:
        self._draw = draw
        self._form = form
        self._variable = variable
        self._entries: list[ast.Message | ast.Term] = []
        self.way: list[str] = []

    def source(self) -> str:
        """Return the file; `way` then tells through which positions the variable is reached."""
        inside = self._pattern(self._pick(5))
        message = ast.Message(ast.Identifier(self._form), inside)
        if self._pick(4) == 0:
            self.way.append("own attribute")
            message = ast.Message(
                ast.Identifier(self._form), text("t"), attributes=[ast.Attribute(ast.Identifier("note"), inside)]
            )
        return FluentSerializer().serialize(ast.Resource([*self._entries, message]))

    def _pick(self, most: int) -> int:
        return self._draw(st.integers(0, most))

    def _pattern(self, depth: int) -> ast.Pattern:
        around: list[ast.TextElement | ast.Placeable] = [ast.Placeable(self._expression(depth))]
        if self._pick(1):
            around.insert(0, ast.TextElement("before "))
        if self._pick(1):
            around.append(ast.TextElement(" after"))
        return ast.Pattern(around)

    def _expression(self, depth: int) -> ast.InlineExpression | ast.Placeable | ast.SelectExpression:
        if depth <= 0:
            return ast.VariableReference(ast.Identifier(self._variable))
        match self._pick(3):
            case 0:
                self.way.append("nested placeable")
                return ast.Placeable(self._expression(depth - 1))
            case 1:
                self.way.append("selector")
                return ast.SelectExpression(self._selector(depth - 1), [variant("a"), variant("b", default=True)])
            case 2:
                self.way.append("variant")
                hit = ast.Variant(ast.Identifier("a"), self._pattern(depth - 1), default=bool(self._pick(1)))
                return ast.SelectExpression(ast.NumberLiteral("1"), [hit, variant("b", default=not hit.default)])
        return self._inline(depth - 1)

    def _selector(self, depth: int) -> ast.InlineExpression:
        """Return what Fluent's grammar lets stand before `->`."""
        match self._pick(2) if depth > 0 else 2:
            case 0:
                self.way.append("attribute of a term")
                name = self._term(text("t"), self._pattern(depth - 1))
                return ast.TermReference(ast.Identifier(name), ast.Identifier("note"))
            case 1:
                return self._call(depth - 1)
        return ast.VariableReference(ast.Identifier(self._variable))

    def _inline(self, depth: int) -> ast.InlineExpression:
        match self._pick(4) if depth > 0 else 5:
            case 0:
                return self._call(depth - 1)
            case 1:
                self.way.append("argument of a term")
                arguments = ast.CallArguments([self._inline(depth - 1)])
                return ast.TermReference(ast.Identifier(self._term(text("t"))), arguments=arguments)
            case 2:
                self.way.append("term")
                return ast.TermReference(ast.Identifier(self._term(self._pattern(depth - 1))))
            case 3:
                self.way.append("message")
                return ast.MessageReference(ast.Identifier(self._message(self._pattern(depth - 1))))
            case 4:
                self.way.append("attribute of a message")
                name = self._message(text("t"), self._pattern(depth - 1))
                return ast.MessageReference(ast.Identifier(name), ast.Identifier("note"))
        return ast.VariableReference(ast.Identifier(self._variable))

    def _call(self, depth: int) -> ast.FunctionReference:
        self.way.append("argument of a function")
        named = [ast.NamedArgument(ast.Identifier("minimumIntegerDigits"), ast.NumberLiteral("2"))]
        return ast.FunctionReference(ast.Identifier("NUMBER"), ast.CallArguments([self._inline(depth)], named))

    def _term(self, value: ast.Pattern, note: ast.Pattern | None = None) -> str:
        name = f"term-{len(self._entries)}"
        self._entries.append(ast.Term(ast.Identifier(name), value, attributes=_notes(note)))
        return name

    def _message(self, value: ast.Pattern, note: ast.Pattern | None = None) -> str:
        name = f"message-{len(self._entries)}"
        self._entries.append(ast.Message(ast.Identifier(name), value, attributes=_notes(note)))
        return name


def text(said: str) -> ast.Pattern:
    """Return a pattern that says this and no more."""
    return ast.Pattern([ast.TextElement(said)])


def variant(key: str, *, default: bool = False) -> ast.Variant:
    """Return a variant that says its key."""
    return ast.Variant(ast.Identifier(key), text(key), default=default)


def _notes(note: ast.Pattern | None) -> list[ast.Attribute]:
    return [ast.Attribute(ast.Identifier("note"), note)] if note else []
