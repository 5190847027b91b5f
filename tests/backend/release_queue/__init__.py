"""Tests of backend.release_queue."""
