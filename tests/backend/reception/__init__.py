"""Tests of the registry desk."""
