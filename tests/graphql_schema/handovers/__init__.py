"""Tests of the face of handovers."""
