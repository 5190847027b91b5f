"""Tests of the face of devices."""
