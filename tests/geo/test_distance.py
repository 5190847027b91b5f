import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.distance import Point, Surroundings, distance_km, ranking_km
from geo.errors import PointOutOfRange, RadiusOutOfRange

KALUGA, OBNINSK = Point(54.5138, 36.2612), Point(55.0968, 36.6101)
KALININGRAD, KAMCHATKA = Point(54.7104, 20.4522), Point(53.0370, 158.6559)

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


def test_distance_is_the_geodesic_of_wgs_84() -> None:
    # The length of the meridian from the equator to the pole, a published constant of the ellipsoid.
    assert distance_km(Point(0, 0), Point(90, 0)) == pytest.approx(10_001.9657, abs=0.0005)
    assert distance_km(KALUGA, OBNINSK) == pytest.approx(68.6, abs=0.3)


@given(points, points)
def test_ranking_agrees_with_the_geodesic_within_its_stated_error(start: Point, end: Point) -> None:
    assert ranking_km(start, end) == pytest.approx(distance_km(start, end), rel=0.006, abs=0.001)


@given(points, points)
def test_ranking_is_symmetric_and_zero_at_home(start: Point, end: Point) -> None:
    assert ranking_km(start, end) == pytest.approx(ranking_km(end, start), abs=1e-6)
    assert ranking_km(start, start) == 0


def test_ranks_across_the_country_as_the_geodesic_does() -> None:
    assert ranking_km(KALUGA, OBNINSK) < ranking_km(KALUGA, KALININGRAD) < ranking_km(KALUGA, KAMCHATKA)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90.01, 0), (-91, 0), (0, 180.5), (0, -181), (math.nan, 0), (0, math.nan), (math.inf, 0)],
)
def test_refuses_what_is_no_place(latitude: float, longitude: float) -> None:
    with pytest.raises(PointOutOfRange):
        Point(latitude, longitude)


@given(
    st.builds(Point, st.floats(-65, 65), st.floats(-170, 170)), st.floats(1, 200), st.floats(-2, 2), st.floats(-4, 4)
)
def test_surroundings_hold_what_is_near_and_nothing_far(
    centre: Point, radius: float, north: float, east: float
) -> None:
    place = Point(centre.latitude + north, centre.longitude + east)
    around = Surroundings(centre, radius)
    inside = north**2 + (east * around.shrink) ** 2 <= around.radius_degrees**2
    if ranking_km(centre, place) < radius * 0.97:
        assert inside
    if ranking_km(centre, place) > radius * 1.03:
        assert not inside


@pytest.mark.parametrize("radius", [0, -1, 200.1, math.nan, math.inf])
def test_refuses_a_radius_for_which_the_earth_is_not_flat(radius: float) -> None:
    with pytest.raises(RadiusOutOfRange):
        Surroundings(KALUGA, radius)
