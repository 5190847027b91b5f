"""Tests of the face of the family."""
