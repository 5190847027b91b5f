"""Loads what only some processes need, when one of them needs it: a cold start pays for nothing else."""

import importlib
from typing import Any


def load(where: str) -> Any:
    """Return the object that `package.module:attribute` names; its module is imported now."""
    module, _, attribute = where.partition(":")
    return getattr(importlib.import_module(module), attribute)
