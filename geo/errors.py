"""Refusals of geo, of the same form as those of the other leaves."""

from typing import ClassVar


class GeoRefusal(Exception):
    """An expected "no" with a stable code; its text never holds a position of a person."""

    code: ClassVar[str]

    def __init__(self) -> None:
        """Say the stable code, so that a log line needs no more."""
        super().__init__(self.code)


class PointOutOfRange(GeoRefusal):
    """A latitude beyond ±90, a longitude beyond ±180, or not a number."""

    code = "POINT_OUT_OF_RANGE"


class RadiusOutOfRange(GeoRefusal):
    """Not above 0 and at most 200 km."""

    code = "RADIUS_OUT_OF_RANGE"
