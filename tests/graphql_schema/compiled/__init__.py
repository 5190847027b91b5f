"""Tests of the compiler of operations."""
