"""Tests of my devices."""
