"""Every domain service in one value: what the face may ask."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Services:
    """One field a domain service; built by the roof."""
