"""Tests of `backend.devices`."""
