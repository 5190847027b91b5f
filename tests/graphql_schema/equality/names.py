"""Names and strings that a careless generator of Python source would trip over; all of them are legal GraphQL."""

import random
from collections.abc import Container, Sequence

# Legal names of fields, arguments, variables, enum values: keywords, builtins, and what a generated function might use.
_FIELD_WORDS = """
    class def None_ self _ print lambda import return async await yield global nonlocal del pass try with raise
    not is source info args root result results errors data path context key value values items get keys type
    list dict str int object len iter next repr Exception TypeError getattr isinstance locals globals exec eval
    open _private a b c name id nodes schema resolve completed e f i n v x r0 _0 f1 execute node False_ True_
    mro copy update pop
"""
_TYPE_WORDS = """
    Person Visit dict List object Type int Exception None_ class Self Any Dict Node
"""
# A response key, a variable, a fragment and an operation may even begin with two underscores.
_ALIAS_WORDS = """
    __x __init__ __class__ __builtins__ __import__ None True __
"""
_ENUM_WORDS = """
    RED BLUE None True False_ def class self _ print None_ Ellipsis
"""
FIELDS: tuple[str, ...] = tuple(_FIELD_WORDS.split())
ALIASES: tuple[str, ...] = (*FIELDS, *_ALIAS_WORDS.split())
TYPES: tuple[str, ...] = tuple(_TYPE_WORDS.split())
ENUM_VALUES: tuple[str, ...] = tuple(_ENUM_WORDS.split())

# GraphQL source of strings, quotes included.
STRINGS: tuple[str, ...] = (
    '""',
    '"plain"',
    '"\\"); raise SystemExit(1) #"',
    "\"''' + __import__('os').name + '''\"",
    '"{0} %s {__class__} ${x}"',
    '"\\\\"',
    '"\\n\\t\\r\\b"',
    '"\\u2028\\u0000\\uFFFF"',
    '"Здоровье 健康 \U0001f600"',
    '"""block \\""" "quoted" \\n not escaped"""',
    '"""\n    indented\n      more\n"""',
)


def fresh_name(dice: random.Random, pool: Sequence[str], taken: Container[str]) -> str:
    """Draw a name of the pool that is not taken; when the pool gives none, one with a number."""
    for _ in range(6):
        if (name := dice.choice(pool)) not in taken:
            return name
    number = dice.randrange(10)
    while (name := f"{pool[0]}{number}") in taken:
        number += 1
    return name
