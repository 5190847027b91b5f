"""Tests of `backend.profile`."""
