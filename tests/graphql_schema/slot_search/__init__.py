"""Tests of the search in the graph."""
