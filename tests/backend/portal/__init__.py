"""Tests of the doors of portals."""
