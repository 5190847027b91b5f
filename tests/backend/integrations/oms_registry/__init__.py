"""Tests of `backend.integrations.oms_registry`."""
