"""Tests of `backend.integrations`."""
