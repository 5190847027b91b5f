"""Tests of backend.waiting_list."""
