"""Tests of the federal registry's words."""
