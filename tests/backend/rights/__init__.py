"""Tests of the rights of the subject."""
