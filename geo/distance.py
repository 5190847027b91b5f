"""Distances on the Earth: exact ones to show, quick ones to rank and to filter by."""

import math
from dataclasses import dataclass

from geopy.distance import geodesic

from geo.errors import PointOutOfRange, RadiusOutOfRange

MEAN_RADIUS_KM = 6371.0088
"""Mean radius R1 of the GRS80 ellipsoid. Source: IUGG, as used by geopy."""

KM_PER_DEGREE = math.pi * MEAN_RADIUS_KM / 180
"""Length of one degree of a great circle."""

LONGEST_RADIUS_KM = 200
"""How far surroundings reach at most."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in WGS 84; degrees, north and east positive.

    Raises:
        PointOutOfRange: Not a place on the Earth.
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        """Refuse what is no place: a comparison with NaN is false, so that NaN is refused too."""
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise PointOutOfRange


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The places within `radius_km` of `centre`, written so that a database can test it by plain arithmetic.

    A place lies inside where
    `(latitude - centre.latitude)² + ((longitude - centre.longitude) * shrink)² <= radius_degrees²`.
    This takes the Earth as flat around the centre: within 200 km and below 65° of latitude the border is off by
    less than 3 %, which is enough to filter by and never shown. It does not look across the 180° meridian.

    Raises:
        RadiusOutOfRange: Not above 0 and at most `LONGEST_RADIUS_KM`.
    """

    centre: Point
    radius_km: float

    def __post_init__(self) -> None:
        """Refuse a radius for which the Earth is not flat, and NaN."""
        if not 0 < self.radius_km <= LONGEST_RADIUS_KM:
            raise RadiusOutOfRange

    @property
    def shrink(self) -> float:
        """How much shorter a degree of longitude is here than one of latitude."""
        return math.cos(math.radians(self.centre.latitude))

    @property
    def radius_degrees(self) -> float:
        """The radius in degrees of latitude."""
        return self.radius_km / KM_PER_DEGREE


def distance_km(start: Point, end: Point) -> float:
    """Return the geodesic distance on the WGS 84 ellipsoid, in km: the one to show.

    Source: Karney (2013), through geopy; about 0.2 ms a call.
    """
    return float(geodesic((start.latitude, start.longitude), (end.latitude, end.longitude)).km)


def ranking_km(start: Point, end: Point) -> float:
    """Return the haversine distance on a sphere, in km: the one to sort by, within 0.6 % of the geodesic."""
    latitude, other = math.radians(start.latitude), math.radians(end.latitude)
    longitude = math.radians(end.longitude - start.longitude)
    chord = math.sin((other - latitude) / 2) ** 2 + math.cos(latitude) * math.cos(other) * math.sin(longitude / 2) ** 2
    return 2 * MEAN_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))
