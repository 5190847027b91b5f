"""Tests of `identity.esia`."""
