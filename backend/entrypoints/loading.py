"""Loads what only some processes need, when one of them needs it: a cold start pays for nothing else."""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def load(where: str) -> Any:
    """Return the object that `package.module:attribute` names; its module is imported now."""
    module, _, attribute = where.partition(":")
    if module in sys.modules:
        return getattr(sys.modules[module], attribute)
    with undisturbed():
        return getattr(importlib.import_module(module), attribute)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Load modules without the garbage collector, which then forgets them: they stay for the life of the process.

    Looking through ever more of them took a quarter of a cold start; what a load throws away in circles, and so keeps
    for ever, is less than a megabyte.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
