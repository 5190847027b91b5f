"""Tests of backend.call_backs."""
