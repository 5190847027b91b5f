"""Tests of `backend.inbox`."""
