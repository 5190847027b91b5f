"""Tests of the face of preferences."""
