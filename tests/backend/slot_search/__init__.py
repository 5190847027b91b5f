"""Tests of the search for slots."""
