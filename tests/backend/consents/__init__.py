"""Tests of `backend.consents`."""
