"""Python's compiled code of generated functions, by their text: equal selections of one type have equal texts.

`compile()` is the dearest step of all. A function's text names its constants by numbers of its own and is told nothing
of where it stands, so that the same fragment met twice, in one operation or in two, is compiled once. Each function has
a copy of the code: Python notes in it what it has learnt of the values that pass, and these differ.
"""

import builtins
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

_MOST_TEXTS, _LONGEST_TEXT = 256, 20_000


def make_function(text: str, name: str, namespace: dict[str, Any]) -> Any:
    """Return the function of a text which is nothing but a `def`.

    Args:
        text: The definition.
        name: What it is called in tracebacks and profiles.
        namespace: What its names mean; it becomes the function's own.
    """
    namespace["__builtins__"] = builtins
    code = _kept_code(text) if len(text) <= _LONGEST_TEXT else _compile(text)
    return FunctionType(code.replace(co_name=name, co_qualname=name), namespace)


def forget_codes() -> None:
    """Forget all code, so that the next compilation costs what the first one does."""
    _kept_code.cache_clear()


def _compile(text: str) -> CodeType:
    module = compile(text, "<compiled>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


_kept_code = lru_cache(_MOST_TEXTS)(_compile)
