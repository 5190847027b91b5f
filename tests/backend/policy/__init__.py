"""Tests of `backend.policy`."""
