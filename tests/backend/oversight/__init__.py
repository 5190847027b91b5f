"""Tests of `backend.oversight`."""
